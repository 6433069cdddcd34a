//! outputs: ["false 2\n", "false 3\n"]
//! What a thread learns from the count of an `Arc` depends on the others.

use std::sync::Arc;
use std::thread;

fn main() {
    let kept = Arc::new(5);
    let (taken, looked_at) = (kept.clone(), kept.clone());
    let first = thread::spawn(move || Arc::try_unwrap(taken).is_ok());
    let second = thread::spawn(move || Arc::strong_count(&looked_at));
    println!("{} {}", first.join().unwrap(), second.join().unwrap());
}
