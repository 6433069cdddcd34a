//! Threads that have the same open file move its position. To read from one that
//! others have, too, to ask where it is, and to move it are steps.
//! outputs: ["2\n", "3\n"]
//! search: {"preemptions": 2}

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::sync::Arc;
use std::thread;

/// Reads on by one where that leaves one to be read.
fn read_on(mut file: &File) {
    if file.stream_position().unwrap() < 2 {
        let _ = file.read(&mut [0]).unwrap();
    }
}

fn main() {
    let mut file = File::options();
    let mut file = file.read(true).write(true).create(true).open("file").unwrap();
    file.write_all(b"abc").unwrap();
    file.seek(SeekFrom::Start(1)).unwrap();
    let file = Arc::new(file);
    let its = file.clone();
    let other = thread::spawn(move || read_on(&its));
    read_on(&file);
    other.join().unwrap();
    println!("{}", (&*file).stream_position().unwrap());
}
