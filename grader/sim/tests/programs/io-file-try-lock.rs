//! Whether a lock that is tried is held is for the schedule to say, also just
//! before it is given back.
//! outputs: ["held\n", "locked\n"]

use std::fs::File;
use std::thread;

fn main() {
    let file = File::create("a").unwrap();
    let other = thread::spawn(|| {
        let file = File::open("a").unwrap();
        file.lock().unwrap();
    });
    println!("{}", if file.try_lock().is_ok() { "locked" } else { "held" });
    file.unlock().unwrap();
    other.join().unwrap();
    file.lock().unwrap();
}
