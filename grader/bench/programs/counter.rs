//! Four threads add to one counter behind a lock, ten times each.

use std::sync::Arc;

use crate::model::sync::Mutex;
use crate::model::thread;

pub(super) fn run() {
    let counter = Arc::new(Mutex::new(0_u32));
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let counter = Arc::clone(&counter);
            thread::spawn(move || {
                for _ in 0..10 {
                    if let Ok(mut counter) = counter.lock() {
                        *counter += 1;
                    }
                }
            })
        })
        .collect();
    for thread in threads {
        assert!(thread.join().is_ok());
    }
    assert!(counter.lock().is_ok_and(|counter| *counter == 40));
}
