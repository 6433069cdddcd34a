//! Each process has statics and thread-locals of its own, in a fresh state, and
//! numbers its threads by itself.
//!
//! world: {"programs": [{"label": "one", "args": ["a"]}, {"label": "two", "args": ["b"]}]}
//! program one: ["a: count 3, local 1, ThreadId(1) main, ThreadId(2)\n <exit 0>"]
//! program two: ["b: count 3, local 1, ThreadId(1) main, ThreadId(2)\n <exit 0>"]
//! search: {"preemptions": 2, "random": 50}

use std::cell::Cell;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

static COUNT: AtomicU32 = AtomicU32::new(0);
static NAMES: Mutex<Vec<String>> = Mutex::new(Vec::new());
thread_local!(static LOCAL: Cell<u32> = const { Cell::new(0) });

fn main() {
    let name = std::env::args().nth(1).unwrap();
    LOCAL.set(LOCAL.get() + 1);
    NAMES.lock().unwrap().push(name);
    COUNT.fetch_add(1, Ordering::SeqCst);
    let other = thread::spawn(|| {
        COUNT.fetch_add(2, Ordering::SeqCst);
        thread::current().id()
    });
    let other = other.join().unwrap();
    let main = thread::current();
    println!(
        "{}: count {}, local {}, {:?} {}, {other:?}",
        NAMES.lock().unwrap().join(" and "),
        COUNT.load(Ordering::SeqCst),
        LOCAL.get(),
        main.id(),
        main.name().unwrap(),
    );
}
