//! outputs: ["leaders: 2, together: true\n"]
//!
//! Nobody passes before all have come, once and again, and one of them leads.

use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

static BARRIER: Barrier = Barrier::new(2);
static COME: AtomicU32 = AtomicU32::new(0);
static LEADERS: AtomicU32 = AtomicU32::new(0);

fn round(expected: u32) -> bool {
    COME.fetch_add(1, Ordering::SeqCst);
    if BARRIER.wait().is_leader() {
        LEADERS.fetch_add(1, Ordering::SeqCst);
    }
    COME.load(Ordering::SeqCst) >= expected
}

fn main() {
    let other = thread::spawn(|| round(2) && round(4));
    let together = round(2) && round(4);
    let together = other.join().unwrap() && together;
    println!(
        "leaders: {}, together: {together}",
        LEADERS.load(Ordering::SeqCst)
    );
}
