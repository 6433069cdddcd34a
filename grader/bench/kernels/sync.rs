//! `sync01`: the consumer tells the wrong condition variable.

use crate::model::sync::{Condvar, Mutex};
use crate::model::thread;

pub(super) fn run() {
    let number = &Mutex::new(1);
    let (full, empty) = (&Condvar::new(), &Condvar::new());
    thread::scope(|scope| {
        scope.spawn(move || {
            let mut number = number.lock().unwrap();
            while *number > 0 {
                number = empty.wait(number).unwrap();
            }
            *number += 1;
            full.notify_one();
        });
        scope.spawn(move || {
            let mut number = number.lock().unwrap();
            while *number == 0 {
                number = full.wait(number).unwrap();
            }
            *number -= 1;
            full.notify_one();
        });
    });
}
