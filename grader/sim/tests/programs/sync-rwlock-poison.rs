//! outputs: ["readers do not poison\nwriters do: 2\ntry: 2\ncleared: 3\nowned: 4\n"]
//!
//! A panic poisons the lock that it writes, and only that.

use std::sync::{Arc, RwLock, TryLockError};
use std::thread;

fn main() {
    let lock = Arc::new(RwLock::new(1));
    let reader = lock.clone();
    let result = thread::spawn(move || {
        let _reading = reader.read().unwrap();
        panic!("while it reads");
    })
    .join();
    assert!(result.is_err());
    assert!(!lock.is_poisoned());
    println!("readers do not poison");

    let writer = lock.clone();
    let result = thread::spawn(move || {
        let mut value = writer.write().unwrap();
        *value = 2;
        panic!("while it writes");
    })
    .join();
    assert!(result.is_err());
    assert!(lock.is_poisoned());
    println!("writers do: {}", *lock.read().unwrap_err().into_inner());
    match lock.try_write() {
        Err(TryLockError::Poisoned(error)) => println!("try: {}", **error.get_ref()),
        _ => unreachable!(),
    }
    *lock.write().unwrap_or_else(|error| {
        lock.clear_poison();
        error.into_inner()
    }) = 3;
    println!("cleared: {}", lock.read().unwrap());

    let mut owned = RwLock::from(3);
    *owned.get_mut().unwrap() += 1;
    println!("owned: {}", owned.into_inner().unwrap());
    assert_eq!(*RwLock::<u32>::default().read().unwrap(), 0);
}
