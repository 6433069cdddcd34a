//! outputs: ["done\n"]
//! search: {"preemptions": 0, "executions": 1, "random": 0, "steps": 20000}
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use std::time::Duration;
static STOP: AtomicBool = AtomicBool::new(false);
fn main() {
    let workers: Vec<_> = (0..2).map(|_| thread::spawn(|| while !STOP.load(SeqCst) { thread::yield_now(); })).collect();
    thread::sleep(Duration::from_millis(10));
    STOP.store(true, SeqCst);
    for w in workers { w.join().unwrap(); }
    println!("done");
}
