//! Standard error has a lock of its own.
//! outputs: ["a\n"]
//! stderr: ["e\n"]

use std::io::Write;

fn main() {
    let out = std::io::stdout().lock();
    let other = std::thread::spawn(|| eprintln!("e"));
    other.join().unwrap();
    writeln!(&out_of(out), "a").unwrap();
}

fn out_of(_lock: std::io::StdoutLock<'_>) -> std::io::Stdout {
    std::io::stdout()
}
