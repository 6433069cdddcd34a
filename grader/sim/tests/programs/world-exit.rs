//! One process ends, with a thread that waits for ever, and the other one goes
//! on; that a thread panics ends its own process only, with 101 where it is the
//! main one.
//!
//! world: {"programs": [{"label": "exits", "args": ["exits"]}, {"label": "panics", "args": ["panics"]}, {"label": "returns", "args": ["returns"]}]}
//! program exits: [" <exit 7>"]
//! program returns: ["done\n <exit 0>"]
//! search: {"preemptions": 1, "random": 20}

use std::sync::mpsc;
use std::thread;

fn main() {
    let (sender, receiver) = mpsc::channel::<()>();
    match std::env::args().nth(1).as_deref() {
        Some("exits") => {
            thread::spawn(move || receiver.recv());
            std::process::exit(7);
        }
        Some("panics") => panic!("as it should"),
        _ => {
            let other = thread::spawn(move || sender.send(()).unwrap());
            receiver.recv().unwrap();
            other.join().unwrap();
            println!("done");
        }
    }
}
