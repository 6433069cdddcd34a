//! A buffer with room for two, between two producers and two consumers, and
//! two condition variables.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::model::sync::{Condvar, Mutex, MutexGuard};
use crate::model::thread;

const ROOM: usize = 2;
const EACH: u32 = 3;

struct Buffer {
    items: Mutex<VecDeque<u32>>,
    not_full: Condvar,
    not_empty: Condvar,
}

impl Buffer {
    fn put(&self, item: u32) {
        let mut items = held(self.items.lock());
        while items.len() == ROOM {
            items = held(self.not_full.wait(items));
        }
        items.push_back(item);
        self.not_empty.notify_one();
    }

    fn take(&self) -> u32 {
        let mut items = held(self.items.lock());
        loop {
            if let Some(item) = items.pop_front() {
                self.not_full.notify_one();
                return item;
            }
            items = held(self.not_empty.wait(items));
        }
    }
}

/// Nobody panics with the lock held.
fn held<T, E>(lock: Result<MutexGuard<'_, T>, E>) -> MutexGuard<'_, T> {
    match lock {
        Ok(guard) => guard,
        Err(_) => panic!("the lock is poisoned"),
    }
}

pub(super) fn run() {
    let buffer = Arc::new(Buffer {
        items: Mutex::new(VecDeque::new()),
        not_full: Condvar::new(),
        not_empty: Condvar::new(),
    });
    let producers: Vec<_> = (0..2)
        .map(|_| {
            let buffer = Arc::clone(&buffer);
            thread::spawn(move || (1..=EACH).for_each(|item| buffer.put(item)))
        })
        .collect();
    let consumers: Vec<_> = (0..2)
        .map(|_| {
            let buffer = Arc::clone(&buffer);
            thread::spawn(move || (0..EACH).map(|_| buffer.take()).sum::<u32>())
        })
        .collect();
    for producer in producers {
        assert!(producer.join().is_ok());
    }
    let taken: u32 = consumers
        .into_iter()
        .filter_map(|consumer| consumer.join().ok())
        .sum();
    assert_eq!(taken, 2 * (1..=EACH).sum::<u32>());
}
