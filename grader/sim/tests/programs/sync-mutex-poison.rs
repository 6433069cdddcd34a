//! outputs: ["poisoned: true\nlock: 1\ntry: 1\ncleared: false\nwaited: 2 true\ninto: 2\n"]
//!
//! A panic while the mutex is held poisons it, also for one who waits on a
//! condition variable; a guard that is made in a panic does not.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, TryLockError};
use std::thread;

struct Locks<'a>(&'a Mutex<u32>);

impl Drop for Locks<'_> {
    fn drop(&mut self) {
        drop(self.0.lock());
    }
}

fn main() {
    let mutex = Arc::new(Mutex::new(1));
    let quiet = catch_unwind(AssertUnwindSafe(|| {
        let _locks = Locks(&mutex);
        panic!("on purpose");
    }));
    assert!(quiet.is_err() && !mutex.is_poisoned());

    let other = mutex.clone();
    let failed = thread::spawn(move || {
        let _held = other.lock().unwrap();
        panic!("on purpose");
    });
    assert!(failed.join().is_err());
    println!("poisoned: {}", mutex.is_poisoned());
    println!("lock: {}", mutex.lock().unwrap_err().into_inner());
    match mutex.try_lock() {
        Err(TryLockError::Poisoned(error)) => println!("try: {}", error.get_ref()),
        _ => unreachable!(),
    };
    mutex.clear_poison();
    println!("cleared: {}", mutex.is_poisoned());

    let condvar = Arc::new(Condvar::new());
    let guard = mutex.lock().unwrap();
    let failed = {
        let (mutex, condvar) = (mutex.clone(), condvar.clone());
        thread::spawn(move || {
            let mut held = mutex.lock().unwrap();
            *held = 2;
            condvar.notify_all();
            panic!("on purpose");
        })
    };
    let waited = condvar.wait_while(guard, |value| *value == 1);
    println!(
        "waited: {} {}",
        **waited.as_ref().unwrap_err().get_ref(),
        waited.is_err()
    );
    drop(waited);
    assert!(failed.join().is_err());
    let mutex = Arc::into_inner(mutex).unwrap();
    println!("into: {}", mutex.into_inner().unwrap_err().into_inner());
}
