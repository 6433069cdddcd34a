//! Double-checked locking without the lock: both have checked before either
//! has made it.

use crate::model::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use crate::model::thread;

/// With so many threads.
pub(super) fn run(threads: usize) {
    let is_made = &AtomicBool::new(false);
    let made = &AtomicU32::new(0);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(move || {
                if !is_made.load(SeqCst) && !is_made.load(SeqCst) {
                    let before = made.fetch_add(1, SeqCst);
                    assert_eq!(before, 0, "it is made twice");
                    is_made.store(true, SeqCst);
                }
            });
        }
    });
}
