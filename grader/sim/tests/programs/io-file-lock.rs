//! Two threads lock a file, each with an open of its own: one waits for the
//! other, so nothing of theirs is mixed up.
//! outputs: ["aabb", "bbaa"]

use std::fs::File;
use std::io::Write;
use std::thread;

fn write(name: &str) {
    let mut file = File::options().append(true).create(true).open("shared").unwrap();
    file.lock().unwrap();
    file.write_all(name.as_bytes()).unwrap();
    file.write_all(name.as_bytes()).unwrap();
    file.unlock().unwrap();
}

fn main() {
    let a = thread::spawn(|| write("a"));
    let b = thread::spawn(|| write("b"));
    a.join().unwrap();
    b.join().unwrap();
    print!("{}", std::fs::read_to_string("shared").unwrap());
}
