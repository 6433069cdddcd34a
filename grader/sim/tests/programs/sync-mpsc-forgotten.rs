//! outputs: ["1\n"]
//! ending: deadlock
//! says: "call":"Receiver::recv"
//!
//! While the receiver's own thread keeps a sender, the messages never end.

use std::sync::mpsc;
use std::thread;

fn main() {
    let (sender, receiver) = mpsc::channel();
    let other = sender.clone();
    thread::spawn(move || other.send(1).unwrap());
    for number in &receiver {
        println!("{number}");
    }
    drop(sender);
}
