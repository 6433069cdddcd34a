//! A port is free again when its socket is closed: whoever wants it, or sends there,
//! may come before that.
//! outputs: ["true true\n", "false true\n", "true false\n", "false false\n"]

use std::net::UdpSocket;
use std::thread;

fn main() {
    let first = UdpSocket::bind("127.0.0.1:5000").unwrap();
    let second = UdpSocket::bind("127.0.0.1:5001").unwrap();
    let binds = thread::spawn(|| UdpSocket::bind("127.0.0.1:5000").is_ok());
    let sends = thread::spawn(|| {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.connect("127.0.0.1:5001").unwrap();
        socket.send(b"a").unwrap();
        socket.send(b"b").is_ok()
    });
    drop(first);
    drop(second);
    println!("{} {}", binds.join().unwrap(), sends.join().unwrap());
}
