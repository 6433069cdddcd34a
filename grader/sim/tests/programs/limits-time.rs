//! Who computes for longer than it may is stopped although it takes steps.
//! outputs: [""]
//! always: too-much
//! says: it used more than 1 second of processor time
//! limits: {"cpu_seconds": 1}
//! search: {"preemptions": 0, "executions": 1, "random": 0, "steps": 1000000}

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

static TURNS: AtomicU64 = AtomicU64::new(0);

fn main() {
    loop {
        TURNS.fetch_add(1, Ordering::Relaxed);
        let mut sum = 0u64;
        for number in 0..20_000_000u64 {
            sum = std::hint::black_box(sum.wrapping_add(number));
        }
        std::thread::sleep(Duration::from_millis(sum % 2 + 1));
    }
}
