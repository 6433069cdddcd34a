//! outputs: ["[0, 1, 10, 11]\n", "[0, 10, 1, 11]\n", "[0, 10, 11, 1]\n", "[10, 0, 1, 11]\n", "[10, 0, 11, 1]\n", "[10, 11, 0, 1]\n"]
//!
//! Messages of one sender stay in order, those of two mix in every way; and the
//! iterator ends once all senders are gone.

use std::sync::mpsc;
use std::thread;

fn main() {
    let (sender, receiver) = mpsc::channel();
    for base in [0, 10] {
        let sender = sender.clone();
        thread::spawn(move || {
            sender.send(base).unwrap();
            sender.send(base + 1).unwrap();
        });
    }
    drop(sender);
    println!("{:?}", receiver.into_iter().collect::<Vec<_>>());
}
