//! outputs: ["received before sent\n"]
//!
//! Without room, `send` returns no earlier than the message is taken.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;

static ASKED: AtomicBool = AtomicBool::new(false);

fn main() {
    let (sender, receiver) = mpsc::sync_channel(0);
    let others = [1, 2].map(|number| {
        let sender = sender.clone();
        thread::spawn(move || {
            sender.send(number).unwrap();
            assert!(ASKED.load(Ordering::SeqCst));
        })
    });
    drop(sender);
    ASKED.store(true, Ordering::SeqCst);
    assert_eq!(receiver.recv().unwrap() + receiver.recv().unwrap(), 3);
    assert!(receiver.recv().is_err());
    for other in others {
        other.join().unwrap();
    }
    println!("received before sent");
}
