//! While a thread holds the lock of stdout, the lines of others wait.
//! outputs: ["a\nb\nc\n", "c\na\nb\n"]

use std::io::{Write, stdout};
use std::thread;

fn main() {
    let other = thread::spawn(|| println!("c"));
    let mut out = stdout().lock();
    writeln!(out, "a").unwrap();
    thread::yield_now();
    // The owner may take it again.
    println!("b");
    drop(out);
    other.join().unwrap();
}
