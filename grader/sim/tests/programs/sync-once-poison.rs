//! outputs: ["Once instance has previously been poisoned\nwait: Once instance has previously been poisoned\nforced: true\ndone\n"]
//!
//! A closure that panics poisons: later calls panic, until one is forced.

use std::panic::catch_unwind;
use std::sync::Once;
use std::thread;

static ONCE: Once = Once::new();

fn message(payload: Box<dyn std::any::Any + Send>) -> String {
    payload
        .downcast_ref::<&str>()
        .map_or_else(|| "other".to_owned(), |text| (*text).to_owned())
}

fn main() {
    let failed = thread::spawn(|| ONCE.call_once(|| panic!("on purpose"))).join();
    assert!(failed.is_err());
    assert!(!ONCE.is_completed());
    println!(
        "{}",
        message(catch_unwind(|| ONCE.call_once(|| ())).unwrap_err())
    );
    println!(
        "wait: {}",
        message(catch_unwind(|| ONCE.wait()).unwrap_err())
    );
    let waiter = thread::spawn(|| ONCE.wait_force());
    ONCE.call_once_force(|state| println!("forced: {}", state.is_poisoned()));
    ONCE.call_once(|| unreachable!());
    waiter.join().unwrap();
    ONCE.wait();
    println!("done");
}
