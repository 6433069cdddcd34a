//! A thing that is made where another one was has a name of its own in a
//! timeline: on the heap, on the stack, and where there is no room for a number
//! in it.
//!
//! outputs: ["done\n"]
//! timeline: main locks mutex 1
//! timeline: main locks mutex 2
//! timeline: main locks mutex 3
//! timeline: main locks mutex 4
//! timeline: main loads atomic 1
//! timeline: main loads atomic 2
//! timeline: main sends on channel 2

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};

fn on_the_stack() {
    let mutex = Mutex::new(0);
    *mutex.lock().unwrap() += 1;
}

fn main() {
    for _ in 0..2 {
        on_the_stack();
        let mutex = Box::new(Mutex::new(0));
        *mutex.lock().unwrap() += 1;
        let atomic = Arc::new(AtomicU32::new(0));
        atomic.load(Ordering::SeqCst);
        let (tx, _rx) = channel();
        tx.send(1).unwrap();
    }
    println!("done");
}
