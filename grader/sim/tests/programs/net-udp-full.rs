//! What a socket has no memory for is dropped, and nobody is told.
//! outputs: ["120000 of 200000\n"]

use std::net::UdpSocket;

fn main() {
    let one = UdpSocket::bind("127.0.0.1:0").unwrap();
    let two = UdpSocket::bind("127.0.0.1:0").unwrap();
    for _ in 0..200 {
        one.send_to(&[0; 1000], two.local_addr().unwrap()).unwrap();
    }
    two.set_nonblocking(true).unwrap();
    let mut received = 0;
    while let Ok(length) = two.recv(&mut [0; 1000]) {
        received += length;
    }
    println!("{received} of 200000");
}
