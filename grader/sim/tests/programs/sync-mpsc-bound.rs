//! outputs: ["sent 1, received 1, sent 2, received 2\n", "sent 1, sent 2, received 1, received 2\n", "sent 1, received 1, received 2, sent 2\n", "received 1, sent 1, sent 2, received 2\n", "received 1, sent 1, received 2, sent 2\n"]
//!
//! With room for one message, the sender is never two ahead.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::mpsc;
use std::thread;

static SENT: AtomicI32 = AtomicI32::new(0);
static TOLD: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn tell(what: &str, number: i32) {
    TOLD.lock().unwrap().push(format!("{what} {number}"));
}

fn main() {
    let (sender, receiver) = mpsc::sync_channel(1);
    let other = thread::spawn(move || {
        for number in 1..=2 {
            sender.send(number).unwrap();
            SENT.store(number, Ordering::SeqCst);
            tell("sent", number);
        }
    });
    assert!(SENT.load(Ordering::SeqCst) < 2);
    for number in receiver {
        tell("received", number);
    }
    other.join().unwrap();
    println!("{}", TOLD.lock().unwrap().join(", "));
}
