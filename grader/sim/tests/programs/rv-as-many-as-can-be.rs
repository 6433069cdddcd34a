//! outputs: ["499 done\n"]
//! search: {"preemptions": 0, "executions": 1, "random": 0, "steps": 200000, "spurious": false}
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
static GO: AtomicBool = AtomicBool::new(false);
fn main() {
    let mut all = Vec::new();
    // As many as there may be at once, with the main thread.
    for _ in 0..499 {
        all.push(thread::spawn(|| while !GO.load(SeqCst) { thread::park(); }));
    }
    GO.store(true, SeqCst);
    for h in &all { h.thread().unpark(); }
    let n = all.len();
    for h in all { h.join().unwrap(); }
    let h = thread::spawn(|| { thread::park(); });
    h.thread().unpark();
    h.join().unwrap();
    println!("{n} done");
}
