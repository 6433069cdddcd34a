//! outputs: ["None\n", "Some(1)\n"]
//! A weak reference may be upgraded before or after the value is gone.

use std::sync::Arc;
use std::thread;

fn main() {
    let strong = Arc::new(1);
    let weak = Arc::downgrade(&strong);
    let thread = thread::spawn(move || weak.upgrade().map(|value| *value));
    drop(strong);
    println!("{:?}", thread.join().unwrap());
}
