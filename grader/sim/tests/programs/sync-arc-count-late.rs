//! outputs: ["1\n", "2\n"]
//! A thread that only drops its clone may do so after the count is looked at,
//! though it could have ended before.

use std::sync::Arc;
use std::thread;

fn main() {
    let shared = Arc::new(5);
    let clone = shared.clone();
    let thread = thread::spawn(move || drop(clone));
    println!("{}", Arc::strong_count(&shared));
    thread.join().unwrap();
}
