//! outputs: ["done\n"]
//! A loop that looks at a count until it is alone ends, since the other thread
//! gets its turns.

use std::sync::Arc;
use std::thread;

fn main() {
    let shared = Arc::new(());
    let theirs = shared.clone();
    thread::spawn(move || drop(theirs));
    while Arc::strong_count(&shared) > 1 {}
    println!("done");
}
