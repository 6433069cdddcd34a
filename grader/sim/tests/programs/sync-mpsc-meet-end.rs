//! outputs: ["Err(SendError { .. }) Disconnected Disconnected\n"]
//!
//! Without room, the one who waits is told when the other side goes.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

fn main() {
    let (sender, receiver) = mpsc::sync_channel(0);
    let other = thread::spawn(move || sender.send(1));
    drop(receiver);
    let sent = other.join().unwrap();

    let (sender, receiver) = mpsc::sync_channel::<u32>(0);
    let other = thread::spawn(move || drop(sender));
    assert!(receiver.recv().is_err());
    other.join().unwrap();
    let late = receiver.recv_timeout(Duration::from_secs(1)).unwrap_err();
    println!("{sent:?} {:?} {late:?}", receiver.try_recv().unwrap_err());
}
