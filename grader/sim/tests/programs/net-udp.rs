//! Datagrams: to a socket that is connected and to one that is not, cut off
//! where they do not fit, looked at before they are taken; and where nobody is,
//! the sender is told at its next call.
//! real: the same

use std::net::UdpSocket;
use std::time::Duration;

fn main() {
    let one = UdpSocket::bind("127.0.0.1:0").unwrap();
    let two = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = two.local_addr().unwrap();
    let mut buffer = [0; 16];
    assert_eq!(one.send_to(b"hello", address).unwrap(), 5);
    assert_eq!(two.peek_from(&mut buffer).unwrap(), (5, one.local_addr().unwrap()));
    assert_eq!(two.peek(&mut buffer[..2]).unwrap(), 2);
    assert_eq!(two.recv_from(&mut buffer[..3]).unwrap().0, 3);
    println!("{:?}", &buffer[..5]);

    println!("{:?}", one.send(b"x").unwrap_err().kind());
    println!("{:?}", one.peer_addr().unwrap_err().kind());
    one.connect(address).unwrap();
    assert_eq!(one.peer_addr().unwrap(), address);
    one.send(b"").unwrap();
    one.send(b"two").unwrap();
    assert_eq!(two.recv(&mut buffer).unwrap(), 0);
    assert_eq!(two.recv(&mut buffer).unwrap(), 3);
    // A connected socket takes nothing from strangers.
    let three = UdpSocket::bind("127.0.0.1:0").unwrap();
    three.send_to(b"stranger", one.local_addr().unwrap()).unwrap();
    one.set_read_timeout(Some(Duration::from_millis(10))).unwrap();
    println!("{:?}", one.recv(&mut buffer).unwrap_err().kind());
    two.set_nonblocking(true).unwrap();
    println!("{:?}", two.recv(&mut buffer).unwrap_err().kind());

    drop(two);
    one.send(b"lost").unwrap();
    println!("{:?}", one.recv(&mut buffer).unwrap_err().kind());
    one.send(b"lost").unwrap();
    println!("{:?}", one.send(b"lost").unwrap_err().kind());
    one.send(b"lost").unwrap();
    println!("{:?}", one.take_error().unwrap().map(|error| error.kind()));
    println!("{:?}", one.send(&[0; 65_508]).unwrap_err().raw_os_error());
    println!("{:?}", three.send_to(b"", "127.0.0.1:0").unwrap_err().kind());
    println!("{:?}", three.send_to(b"", "255.255.255.255:9").unwrap_err().kind());
    println!("{:?}", three.send_to(b"", "[::1]:9").unwrap_err().raw_os_error());
}
