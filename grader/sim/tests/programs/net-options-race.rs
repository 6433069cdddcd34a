//! What one thread sets of a socket, another one may see.
//! outputs: ["64 None\n", "64 Some(1s)\n", "9 Some(1s)\n"]

use std::net::{TcpListener, UdpSocket};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

fn main() {
    let listener = Arc::new(TcpListener::bind("127.0.0.1:0").unwrap());
    let socket = Arc::new(UdpSocket::bind("127.0.0.1:0").unwrap());
    let others = (listener.clone(), socket.clone());
    let looks = thread::spawn(move || {
        let ttl = others.0.ttl().unwrap();
        (ttl, others.1.read_timeout().unwrap())
    });
    socket
        .set_read_timeout(Some(Duration::from_secs(1)))
        .unwrap();
    listener.set_ttl(9).unwrap();
    let (ttl, timeout) = looks.join().unwrap();
    println!("{ttl} {timeout:?}");
}
