//! outputs: ["", "done\n"]
//! ending: exit 0
//! ending: deadlock
//! says: "call":"RwLock::read"
//! says: "call":"RwLock::write"
//!
//! A thread that reads again what it reads waits for ever where a writer has
//! come in between.

use std::sync::{Arc, RwLock};
use std::thread;

fn main() {
    let lock = Arc::new(RwLock::new(0));
    let other = lock.clone();
    let writer = thread::spawn(move || *other.write().unwrap() += 1);
    let outer = lock.read().unwrap();
    let inner = lock.read().unwrap();
    assert_eq!(*outer, *inner);
    drop((outer, inner));
    writer.join().unwrap();
    println!("done");
}
