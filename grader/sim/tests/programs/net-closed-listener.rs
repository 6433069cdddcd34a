//! Who has connected and was never accepted is turned away when the listener
//! is closed.
//! real: the same
//! network: {"pieces": 0}

use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::thread::sleep;
use std::time::Duration;

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut client = TcpStream::connect(address).unwrap();
    let other = listener.try_clone().unwrap();
    drop(listener);
    let second = TcpStream::connect(address).unwrap();
    other.accept().unwrap();
    drop(other);
    sleep(Duration::from_millis(20));
    println!("{:?}", client.read(&mut [0; 4]).unwrap());
    println!("{:?}", (&second).read(&mut [0; 4]).unwrap_err().kind());
    println!("{:?}", second.peer_addr().unwrap_err().kind());
    println!("{:?}", TcpStream::connect(address).unwrap_err().kind());
}
