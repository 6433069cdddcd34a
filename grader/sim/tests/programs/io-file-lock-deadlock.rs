//! The lock of a file that this thread has already, through another open.
//! outputs: ["locked\n"]
//! always: deadlock
//! says: "object":"file 1"
//! says: "holders":[{"place":null,"thread":0}]

use std::fs::File;

fn main() {
    let first = File::create("a").unwrap();
    let second = File::open("a").unwrap();
    first.lock().unwrap();
    println!("locked");
    second.lock_shared().unwrap();
    println!("twice");
}
