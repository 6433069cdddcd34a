//! The timeline of polling has the thread that is held up.
//! search: {"preemptions": 0, "executions": 5, "random": 0, "polling": true}
//! outputs: [""]
//! ending: polling
//! timeline: T1 is held up before it stores to atomic 1
//! timeline: T1 is still held up before it stores to atomic 1

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

static DONE: AtomicBool = AtomicBool::new(false);

fn main() {
    let thread = thread::spawn(|| DONE.store(true, Ordering::SeqCst));
    while !DONE.load(Ordering::SeqCst) {
        thread::yield_now();
    }
    thread.join().unwrap();
}
