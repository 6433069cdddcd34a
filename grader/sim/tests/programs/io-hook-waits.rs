//! Two threads panic; the hook waits for a lock that the other one holds.
//! outputs: ["hook\nhook\n"]
//! search: {"preemptions": 2}

use std::sync::Mutex;
use std::{panic, thread};

static LOCK: Mutex<()> = Mutex::new(());

fn main() {
    panic::set_hook(Box::new(|_| {
        let _guard = LOCK.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        println!("hook");
    }));
    let threads = [1, 2].map(|_| {
        thread::spawn(|| {
            thread::yield_now();
            panic!("both")
        })
    });
    for thread in threads {
        let _guard = LOCK.lock();
        thread::yield_now();
        drop(_guard);
        assert!(thread.join().is_err());
    }
}
