//! A thread that is let go is left, even where a message told of its end.
//! scenario: yes
//! outputs: ["3"]

use std::sync::mpsc;
use std::thread;

fn main() {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(()).unwrap());
    receiver.recv().unwrap();
    drop(thread::spawn(|| ()));
    print!("{}", sim::scenario::threads_alive());
}
