//! Once `take_hook` has returned, nobody runs the hook any more.
//! outputs: ["0\n", "1\n"]
//! search: {"preemptions": 2}

use std::panic::{catch_unwind, panic_any, set_hook, take_hook};
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::thread;

fn main() {
    let count = Arc::new(AtomicU32::new(0));
    let its = count.clone();
    let (begins, began) = mpsc::channel();
    set_hook(Box::new(move |_| {
        its.fetch_add(1, SeqCst);
    }));
    let other = thread::spawn(move || {
        begins.send(()).unwrap();
        drop(catch_unwind(|| panic_any(())));
    });
    began.recv().unwrap();
    drop(take_hook());
    println!("{}", Arc::try_unwrap(count).unwrap().into_inner());
    other.join().unwrap();
}
