//! Panics of two threads at the same time, each waiting in its destructors.
//! outputs: ["ab", "ba"]
//! always: panic

use std::thread;

struct Slow(&'static str);

impl Drop for Slow {
    fn drop(&mut self) {
        thread::yield_now();
        assert!(thread::panicking());
        print!("{}", self.0);
    }
}

fn main() {
    let spawn = |name| {
        thread::spawn(move || {
            let _slow = Slow(name);
            panic!("{name}");
        })
    };
    let threads = [spawn("a"), spawn("b")];
    let ended = threads.map(|thread| thread.join().is_err());
    assert!(!ended[0] || !ended[1], "both panicked");
}
