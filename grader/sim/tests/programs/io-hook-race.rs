//! What a panic hook does can be interrupted, like anything else.
//! outputs: ["1\n", "2\n"]
//! search: {"preemptions": 2}

use std::panic::{catch_unwind, panic_any, set_hook};
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;

static COUNT: AtomicU32 = AtomicU32::new(0);

fn main() {
    set_hook(Box::new(|_| {
        let seen = COUNT.load(SeqCst);
        COUNT.store(seen + 1, SeqCst);
    }));
    let add = || drop(catch_unwind(|| panic_any(())));
    let other = thread::spawn(add);
    add();
    other.join().unwrap();
    println!("{}", COUNT.load(SeqCst));
}
