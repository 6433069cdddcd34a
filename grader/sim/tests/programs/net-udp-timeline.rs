//! How datagrams and waiting for them look in a timeline.
//! outputs: [""]
//! always: deadlock
//! timeline: main sends to 127.0.0.1:40001
//! timeline: main receives from socket 1 (127.0.0.1:40001)
//! timeline: main waits for socket 1 (127.0.0.1:40001) for ever
//! says: "call":"UdpSocket::recv_from"

use std::net::UdpSocket;

fn main() {
    let one = UdpSocket::bind("127.0.0.1:0").unwrap();
    let two = UdpSocket::bind("127.0.0.1:0").unwrap();
    one.send_to(b"hello", two.local_addr().unwrap()).unwrap();
    two.recv_from(&mut [0; 9]).unwrap();
    two.recv_from(&mut [0; 9]).unwrap();
}
