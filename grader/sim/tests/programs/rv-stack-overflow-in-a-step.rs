//! A stack that overflows within a call of std's is the same.
//! outputs: [""]
//! always: crashed
//! says: a thread's stack overflowed

use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

static COUNT: AtomicUsize = AtomicUsize::new(0);

/// Takes far less of the stack than the step in it.
fn deep(depth: usize) -> usize {
    let frame = black_box([depth; 20]);
    COUNT.fetch_add(1, SeqCst);
    deep(depth + 1) + frame[7]
}

fn main() {
    let ended = thread::spawn(|| deep(0)).join();
    println!("{ended:?}");
}
