//! A race between thousands of steps that do nothing is found by walks that change
//! threads where they have seldom been.
//! outputs: ["1\n", "2\n"]
//! search: {"executions": 1, "random": 300, "preemptions": 3}

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;

static STEPS: AtomicU32 = AtomicU32::new(0);
static COUNT: AtomicU32 = AtomicU32::new(0);

fn pad() {
    for _ in 0..1_500 {
        STEPS.fetch_add(1, SeqCst);
    }
}

fn add() {
    pad();
    let count = COUNT.load(SeqCst);
    COUNT.store(count + 1, SeqCst);
    pad();
}

fn main() {
    let other = thread::spawn(add);
    add();
    other.join().unwrap();
    println!("{}", COUNT.load(SeqCst));
}
