//! outputs: ["1\n", "2\n"]
//!
//! To read, and to write on the strength of what was read, is not atomic; and
//! two readers are let in together, for each waits for the other.

use std::sync::{Arc, Barrier, RwLock};
use std::thread;

fn main() {
    let lock = Arc::new(RwLock::new(0));
    let both = Arc::new(Barrier::new(2));
    let threads: Vec<_> = (0..2)
        .map(|_| {
            let (lock, both) = (lock.clone(), both.clone());
            thread::spawn(move || {
                let reading = lock.read().unwrap();
                both.wait();
                drop(reading);
                let seen = *lock.read().unwrap();
                *lock.write().unwrap() = seen + 1;
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    println!("{}", lock.read().unwrap());
}
