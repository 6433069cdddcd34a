//! outputs: ["Empty, Timeout\n", "Empty, Disconnected\n", "Disconnected, Disconnected\n"]
//!
//! A thread that does nothing but drop its sender may do so late, though
//! another sender was dropped after its own.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

fn main() {
    let (sender, receiver) = mpsc::channel::<u32>();
    let theirs = sender.clone();
    let other = thread::spawn(move || drop(theirs));
    drop(sender);
    let first = receiver.try_recv().unwrap_err();
    let second = receiver.recv_timeout(Duration::from_millis(1)).unwrap_err();
    println!("{first:?}, {second:?}");
    other.join().unwrap();
}
