//! ABA: a stack without locks whose head comes back to an old value, with
//! another one below it.

use crate::model::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use crate::model::thread;

/// The index of no node.
const NONE: usize = usize::MAX;

struct Stack {
    head: AtomicUsize,
    next: [AtomicUsize; 3],
    taken: [AtomicBool; 3],
}

impl Stack {
    fn pop(&self) -> Option<usize> {
        loop {
            let head = self.head.load(SeqCst);
            if head == NONE {
                return None;
            }
            let next = self.next[head].load(SeqCst);
            if self
                .head
                .compare_exchange(head, next, SeqCst, SeqCst)
                .is_ok()
            {
                let before = self.taken[head].swap(true, SeqCst);
                assert!(!before, "node {head} has two owners");
                return Some(head);
            }
        }
    }

    fn push(&self, node: usize) {
        self.taken[node].store(false, SeqCst);
        loop {
            let head = self.head.load(SeqCst);
            self.next[node].store(head, SeqCst);
            if self
                .head
                .compare_exchange(head, node, SeqCst, SeqCst)
                .is_ok()
            {
                return;
            }
        }
    }
}

pub(super) fn run() {
    let stack = &Stack {
        head: AtomicUsize::new(0),
        next: [1, 2, NONE].map(AtomicUsize::new),
        taken: [false; 3].map(AtomicBool::new),
    };
    thread::scope(|scope| {
        scope.spawn(move || {
            stack.pop();
            stack.pop();
        });
        scope.spawn(move || {
            let first = stack.pop();
            stack.pop();
            if let Some(first) = first {
                stack.push(first);
            }
        });
    });
}
