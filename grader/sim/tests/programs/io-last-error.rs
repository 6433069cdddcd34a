//! The last error of the system's is each thread's own, and no execution finds the one
//! of another.
//! outputs: ["0 0 0\n"]
//! search: {"preemptions": 2}

use std::io::Error;
use std::net::TcpStream;
use std::thread;

fn last() -> i32 {
    Error::last_os_error().raw_os_error().unwrap()
}

fn main() {
    let first = last();
    let thread = thread::spawn(|| {
        let first = last();
        assert!(TcpStream::connect("127.0.0.1:9").is_err());
        assert!(last() != 0);
        first
    });
    thread::yield_now();
    let meanwhile = last();
    println!("{first} {} {meanwhile}", thread.join().unwrap());
    assert!(TcpStream::connect("127.0.0.1:9").is_err());
}
