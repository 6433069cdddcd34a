//! `twostage`: two values that belong together stand behind a lock each, and a
//! reader comes between the two stages of a writer.

use crate::model::sync::Mutex;
use crate::model::thread;

/// With so many threads, of which the last reads.
pub(super) fn run(threads: usize) {
    let (first, second) = (&Mutex::new(0), &Mutex::new(0));
    thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(move || {
                *first.lock().unwrap() = 1;
                let value = *first.lock().unwrap() + 1;
                *second.lock().unwrap() = value;
            });
        }
        scope.spawn(move || {
            let one = *first.lock().unwrap();
            if one != 0 {
                let two = *second.lock().unwrap();
                assert_eq!(two, one + 1, "the second stage is still to come");
            }
        });
    });
}
