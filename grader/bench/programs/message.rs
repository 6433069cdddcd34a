//! A value is handed over with a flag: two threads, atomic loads and stores.

use std::sync::Arc;

use crate::model::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use crate::model::thread;

pub(super) fn run() {
    let shared = Arc::new((AtomicU32::new(0), AtomicBool::new(false)));
    let writer = thread::spawn({
        let shared = Arc::clone(&shared);
        move || {
            for value in 1..=4 {
                shared.0.store(value, Ordering::SeqCst);
                shared.1.store(value == 4, Ordering::SeqCst);
            }
        }
    });
    let reader = thread::spawn({
        let shared = Arc::clone(&shared);
        move || {
            for _ in 0..4 {
                if shared.1.load(Ordering::SeqCst) {
                    assert_eq!(shared.0.load(Ordering::SeqCst), 4);
                }
            }
        }
    });
    assert!(writer.join().is_ok() && reader.join().is_ok());
}
