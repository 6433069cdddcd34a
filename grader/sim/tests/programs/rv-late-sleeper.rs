//! The time of a thread does not come at once because others took many steps
//! before anybody waited for a time.
//! search: {"preemptions": 0, "executions": 1, "random": 0}
//! outputs: ["notified\n"]

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::Duration;

static STEPS: AtomicU32 = AtomicU32::new(0);
static READY: Mutex<bool> = Mutex::new(false);
static CHANGED: Condvar = Condvar::new();

fn take(steps: u32) {
    for _ in 0..steps {
        STEPS.fetch_add(1, Ordering::SeqCst);
    }
}

fn main() {
    take(1_000);
    let worker = thread::spawn(|| {
        take(10);
        *READY.lock().unwrap() = true;
        CHANGED.notify_all();
    });
    let waited = CHANGED.wait_timeout_while(
        READY.lock().unwrap(),
        Duration::from_secs(1),
        |ready| !*ready,
    );
    let timed_out = waited.unwrap().1.timed_out();
    println!("{}", if timed_out { "timed out" } else { "notified" });
    worker.join().unwrap();
}
