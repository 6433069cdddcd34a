//! outputs: ["Err(RecvError) true\n"]
//!
//! A sender that panics is gone as any other, and nobody else is harmed.

use std::sync::mpsc;
use std::thread;

fn main() {
    let (sender, receiver) = mpsc::channel::<u32>();
    let other = thread::spawn(move || {
        let _sender = sender;
        panic!("on purpose");
    });
    println!("{:?} {}", receiver.recv(), other.join().is_err());
}
