//! Whether a write comes before or after the reader has gone decides about it.
//! outputs: ["sent\n", "BrokenPipe\n"]

use std::io::Write;
use std::thread;

fn main() {
    let (reader, mut writer) = std::io::pipe().unwrap();
    let other = thread::spawn(move || drop(reader));
    match writer.write(b"x") {
        Ok(_) => println!("sent"),
        Err(error) => println!("{:?}", error.kind()),
    }
    other.join().unwrap();
}
