//! outputs: ["0 made it\nclosures: 1\n", "1 made it\nclosures: 1\n"]
//!
//! One closure of several runs, and when any call returns it has been run to
//! its end.

use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

static ONCE: Once = Once::new();
static RUN: AtomicU32 = AtomicU32::new(0);
static MADE: AtomicU32 = AtomicU32::new(0);

fn main() {
    thread::scope(|scope| {
        for number in 0..2 {
            scope.spawn(move || {
                ONCE.call_once(|| {
                    RUN.fetch_add(1, Ordering::SeqCst);
                    println!("{number} made it");
                    MADE.store(1, Ordering::SeqCst);
                });
                assert_eq!(MADE.load(Ordering::SeqCst), 1);
                assert!(ONCE.is_completed());
            });
        }
    });
    println!("closures: {}", RUN.load(Ordering::SeqCst));
}
