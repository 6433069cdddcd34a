//! `work_stealing_queue`: the owner pops without the lock as long as it thinks
//! that there is enough for a thief, too, and is wrong about the last item.

use crate::model::sync::Mutex;
use crate::model::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use crate::model::thread;

const ROOM: usize = 8;

#[derive(Default)]
struct Queue {
    head: AtomicUsize,
    tail: AtomicUsize,
    items: [AtomicUsize; ROOM],
    foreign: Mutex<()>,
}

impl Queue {
    fn push(&self, item: usize) {
        let tail = self.tail.load(SeqCst);
        self.items[tail % ROOM].store(item, SeqCst);
        self.tail.store(tail + 1, SeqCst);
    }

    fn pop(&self) -> Option<usize> {
        let tail = self.tail.load(SeqCst).checked_sub(1)?;
        self.tail.store(tail, SeqCst);
        if self.head.load(SeqCst) <= tail {
            return Some(self.items[tail % ROOM].load(SeqCst));
        }
        let _held = self.foreign.lock().unwrap();
        self.tail.store(tail + 1, SeqCst);
        None
    }

    fn steal(&self) -> Option<usize> {
        let _held = self.foreign.lock().unwrap();
        let head = self.head.load(SeqCst);
        // Right would be to raise the head first, and to look then.
        if head >= self.tail.load(SeqCst) {
            return None;
        }
        self.head.store(head + 1, SeqCst);
        Some(self.items[head % ROOM].load(SeqCst))
    }
}

pub(super) fn run() {
    let queue = &Queue::default();
    let done = &<[AtomicUsize; 4]>::default();
    let work = |item: Option<usize>| {
        if let Some(item) = item {
            let before = done[item].fetch_add(1, SeqCst);
            assert_eq!(before, 0, "item {item} is done twice");
        }
    };
    thread::scope(|scope| {
        scope.spawn(move || {
            for items in [[0, 1], [2, 3]] {
                items.into_iter().for_each(|item| queue.push(item));
                work(queue.pop());
            }
            work(queue.pop());
        });
        scope.spawn(move || {
            work(queue.steal());
            work(queue.steal());
        });
    });
}
