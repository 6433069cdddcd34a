//! Where searches take turns, whoever waits by polling lets the others run.
//! outputs: ["2\n"]
//! search: {"interleaved": true, "executions": 200, "random": 60}

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

fn main() {
    let here = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                here.fetch_add(1, Ordering::SeqCst);
                while here.load(Ordering::SeqCst) < 2 {
                    thread::yield_now();
                }
            });
        }
        while here.load(Ordering::SeqCst) < 2 {
            thread::yield_now();
        }
    });
    println!("{}", here.into_inner());
}
