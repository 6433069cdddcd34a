//! The hook waits for a lock whose holder waits until no hook runs.
//! outputs: ["done\n", ""]
//! ending: deadlock
//! search: {"preemptions": 2}

use std::panic::{catch_unwind, panic_any, set_hook};
use std::sync::Mutex;
use std::thread;

static LOCK: Mutex<()> = Mutex::new(());

fn main() {
    set_hook(Box::new(|_| drop(LOCK.lock())));
    let other = thread::spawn(|| drop(catch_unwind(|| panic_any(()))));
    let held = LOCK.lock();
    set_hook(Box::new(|_| {}));
    drop(held);
    other.join().unwrap();
    println!("done");
}
