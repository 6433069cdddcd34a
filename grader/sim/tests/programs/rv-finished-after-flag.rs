//! outputs: ["false\n", "true\n"]
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
static FLAG: AtomicBool = AtomicBool::new(false);
fn main() {
    let h = thread::spawn(|| FLAG.store(true, SeqCst));
    while !FLAG.load(SeqCst) { thread::yield_now(); }
    println!("{}", h.is_finished());
    h.join().unwrap();
}
