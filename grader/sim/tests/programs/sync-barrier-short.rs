//! outputs: [""]
//! ending: deadlock
//! says: "object":"barrier 1"
//!
//! A barrier for more threads than ever come.

use std::sync::Barrier;
use std::thread;

fn main() {
    let barrier = Barrier::new(3);
    thread::scope(|scope| {
        scope.spawn(|| barrier.wait());
        scope.spawn(|| barrier.wait());
    });
    println!("never");
}
