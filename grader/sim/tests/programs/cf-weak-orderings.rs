//! outputs: ["panicked\npanicked\n"]
//! A weak compare-exchange with an ordering that cannot be panics also where it
//! fails for no reason.

use std::panic::catch_unwind;
use std::sync::atomic::{AtomicU8, Ordering};

fn main() {
    std::panic::set_hook(Box::new(|_| {}));
    for failure in [Ordering::Release, Ordering::AcqRel] {
        let outcome = catch_unwind(|| {
            AtomicU8::new(0).compare_exchange_weak(0, 1, Ordering::SeqCst, failure)
        });
        println!("{}", if outcome.is_err() { "panicked" } else { "went on" });
    }
}
