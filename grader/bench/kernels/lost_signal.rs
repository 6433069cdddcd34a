//! A notification that comes after the look at the flag, and before the wait
//! for it.

use crate::model::sync::atomic::{AtomicBool, Ordering::SeqCst};
use crate::model::sync::{Condvar, Mutex};
use crate::model::thread;

pub(super) fn run() {
    let is_ready = &AtomicBool::new(false);
    let (lock, ready) = (&Mutex::new(()), &Condvar::new());
    thread::scope(|scope| {
        scope.spawn(move || {
            if !is_ready.load(SeqCst) {
                let held = lock.lock().unwrap();
                drop(ready.wait(held).unwrap());
            }
        });
        scope.spawn(move || {
            is_ready.store(true, SeqCst);
            ready.notify_one();
        });
    });
}
