//! Where a thread's blocks lie tells it nothing of when another one frees what it was
//! given.
//! outputs: ["true\n"]
//! search: {"preemptions": 2}

use std::hint::black_box;
use std::thread;

fn main() {
    let given = vec![1u8; 1000];
    let place = black_box(&given).as_ptr().addr();
    let other = thread::spawn(move || {
        thread::yield_now();
        drop(given);
        thread::yield_now();
    });
    let apart = (0..3).all(|_| {
        thread::yield_now();
        black_box(&vec![2u8; 1000]).as_ptr().addr() != place
    });
    other.join().unwrap();
    println!("{apart}");
}
