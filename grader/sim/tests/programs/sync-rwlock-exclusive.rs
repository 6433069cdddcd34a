//! outputs: ["3\n"]
//!
//! A writer is alone: nobody sees the value between its two halves.

use std::sync::RwLock;
use std::thread;

static PAIR: RwLock<(u32, u32)> = RwLock::new((0, 0));

fn add() {
    let mut pair = PAIR.write().unwrap();
    pair.0 += 1;
    thread::yield_now();
    pair.1 += 1;
}

fn main() {
    thread::scope(|scope| {
        scope.spawn(add);
        scope.spawn(add);
        scope.spawn(|| {
            let pair = PAIR.read().unwrap();
            assert_eq!(pair.0, pair.1);
        });
        scope.spawn(|| match PAIR.try_write() {
            Ok(mut pair) => *pair = (pair.0, pair.1),
            Err(error) => assert!(matches!(error, std::sync::TryLockError::WouldBlock)),
        });
    });
    add();
    println!("{}", PAIR.read().unwrap().0);
}
