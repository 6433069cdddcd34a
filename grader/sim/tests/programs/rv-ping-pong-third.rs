//! outputs: ["done\n"]
//! search: {"preemptions": 0, "executions": 1, "random": 0, "steps": 20000}
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::mpsc::channel;
use std::thread;
static STOP: AtomicBool = AtomicBool::new(false);
fn main() {
    let (ta, ra) = channel();
    let (tb, rb) = channel();
    let a = thread::spawn(move || while !STOP.load(SeqCst) { if ta.send(1).is_err() { break; } if rb.recv().is_err() { break; } });
    let b = thread::spawn(move || for x in ra { if tb.send(x).is_err() { break; } });
    let c = thread::spawn(|| STOP.store(true, SeqCst));
    a.join().unwrap();
    b.join().unwrap();
    c.join().unwrap();
    println!("done");
}
