//! `arithmetic_prog`: a buffer with room for one, and a third thread that is
//! wrong to think that the sum is never complete when it looks.

use crate::model::sync::{Condvar, Mutex};
use crate::model::thread;

/// The sum of so many first numbers.
pub(super) fn run(numbers: u32) {
    let state = &Mutex::new((0, 0));
    let (has_room, has_item) = (&Condvar::new(), &Condvar::new());
    thread::scope(|scope| {
        scope.spawn(move || {
            for _ in 0..numbers {
                let mut held = state.lock().unwrap();
                while held.0 == 1 {
                    held = has_room.wait(held).unwrap();
                }
                held.0 += 1;
                has_item.notify_one();
            }
        });
        scope.spawn(move || {
            for number in 1..=numbers {
                let mut held = state.lock().unwrap();
                while held.0 == 0 {
                    held = has_item.wait(held).unwrap();
                }
                held.0 -= 1;
                held.1 += number;
                has_room.notify_one();
            }
        });
        scope.spawn(move || {
            let sum = state.lock().unwrap().1;
            assert!(sum < numbers * (numbers + 1) / 2, "the sum is complete");
        });
    });
}
