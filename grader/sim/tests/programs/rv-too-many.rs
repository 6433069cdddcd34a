//! outputs: ["499 done\n"]
//! search: {"preemptions": 0, "executions": 1, "random": 0, "steps": 200000, "spurious": false}
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
static GO: AtomicBool = AtomicBool::new(false);
fn main() {
    let mut all = Vec::new();
    while let Ok(h) = thread::Builder::new().spawn(|| while !GO.load(SeqCst) { thread::park(); }) { all.push(h); }
    GO.store(true, SeqCst);
    for h in &all { h.thread().unpark(); }
    let n = all.len();
    for h in all { h.join().unwrap(); }
    let h = thread::spawn(|| { thread::park(); });
    h.thread().unpark();
    h.join().unwrap();
    println!("{n} done");
}
