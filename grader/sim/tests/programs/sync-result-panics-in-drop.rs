//! The result of a thread that panics as it is dropped ends the process, also where it
//! is dropped by who could catch that.
//! outputs: [""]
//! always: crashed

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

struct Panics;

impl Drop for Panics {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

fn main() {
    let thread = thread::spawn(|| Panics);
    let _ = catch_unwind(AssertUnwindSafe(|| drop(thread)));
    thread::yield_now();
    println!("goes on");
}
