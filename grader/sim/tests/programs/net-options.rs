//! What is set of a socket is given back, and what is no value is refused.
//! real: the same

use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::linux::net::TcpStreamExt;
use std::time::Duration;

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    println!("{:?} {:?}", stream.read_timeout().unwrap(), stream.write_timeout().unwrap());
    stream.set_read_timeout(Some(Duration::from_secs(3))).unwrap();
    stream.set_write_timeout(Some(Duration::from_secs(7))).unwrap();
    println!("{:?} {:?}", stream.read_timeout().unwrap(), stream.write_timeout().unwrap());
    println!("{:?}", stream.set_read_timeout(Some(Duration::ZERO)).unwrap_err().kind());
    stream.set_read_timeout(None).unwrap();
    println!("{:?}", stream.read_timeout().unwrap());
    println!("{:?} {}", stream.ttl().unwrap(), stream.nodelay().unwrap());
    stream.set_ttl(12).unwrap();
    stream.set_nodelay(true).unwrap();
    println!("{:?} {}", stream.ttl().unwrap(), stream.nodelay().unwrap());
    println!("{:?}", stream.set_ttl(300).unwrap_err().kind());
    stream.set_quickack(false).unwrap();
    println!("{:?}", stream.quickack().unwrap());
    listener.set_ttl(9).unwrap();
    println!("{:?}", listener.ttl().unwrap());
    println!("{:?}", listener.take_error().unwrap().is_some());

    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    println!("{:?}", socket.broadcast().unwrap());
    socket.set_broadcast(true).unwrap();
    println!("{:?}", socket.broadcast().unwrap());
    println!("{:?}", socket.multicast_loop_v4().unwrap());
    socket.set_multicast_ttl_v4(4).unwrap();
    println!("{:?}", socket.multicast_ttl_v4().unwrap());
    socket.set_ttl(4).unwrap();
    println!("{:?} {:?}", socket.ttl().unwrap(), socket.try_clone().unwrap().ttl().unwrap());
}
