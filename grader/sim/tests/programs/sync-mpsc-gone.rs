//! outputs: ["lost, dropped 1\n", "sent in vain, dropped 1\n"]
//!
//! A message comes back where the receiver is gone, and is dropped with it
//! where it was sent before; either way it is dropped once.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, SendError};
use std::thread;

static DROPPED: AtomicU32 = AtomicU32::new(0);

struct Message;

impl Drop for Message {
    fn drop(&mut self) {
        DROPPED.fetch_add(1, Ordering::SeqCst);
    }
}

fn main() {
    let (sender, receiver) = mpsc::channel();
    let other = thread::spawn(move || drop(receiver));
    let told = match sender.send(Message) {
        Ok(()) => "sent in vain",
        Err(SendError(_message)) => "lost",
    };
    other.join().unwrap();
    println!("{told}, dropped {}", DROPPED.load(Ordering::SeqCst));
}
