//! A datagram may be lost, come twice, or overtake the one before it: each when
//! the check allows it.
//! outputs: ["ab", "a", "b", "aab", "abb", "ba", "aa", "bb", "aba"]
//! network: {"lost": 1, "doubled": 1, "overtaken": 1}
//! search: {"preemptions": 1}

use std::net::UdpSocket;

fn main() {
    let one = UdpSocket::bind("127.0.0.1:0").unwrap();
    let two = UdpSocket::bind("127.0.0.1:0").unwrap();
    for byte in [b"a", b"b"] {
        one.send_to(byte, two.local_addr().unwrap()).unwrap();
    }
    two.set_nonblocking(true).unwrap();
    let mut byte = [0];
    while two.recv(&mut byte).is_ok() {
        print!("{}", byte[0] as char);
    }
}
