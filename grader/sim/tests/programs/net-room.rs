//! A write that finds no room waits for it, and takes everything in the end; one
//! that must not wait takes what there is room for; one with a time limit gives
//! up.
//! outputs: ["1000 WouldBlock 600 400\nWouldBlock after 1s\n5000\n"]
//! network: {"buffer": 1000, "pieces": 0}

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (mut server, _) = listener.accept().unwrap();
    client.set_nonblocking(true).unwrap();
    print!("{} ", client.write(&[0; 5000]).unwrap());
    print!("{:?} ", client.write(&[0; 5000]).unwrap_err().kind());
    server.read_exact(&mut [0; 600]).unwrap();
    println!("{} {}", client.write(&[0; 5000]).unwrap(), server.read(&mut [0; 400]).unwrap());
    server.read_exact(&mut [0; 600]).unwrap();
    client.set_nonblocking(false).unwrap();
    client.set_write_timeout(Some(Duration::from_secs(1))).unwrap();
    client.write_all(&[0; 1000]).unwrap();
    let start = Instant::now();
    let error = client.write(&[0; 1]).unwrap_err();
    println!("{:?} after {:?}", error.kind(), start.elapsed());
    client.set_write_timeout(None).unwrap();
    let reader = thread::spawn(move || server.read_exact(&mut [0; 6000]).unwrap());
    println!("{}", client.write(&[0; 5000]).unwrap());
    reader.join().unwrap();
}
