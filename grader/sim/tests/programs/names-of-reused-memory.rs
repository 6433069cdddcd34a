//! What is made where another thing was has a name of its own in a timeline,
//! on the heap and on the stack.
//!
//! outputs: ["done\n"]
//! timeline: main locks mutex 1
//! timeline: main locks mutex 2
//! timeline: main locks mutex 3
//! timeline: main locks mutex 4
//! timeline: main sends on channel 2

use std::sync::Mutex;
use std::sync::mpsc::channel;

fn on_the_stack() {
    let mutex = Mutex::new(0);
    *mutex.lock().unwrap() += 1;
}

fn main() {
    for _ in 0..2 {
        on_the_stack();
        let mutex = Box::new(Mutex::new(0));
        *mutex.lock().unwrap() += 1;
        let (tx, _rx) = channel();
        tx.send(1).unwrap();
    }
    println!("done");
}
