//! outputs: ["Err(Timeout)\nErr(Timeout)\nErr(Timeout)\n"]
//!
//! A receiver that waits for nobody waits as long as it says, and no longer.

use std::sync::mpsc;
use std::time::{Duration, Instant};

fn main() {
    let (_sender, receiver) = mpsc::channel::<u32>();
    let (_bounded, other) = mpsc::sync_channel::<u32>(0);
    let begin = Instant::now();
    println!("{:?}", receiver.recv_timeout(Duration::from_millis(20)));
    println!("{:?}", other.recv_timeout(Duration::from_millis(20)));
    assert!(begin.elapsed() >= Duration::from_millis(40));
    println!("{:?}", receiver.recv_timeout(Duration::ZERO));
}
