//! A read may give less than was written: who takes one read for one message
//! gets any part of it.
//! outputs: ["h", "he", "hel", "hell", "hello"]
//! timeline: main accepts from listener 1 (127.0.0.1:40000) (T1 has ended)

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let client = thread::spawn(move || {
        TcpStream::connect(address).unwrap().write(b"hello").unwrap();
    });
    let (mut stream, _) = listener.accept().unwrap();
    let mut buffer = [0; 16];
    let length = stream.read(&mut buffer).unwrap();
    print!("{}", String::from_utf8_lossy(&buffer[..length]));
    client.join().unwrap();
}
