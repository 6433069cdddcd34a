//! `sync02`: producer and consumers share one condition variable, and a single
//! notification can go to the wrong one.

use crate::model::sync::{Condvar, Mutex};
use crate::model::thread;

/// With so many consumers, an item for each, and room for one.
pub(super) fn run(consumers: usize) {
    let items = &Mutex::new(0);
    let changed = &Condvar::new();
    thread::scope(|scope| {
        for _ in 0..consumers {
            scope.spawn(move || {
                let mut items = items.lock().unwrap();
                while *items == 0 {
                    items = changed.wait(items).unwrap();
                }
                *items -= 1;
                changed.notify_one();
            });
        }
        scope.spawn(move || {
            for _ in 0..consumers {
                let mut items = items.lock().unwrap();
                while *items == 1 {
                    items = changed.wait(items).unwrap();
                }
                *items += 1;
                changed.notify_one();
            }
        });
    });
}
