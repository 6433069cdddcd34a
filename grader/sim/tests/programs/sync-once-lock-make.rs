//! outputs: ["0 of 1\n", "1 of 1\n"]
//!
//! The closures of many threads make one value, and all get that.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;

static MADE: AtomicU32 = AtomicU32::new(0);

fn main() {
    let cell = Arc::new(OnceLock::new());
    let threads: Vec<_> = (0..2)
        .map(|number| {
            let cell = cell.clone();
            thread::spawn(move || {
                *cell.get_or_init(|| {
                    MADE.fetch_add(1, Ordering::SeqCst);
                    thread::yield_now();
                    number
                })
            })
        })
        .collect();
    let waited = *cell.wait();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), waited);
    }
    println!("{waited} of {}", MADE.load(Ordering::SeqCst));
}
