//! outputs: [""]
//! ending: deadlock
//! says: "call":"SyncSender::send"
//!
//! A thread that sends more than there is room for, and is the one to receive.

use std::sync::mpsc;

fn main() {
    let (sender, receiver) = mpsc::sync_channel(2);
    for number in 0..3 {
        sender.send(number).unwrap();
    }
    println!("{}", receiver.recv().unwrap());
}
