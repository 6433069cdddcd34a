//! A `Display` that waits for a mutex, and a thread that prints under it. What
//! stands before the number is still in the buffer when nothing moves any more.
//! outputs: ["", "m 1\nprinting\n", "printing\nm 1\n"]
//! ending: deadlock
//! ending: exit 0
//! says: "call":"print!","holders":[{"place":{"column":24,"file":"src/main.rs","line":23},"thread":1}]

use std::fmt;
use std::sync::Mutex;
use std::thread;

struct Shown<'a>(&'a Mutex<u32>);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.lock().unwrap())
    }
}

fn main() {
    let number = Mutex::new(1);
    thread::scope(|scope| {
        scope.spawn(|| println!("m {}", Shown(&number)));
        scope.spawn(|| {
            let _guard = number.lock().unwrap();
            println!("printing");
        });
    });
}
