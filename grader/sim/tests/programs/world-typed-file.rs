//! What is typed comes through `/dev/stdin` and through duplicates, too.
//!
//! world: {"programs": [{"label": "echo", "open": true}], "peers": [{"name": "ann", "script": "type echo \"one\\n\"\nrest\ntype echo \"two\\n\"\nrest\ntype echo \"three\"\nhang up echo"}]}
//! program echo: ["one\ntwo\nthree\n <exit 0>"]
//! peer ann: [" <done>"]
//! search: {"preemptions": 1, "random": 20}

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::os::fd::AsFd;

fn main() {
    let mut line = String::new();
    let mut file = BufReader::new(File::open("/dev/stdin").unwrap());
    file.read_line(&mut line).unwrap();
    print!("{line}");
    let duplicate = std::io::stdin().as_fd().try_clone_to_owned().unwrap();
    let mut duplicate = File::from(duplicate);
    let mut rest = String::new();
    duplicate.read_to_string(&mut rest).unwrap();
    println!("{rest}");
}
