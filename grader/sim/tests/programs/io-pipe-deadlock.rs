//! A pipe is read whose writer is alive and silent: a deadlock, with the pipe's
//! name, where it was made and where it is read.
//! outputs: [""]
//! always: deadlock
//! says: "call":"PipeReader::read"
//! says: "object":"pipe 1"
//! says: "made":{"column":32,"file":"src/main.rs","line":14}
//! says: "place":{"column":34,"file":"src/main.rs","line":15}

use std::io::Read;
use std::thread;

fn main() {
    let (mut reader, writer) = std::io::pipe().unwrap();
    thread::spawn(move || reader.read(&mut [0; 4]).unwrap())
        .join()
        .unwrap();
    drop(writer);
}
