//! outputs: ["true\n"]
//! search: {"preemptions": 1}
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
static N: AtomicU64 = AtomicU64::new(0);
fn main() {
    let first = Box::new([0u8; 5]);       // a block that is given back
    let second = Box::new([1u8; 5]);
    drop(first);
    N.load(SeqCst);                        // traced: its value is told
    let third = Box::new([2u8; 5]);       // untraced: first's block again
    println!("{}", &raw const *third < &raw const *second);
}
