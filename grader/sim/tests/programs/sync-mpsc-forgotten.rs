//! outputs: ["1\n"]
//! ending: deadlock
//! says: "call":"Receiver::recv"
//! says: "place":{"column":14,"file":"src/main.rs","line":15}
//!
//! While the receiver's own thread keeps a sender, the messages never end.

use std::sync::mpsc;
use std::thread;

fn main() {
    let (sender, receiver) = mpsc::channel();
    let other = sender.clone();
    thread::spawn(move || other.send(1).unwrap());
    receiver.iter().for_each(|number| println!("{number}"));
    drop(sender);
}
