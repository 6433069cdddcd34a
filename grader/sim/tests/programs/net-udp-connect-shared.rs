//! Where a socket is connected by another thread, what is sent without saying where
//! has a destination, or has none yet; and a peer, or none.
//! outputs: ["true true\n", "true false\n", "false true\n", "false false\n"]

use std::net::UdpSocket;
use std::sync::Arc;
use std::thread;

fn main() {
    let socket = Arc::new(UdpSocket::bind("127.0.0.1:0").unwrap());
    let one = socket.clone();
    let other = socket.clone();
    let sends = thread::spawn(move || one.send(b"a").is_ok());
    let asks = thread::spawn(move || other.peer_addr().is_ok());
    socket.connect("127.0.0.1:7000").unwrap();
    println!("{} {}", sends.join().unwrap(), asks.join().unwrap());
}
