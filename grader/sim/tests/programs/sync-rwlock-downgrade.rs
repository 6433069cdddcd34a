//! outputs: ["", "1\n"]
//! ending: exit 0
//! ending: deadlock
//! says: "call":"Barrier::wait"
//!
//! A writer that goes on as a reader lets other readers in, and no writer comes
//! in between. Only a writer that comes later keeps a reader out that comes
//! later still.

use std::sync::{Arc, Barrier, RwLock, RwLockWriteGuard};
use std::thread;

fn main() {
    let lock = Arc::new(RwLock::new(0));
    let met = Arc::new(Barrier::new(2));
    let mut writing = lock.write().unwrap();
    let reader = {
        let (lock, met) = (lock.clone(), met.clone());
        thread::spawn(move || {
            let reading = lock.read().unwrap();
            met.wait();
            *reading
        })
    };
    let writer = {
        let lock = lock.clone();
        thread::spawn(move || *lock.write().unwrap() = 9)
    };
    *writing = 1;
    let reading = RwLockWriteGuard::downgrade(writing);
    assert_eq!(*reading, 1);
    met.wait();
    let seen = *reading;
    drop(reading);
    writer.join().unwrap();
    assert!(matches!(reader.join(), Ok(1)));
    println!("{seen}");
}
