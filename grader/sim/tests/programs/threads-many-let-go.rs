//! More threads than there are parts of what a thread gives to others for themselves,
//! none of which is waited for.
//! outputs: ["800\n"]
//! search: {"preemptions": 0, "random": 1}

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

static DONE: AtomicU32 = AtomicU32::new(0);

fn main() {
    for number in 0..800 {
        thread::spawn(|| DONE.fetch_add(1, Ordering::SeqCst));
        while DONE.load(Ordering::SeqCst) <= number {
            thread::yield_now();
        }
    }
    println!("{}", DONE.load(Ordering::SeqCst));
}
