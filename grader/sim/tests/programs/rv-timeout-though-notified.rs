//! outputs: ["woken true\n", "woken false\n", "timed out true\n", "timed out false\n"]
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::Duration;
static FLAG: Mutex<bool> = Mutex::new(false);
static COND: Condvar = Condvar::new();
fn main() {
    let h = thread::spawn(|| {
        let mut f = FLAG.lock().unwrap();
        thread::sleep(Duration::from_millis(5));
        *f = true;
        COND.notify_one();
    });
    let f = FLAG.lock().unwrap();
    if !*f {
        let (f, r) = COND.wait_timeout(f, Duration::from_millis(1)).unwrap();
        println!("{} {}", if r.timed_out() { "timed out" } else { "woken" }, *f);
        drop(f);
    } else { println!("woken true"); }
    h.join().unwrap();
}
