//! Two threads write lines to one pipe: in either order, each line whole.
//! outputs: ["aaaa\nbbbb\n", "bbbb\naaaa\n"]

use std::io::{Read, Write};
use std::thread;

fn main() {
    let (mut reader, mut first) = std::io::pipe().unwrap();
    let mut second = first.try_clone().unwrap();
    let a = thread::spawn(move || first.write_all(b"aaaa\n").unwrap());
    let b = thread::spawn(move || second.write_all(b"bbbb\n").unwrap());
    let mut all = String::new();
    reader.read_to_string(&mut all).unwrap();
    print!("{all}");
    a.join().unwrap();
    b.join().unwrap();
}
