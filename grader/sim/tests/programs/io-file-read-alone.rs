//! Who reads a file that another thread writes to sees it before, between and
//! after, although to read it is no step.
//! outputs: ["\n", "a\n", "ab\n"]
//! search: {"preemptions": 2}

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::sync::Mutex;
use std::thread;

static APART: Mutex<()> = Mutex::new(());

fn main() {
    fs::write("file", "").unwrap();
    let writer = thread::spawn(|| {
        let mut file = File::options().append(true).open("file").unwrap();
        file.write_all(b"a").unwrap();
        file.write_all(b"b").unwrap();
    });
    let mut file = File::open("file").unwrap();
    // A step that has nothing to do with files.
    drop(APART.lock().unwrap());
    let mut text = String::new();
    file.read_to_string(&mut text).unwrap();
    writer.join().unwrap();
    println!("{text}");
}
