//! outputs: ["1 free\n", "0 free\n", "0 kept out\n"]
//!
//! A writer that waits keeps those out who only try to read, but nobody who
//! comes before it waits.

use std::sync::{Arc, RwLock, TryLockError};
use std::thread;

fn main() {
    let lock = Arc::new(RwLock::new(0));
    let writer = {
        let lock = lock.clone();
        thread::spawn(move || *lock.write().unwrap() = 1)
    };
    let reading = lock.read().unwrap();
    let seen = *reading;
    let told = match lock.try_read() {
        Ok(_) => "free",
        Err(TryLockError::WouldBlock) => "kept out",
        Err(TryLockError::Poisoned(_)) => unreachable!(),
    };
    drop(reading);
    writer.join().unwrap();
    println!("{seen} {told}");
}
