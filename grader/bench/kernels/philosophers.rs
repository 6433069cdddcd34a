//! Dining philosophers who all take their left fork first.

use crate::model::sync::Mutex;
use crate::model::thread;

/// With so many philosophers.
pub(super) fn run(philosophers: usize) {
    let forks: &Vec<_> = &(0..philosophers).map(|_| Mutex::new(0)).collect();
    thread::scope(|scope| {
        for seat in 0..philosophers {
            scope.spawn(move || {
                let mut left = forks[seat].lock().unwrap();
                let mut right = forks[(seat + 1) % philosophers].lock().unwrap();
                *left += 1;
                *right += 1;
            });
        }
    });
}
