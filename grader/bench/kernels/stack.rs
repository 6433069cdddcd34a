//! `stack`: a flag says that something was pushed, and nobody takes it down.

use crate::model::sync::Mutex;
use crate::model::thread;

/// With so many rounds.
pub(super) fn run(rounds: usize) {
    let stack = &Mutex::new((Vec::new(), false));
    thread::scope(|scope| {
        scope.spawn(move || {
            for round in 0..rounds {
                let mut stack = stack.lock().unwrap();
                stack.0.push(round);
                stack.1 = true;
            }
        });
        scope.spawn(move || {
            for _ in 0..rounds {
                let mut stack = stack.lock().unwrap();
                if stack.1 {
                    assert!(stack.0.pop().is_some(), "there is nothing to pop");
                }
            }
        });
    });
}
