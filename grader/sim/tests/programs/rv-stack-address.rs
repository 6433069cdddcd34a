//! outputs: ["true\n"]
use std::thread;
fn at() -> usize { let x = 0u8; std::hint::black_box(&x) as *const u8 as usize }
fn main() {
    thread::scope(|s| {
        let a = s.spawn(|| { thread::yield_now(); at() });
        let b = s.spawn(|| { thread::yield_now(); at() });
        let (a, b) = (a.join().unwrap(), b.join().unwrap());
        println!("{}", a > b);
    });
}
