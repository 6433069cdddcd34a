//! `queue`: what was put in is written down by round, and a round in which
//! there was nothing to take is counted, too.

use std::collections::VecDeque;

use crate::model::sync::Mutex;
use crate::model::thread;

struct Queue {
    items: VecDeque<u32>,
    stored: Vec<Option<u32>>,
    may_take: bool,
}

/// With so many rounds.
pub(super) fn run(rounds: usize) {
    let queue = &Mutex::new(Queue {
        items: VecDeque::new(),
        stored: vec![None; rounds],
        may_take: false,
    });
    thread::scope(|scope| {
        scope.spawn(move || {
            for round in 0..rounds {
                let mut queue = queue.lock().unwrap();
                if !queue.may_take {
                    let item = 7 * (round as u32 + 1);
                    queue.items.push_back(item);
                    queue.stored[round] = Some(item);
                    queue.may_take = true;
                }
            }
        });
        scope.spawn(move || {
            for round in 0..rounds {
                let mut queue = queue.lock().unwrap();
                if queue.may_take {
                    let item = queue.items.pop_front();
                    assert_eq!(item, queue.stored[round], "in round {round}");
                    queue.may_take = false;
                }
            }
        });
    });
}
