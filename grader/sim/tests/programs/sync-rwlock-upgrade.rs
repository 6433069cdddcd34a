//! outputs: [""]
//! ending: deadlock
//! says: "call":"RwLock::write"
//! says: "holders":[{"place":{"column":21,"file":"src/main.rs","line":12},"thread":0}]
//!
//! A thread that would write what it still reads waits for itself.

use std::sync::RwLock;

fn main() {
    let lock = RwLock::new(0);
    let seen = lock.read().unwrap();
    *lock.write().unwrap() = *seen + 1;
    println!("never");
}
