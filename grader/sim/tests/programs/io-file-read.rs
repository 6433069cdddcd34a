//! Who reads a file that another thread writes to sees it before, between and
//! after, also where the reader is the one who lets the writer go on.
//! outputs: ["\n", "a\n", "ab\n"]
//! search: {"preemptions": 2}

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::sync::mpsc;
use std::thread;

fn main() {
    fs::write("file", "").unwrap();
    let (let_go, may_go) = mpsc::channel();
    let writer = thread::spawn(move || {
        may_go.recv().unwrap();
        let mut file = File::options().append(true).open("file").unwrap();
        file.write_all(b"a").unwrap();
        file.write_all(b"b").unwrap();
    });
    let mut file = File::open("file").unwrap();
    let_go.send(()).unwrap();
    let mut text = String::new();
    file.read_to_string(&mut text).unwrap();
    writer.join().unwrap();
    println!("{text}");
}
