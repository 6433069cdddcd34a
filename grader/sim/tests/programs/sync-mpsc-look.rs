//! outputs: ["Ok(1)\n", "Err(Empty) Ok(1)\n", "Err(Empty) Err(Empty) Ok(1)\n"]
//!
//! To look for a message, or to wait a little for it, may come too early.

use std::sync::mpsc::{self, RecvTimeoutError, TryRecvError};
use std::thread;
use std::time::Duration;

fn main() {
    let (sender, receiver) = mpsc::channel();
    let other = thread::spawn(move || sender.send(1).unwrap());
    let mut seen = receiver.try_recv();
    print!("{seen:?}");
    if seen.is_err() {
        seen = receiver
            .recv_timeout(Duration::from_millis(10))
            .map_err(|error| match error {
                RecvTimeoutError::Timeout => TryRecvError::Empty,
                RecvTimeoutError::Disconnected => unreachable!(),
            });
        print!(" {seen:?}");
    }
    other.join().unwrap();
    if seen.is_err() {
        print!(" {:?}", receiver.try_recv());
    }
    println!();
    assert!(receiver.try_iter().next().is_none());
}
