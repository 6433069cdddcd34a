//! Who owns an `Arc` matters also in a panic hook, whatever it was that panicked: here
//! an atomic that is asked for an ordering that it cannot have.
//! outputs: ["1\n", "2\n"]
//! search: {"preemptions": 2}

use std::hint::black_box;
use std::panic::{catch_unwind, set_hook};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;

static OWNED: OnceLock<Arc<()>> = OnceLock::new();

fn main() {
    OWNED.get_or_init(Arc::default);
    set_hook(Box::new(|_| {
        let owned = OWNED.get().unwrap();
        // Looks, and changes what it has seen: once more than it was, if nobody comes
        // in between.
        if Arc::strong_count(owned) < 3 {
            std::mem::forget(owned.clone());
        }
        if Arc::strong_count(owned) == 2 {
            std::mem::forget(owned.clone());
        }
    }));
    let panics = || {
        let atomic = AtomicBool::new(false);
        let load = || atomic.load(black_box(Ordering::Release));
        assert!(catch_unwind(load).is_err());
    };
    let threads = [thread::spawn(panics), thread::spawn(panics)];
    threads.map(|thread| thread.join().unwrap());
    println!("{}", Arc::strong_count(OWNED.get().unwrap()) - 2);
}
