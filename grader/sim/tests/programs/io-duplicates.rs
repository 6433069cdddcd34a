//! Duplicates of the standard streams are the standard streams: what is written
//! through one is printed by the thread that wrote it, as a step.
//! outputs: ["one\ntwo\nthree\n", "two\none\nthree\n"]
//! stderr: ["oops\ndev\n"]
//! stdin: "first\nsecond\n"

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::os::fd::AsFd;
use std::thread;

fn main() {
    let mut first = File::from(std::io::stdout().as_fd().try_clone_to_owned().unwrap());
    let mut second = File::options().append(true).open("/dev/stdout").unwrap();
    let third = second.try_clone().unwrap();
    let one = thread::spawn(move || first.write_all(b"one\n").unwrap());
    let two = thread::spawn(move || writeln!(second, "two").unwrap());
    one.join().unwrap();
    two.join().unwrap();
    writeln!(&third, "three").unwrap();
    eprintln!("oops");
    fs::write("/dev/stderr", "dev\n").unwrap();

    let mut input = BufReader::new(File::open("/dev/stdin").unwrap());
    let mut line = String::new();
    input.read_line(&mut line).unwrap();
    assert_eq!(line, "first\n");
    drop(input);
    assert_eq!(std::io::read_to_string(std::io::stdin()).unwrap(), "second\n");
    assert!(File::create("/proc/self/fd/3").is_err());
}
