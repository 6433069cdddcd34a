//! outputs: ["done\n"]
//! search: {"preemptions": 0, "executions": 1, "random": 0, "steps": 20000}
use std::thread;
use std::time::{Duration, Instant};
fn main() {
    let workers: Vec<_> = (0..2).map(|_| thread::spawn(|| {
        let start = Instant::now();
        while start.elapsed() < Duration::from_millis(1) { thread::yield_now(); }
    })).collect();
    for w in workers { w.join().unwrap(); }
    println!("done");
}
