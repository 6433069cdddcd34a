//! Both ends read, and neither writes.
//! outputs: [""]
//! always: deadlock
//! says: "call":"TcpStream::read"
//! timeline: main waits for connection 1 for ever
//! network: {"pieces": 0}

use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::thread;

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let other = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.read(&mut [0; 4]).unwrap();
    });
    let mut stream = TcpStream::connect(address).unwrap();
    stream.read(&mut [0; 4]).unwrap();
    other.join().unwrap();
}
