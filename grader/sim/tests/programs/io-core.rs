//! `core` and `alloc` by their own names are under control, too.
//! outputs: ["1 Point { x: 1 }\n", "2 Point { x: 1 }\n"]

extern crate alloc;

use alloc::{format, sync::Arc, vec};
use core::sync::atomic::{AtomicU32, Ordering};
use std::thread;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
struct Point {
    x: u32,
}

static COUNT: AtomicU32 = AtomicU32::new(0);

fn main() {
    let shared = Arc::new(AtomicU32::new(0));
    let threads = vec![0, 1].into_iter().map(|_| {
        let shared: std::sync::Arc<std::sync::atomic::AtomicU32> = shared.clone();
        thread::spawn(move || {
            COUNT.store(
                COUNT.load(Ordering::SeqCst) + 1,
                core::sync::atomic::Ordering::SeqCst,
            );
            while shared.load(Ordering::Relaxed) == 0 {
                core::hint::spin_loop();
            }
        })
    });
    let threads: Vec<_> = threads.collect();
    shared.store(1, Ordering::SeqCst);
    threads
        .into_iter()
        .for_each(|thread| thread.join().unwrap());
    core::assert!(
        core::mem::size_of::<Point>() == 4 && core::matches!(Point::default(), Point { x: 0 })
    );
    println!(
        "{}",
        format!(
            "{} {:?}",
            COUNT.load(Ordering::SeqCst),
            Point {
                x: core::cmp::max(1, 0)
            }
        )
    );
}
