//! A stack that was asked for overflows like any other.
//! outputs: ["deep\n"]
//! always: crashed
//! says: a thread's stack overflowed

use std::hint::black_box;
use std::thread;

fn deep(depth: usize) -> usize {
    let frame = black_box([depth; 8]);
    if depth == 400_000 {
        println!("deep");
    }
    deep(depth + 1) + frame[7]
}

fn main() {
    let large = thread::Builder::new().stack_size(128 << 20);
    let ended = large.spawn(|| deep(0)).unwrap().join();
    println!("{ended:?}");
}
