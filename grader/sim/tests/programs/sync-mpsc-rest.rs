//! outputs: ["[1, 2] Err(Disconnected) Err(Disconnected) Err(RecvError)\n"]
//!
//! What was sent before the last sender went still arrives.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

fn main() {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        sender.send(1).unwrap();
        sender.clone().send(2).unwrap();
    })
    .join()
    .unwrap();
    println!(
        "{:?} {:?} {:?} {:?}",
        receiver.iter().collect::<Vec<_>>(),
        receiver.try_recv(),
        receiver.recv_timeout(Duration::from_secs(1)),
        receiver.recv()
    );
}
