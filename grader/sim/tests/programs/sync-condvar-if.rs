//! outputs: ["true\n", "woke early\n", ""]
//! ending: exit 0
//! ending: deadlock
//! says: "call":"Condvar::wait"
//! search: {"preemptions":2,"executions":2000,"random":100,"steps":20000,"spurious":true,"polling":false}
//!
//! To wait without a loop and without looking first is wrong twice: the
//! notification may have come, and the wait may end without one.

use std::sync::{Arc, Condvar, Mutex};
use std::thread;

fn main() {
    let pair = Arc::new((Mutex::new(false), Condvar::new()));
    let other = pair.clone();
    let notifier = thread::spawn(move || {
        *other.0.lock().unwrap() = true;
        other.1.notify_one();
    });
    let ready = pair.1.wait(pair.0.lock().unwrap()).unwrap();
    println!("{}", if *ready { "true" } else { "woke early" });
    drop(ready);
    notifier.join().unwrap();
}
