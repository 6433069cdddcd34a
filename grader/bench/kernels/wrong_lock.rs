//! `wronglock`: one thread guards a value with one lock, the others with
//! another.

use crate::model::sync::Mutex;
use crate::model::sync::atomic::{AtomicU32, Ordering::SeqCst};
use crate::model::thread;

fn add(value: &AtomicU32) -> (u32, u32) {
    let before = value.load(SeqCst);
    value.store(before + 1, SeqCst);
    (before, value.load(SeqCst))
}

/// With one thread that is right, and so many others.
pub(super) fn run(others: usize) {
    let value = &AtomicU32::new(0);
    let (right, wrong) = (&Mutex::new(()), &Mutex::new(()));
    thread::scope(|scope| {
        scope.spawn(move || {
            let _held = right.lock().unwrap();
            let (before, after) = add(value);
            assert_eq!(after, before + 1, "somebody else was at it");
        });
        for _ in 0..others {
            scope.spawn(move || {
                let _held = wrong.lock().unwrap();
                add(value);
            });
        }
    });
}
