//! A pipe that is full waits for its reader; what is longer than the pipe goes
//! in parts; and without a reader, to write is an error.
//! outputs: ["65537 bytes\nBrokenPipe\n"]
//! search: {"preemptions": 1, "executions": 400, "random": 20}

use std::io::{Read, Write};
use std::thread;

fn main() {
    let (mut reader, mut writer) = std::io::pipe().unwrap();
    let writes = thread::spawn(move || {
        writer.write_all(&[7; 65_537]).unwrap();
    });
    let mut all = Vec::new();
    reader.read_to_end(&mut all).unwrap();
    writes.join().unwrap();
    println!("{} bytes", all.len());

    let (reader, mut writer) = std::io::pipe().unwrap();
    drop(reader);
    println!("{:?}", writer.write(b"x").unwrap_err().kind());
}
