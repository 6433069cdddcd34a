//! Two threads look whether a file is there, and make it when it is not. Every
//! execution begins with an empty folder, whatever the last one has left.
//! outputs: ["made made\n", "made there\n", "there made\n"]

use std::path::Path;
use std::{fs, thread};

fn make() -> &'static str {
    if Path::new("only").exists() {
        return "there";
    }
    fs::write("only", "once").unwrap();
    "made"
}

fn main() {
    let first = thread::spawn(make);
    let second = thread::spawn(make);
    println!("{} {}", first.join().unwrap(), second.join().unwrap());
}
