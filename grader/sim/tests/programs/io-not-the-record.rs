//! The stream that an execution is told on cannot be reached by a path or by a
//! duplicate: all of these are the simulated standard output.
//! outputs: ["one\ntwo\nthree\nfour\ndone\n"]

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::fd::AsFd;

fn main() {
    for (path, text) in [
        ("/dev/stdout", "one\n"),
        ("/dev/fd/1", "two\n"),
        ("/proc/self/fd/1", "three\n"),
    ] {
        let mut file = OpenOptions::new().write(true).open(path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }
    let twin = std::io::stdout().as_fd().try_clone_to_owned().unwrap();
    File::from(twin).write_all(b"four\n").unwrap();
    for number in 3..64 {
        let path = format!("/proc/self/fd/{number}");
        assert!(OpenOptions::new().write(true).open(path).is_err());
    }
    for path in ["/proc/self/fd", "/proc/self/task", "/proc/1/fd"] {
        assert!(fs::read_dir(path).is_err());
    }
    for path in ["/proc/self/mem", "/proc/self/maps", "/proc/self/environ"] {
        assert!(File::open(path).is_err());
    }
    println!("done");
}
