//! `deadlock01`: two locks, taken in both orders.

use crate::model::sync::Mutex;
use crate::model::thread;

pub(super) fn run() {
    let (a, b) = (&Mutex::new(0), &Mutex::new(0));
    thread::scope(|scope| {
        for (first, second) in [(a, b), (b, a)] {
            scope.spawn(move || {
                let mut first = first.lock().unwrap();
                let mut second = second.lock().unwrap();
                *first += 1;
                *second -= 1;
            });
        }
    });
}
