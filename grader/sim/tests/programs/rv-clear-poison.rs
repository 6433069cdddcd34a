//! outputs: ["err\n", "ok\n"]
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
static M: Mutex<u32> = Mutex::new(0);
static F: AtomicBool = AtomicBool::new(false);
fn main() {
    std::panic::set_hook(Box::new(|_| ()));
    let h = thread::spawn(|| { let _g = M.lock().unwrap(); F.store(true, SeqCst); panic!("x"); });
    while !F.load(SeqCst) { thread::yield_now(); }
    M.clear_poison();
    println!("{}", if M.lock().is_ok() { "ok" } else { "err" });
    let _ = h.join();
}
