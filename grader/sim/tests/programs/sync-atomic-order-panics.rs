//! After an atomic was asked for an ordering that it cannot have, everything is
//! watched as before: here how many owners an `Arc` has.
//! outputs: ["1\n", "2\n"]
//! search: {"preemptions": 2}

use std::hint::black_box;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering, Ordering::SeqCst};
use std::thread;

static COUNT: AtomicU32 = AtomicU32::new(0);

fn main() {
    let atomic = AtomicBool::new(false);
    assert!(catch_unwind(|| atomic.load(black_box(Ordering::Release))).is_err());
    let lock = Arc::new(());
    // As many as can be beside those that the two threads have.
    let free = 3;
    let add = move |lock: Arc<()>| {
        while Arc::strong_count(&lock) > free {
            thread::yield_now();
        }
        let _held = lock.clone();
        let seen = COUNT.load(SeqCst);
        COUNT.store(seen + 1, SeqCst);
    };
    let (one, other) = (lock.clone(), lock.clone());
    let threads = [one, other].map(|own| thread::spawn(move || add(own)));
    threads.map(|thread| thread.join().unwrap());
    println!("{}", COUNT.load(SeqCst));
    drop(lock);
}
