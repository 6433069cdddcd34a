//! outputs: ["Ok(()) Err(SendError { .. })\n", "Err(SendError { .. }) Err(SendError { .. })\n"]
//!
//! A sender that waits for room is told when the receiver goes.

use std::sync::mpsc;
use std::thread;

fn main() {
    let (sender, receiver) = mpsc::sync_channel(1);
    let other = thread::spawn(move || {
        let first = sender.send(1);
        (first, sender.send(2))
    });
    drop(receiver);
    let (first, second) = other.join().unwrap();
    println!("{first:?} {second:?}");
}
