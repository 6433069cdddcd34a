//! The error of a socket is told once: to who asks for it, or to who reads, where the
//! other has come too early or too late.
//! outputs: ["None, Err(ConnectionReset)\n", "Some(ConnectionReset), Ok(0)\n"]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (server, _) = listener.accept().unwrap();
    client.write_all(b"x").unwrap();
    let mut other = client.try_clone().unwrap();
    let closes = thread::spawn(move || drop(server));
    let reads = thread::spawn(move || other.read(&mut [0]).map_err(|error| error.kind()));
    let error = client.take_error().unwrap().map(|error| error.kind());
    closes.join().unwrap();
    println!("{error:?}, {:?}", reads.join().unwrap());
}
