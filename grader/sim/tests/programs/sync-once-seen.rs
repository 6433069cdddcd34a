//! outputs: ["not begun, not complete\n", "begun, not complete\n", "begun, complete\n", "not begun, complete\n"]
//!
//! What the closure does can be seen before the `Once` is complete.

use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

static ONCE: Once = Once::new();
static BEGUN: AtomicBool = AtomicBool::new(false);

fn main() {
    let maker = thread::spawn(|| ONCE.call_once(|| BEGUN.store(true, Ordering::SeqCst)));
    let begun = if BEGUN.load(Ordering::SeqCst) {
        "begun"
    } else {
        "not begun"
    };
    let complete = if ONCE.is_completed() {
        "complete"
    } else {
        "not complete"
    };
    maker.join().unwrap();
    println!("{begun}, {complete}");
}
