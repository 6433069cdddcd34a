//! Two threads want the same port: one of them gets it.
//! outputs: ["true false\n", "false true\n"]

use std::net::TcpListener;
use std::thread;

fn main() {
    let other = thread::spawn(|| TcpListener::bind("127.0.0.1:4000"));
    let one = TcpListener::bind("127.0.0.1:4000");
    let other = other.join().unwrap();
    println!("{} {}", one.is_ok(), other.is_ok());
    let error = one.and(other).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
}
