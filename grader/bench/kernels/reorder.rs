//! `reorder`: several threads store one value and then another; one that looks
//! in between sees half of it.

use crate::model::sync::atomic::{AtomicI32, Ordering::SeqCst};
use crate::model::thread;

/// With so many threads, of which the last looks.
pub(super) fn run(threads: usize) {
    let (a, b) = (&AtomicI32::new(0), &AtomicI32::new(0));
    thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(move || {
                a.store(1, SeqCst);
                b.store(-1, SeqCst);
            });
        }
        scope.spawn(move || {
            let seen = (a.load(SeqCst), b.load(SeqCst));
            assert!(matches!(seen, (0, 0) | (1, -1)), "half done: {seen:?}");
        });
    });
}
