//! Until a socket is connected it takes what anybody sends, and keeps it.
//! outputs: ["Ok(1)\n", "Err(WouldBlock)\n"]
//! timeline: main connects to 127.0.0.1:7000 (T1 has ended)

use std::net::UdpSocket;
use std::thread;

fn main() {
    let stranger = thread::spawn(|| {
        let socket = UdpSocket::bind("127.0.0.1:6000").unwrap();
        socket.send_to(b"s", "127.0.0.1:5000").unwrap();
    });
    let socket = UdpSocket::bind("127.0.0.1:5000").unwrap();
    socket.connect("127.0.0.1:7000").unwrap();
    stranger.join().unwrap();
    socket.set_nonblocking(true).unwrap();
    println!("{:?}", socket.recv(&mut [0; 4]).map_err(|e| e.kind()));
}
