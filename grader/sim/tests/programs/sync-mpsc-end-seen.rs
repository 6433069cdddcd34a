//! outputs: ["Empty\n", "Disconnected\n"]
//!
//! The end of the last sender is seen, or not yet, by one who looks.

use std::sync::mpsc;
use std::thread;

fn main() {
    let (sender, receiver) = mpsc::channel::<u32>();
    let other = thread::spawn(move || drop(sender));
    println!("{:?}", receiver.try_recv().unwrap_err());
    other.join().unwrap();
}
