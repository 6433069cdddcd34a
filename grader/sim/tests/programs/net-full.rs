//! Both ends write more than the network holds, and read only then: neither
//! goes on.
//! outputs: [""]
//! always: deadlock
//! says: "call":"TcpStream::write"
//! network: {"buffer": 1000, "pieces": 0}

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

fn talk(mut stream: TcpStream) {
    stream.write_all(&[1; 1001]).unwrap();
    stream.read_exact(&mut [0; 1001]).unwrap();
}

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || talk(listener.accept().unwrap().0));
    talk(TcpStream::connect(address).unwrap());
    server.join().unwrap();
}
