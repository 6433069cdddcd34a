//! `circular_buffer`: sender and receiver take turns, and each counts a round
//! in which it was not its turn.

use std::collections::VecDeque;

use crate::model::sync::Mutex;
use crate::model::thread;

#[derive(Default)]
struct Buffer {
    items: VecDeque<usize>,
    is_sent: bool,
}

/// With so many rounds.
pub(super) fn run(rounds: usize) {
    let buffer = &Mutex::new(Buffer::default());
    thread::scope(|scope| {
        scope.spawn(move || {
            for round in 0..rounds {
                let mut buffer = buffer.lock().unwrap();
                if !buffer.is_sent {
                    buffer.items.push_back(round);
                    buffer.is_sent = true;
                }
            }
        });
        scope.spawn(move || {
            for round in 0..rounds {
                let mut buffer = buffer.lock().unwrap();
                if buffer.is_sent {
                    assert_eq!(buffer.items.pop_front(), Some(round));
                    buffer.is_sent = false;
                }
            }
        });
    });
}
