//! outputs: ["Full, got 2\n", "Sent, got 1 2\n"]
//!
//! Without room, a message passes only where both sides are there.

use std::sync::mpsc::{self, TrySendError};
use std::thread;

fn main() {
    let (sender, receiver) = mpsc::sync_channel(0);
    let other = thread::spawn(move || {
        let told = match sender.try_send(1) {
            Ok(()) => "Sent",
            Err(TrySendError::Full(1)) => "Full",
            Err(_) => unreachable!(),
        };
        sender.send(2).unwrap();
        told
    });
    let got: Vec<_> = receiver
        .iter()
        .map(|number: u32| number.to_string())
        .collect();
    println!("{}, got {}", other.join().unwrap(), got.join(" "));
}
