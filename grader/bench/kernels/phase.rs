//! `phase01`: a thread takes a lock for the second phase that it still holds
//! from the first one.

use crate::model::sync::Mutex;
use crate::model::thread;

pub(super) fn run() {
    let (one, two) = (&Mutex::new(0), &Mutex::new(0));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(move || {
                let mut first = one.lock().unwrap();
                *first += 1;
                let mut second = two.lock().unwrap();
                *second += *first;
                let mut again = one.lock().unwrap();
                *again += *second;
            });
        }
    });
}
