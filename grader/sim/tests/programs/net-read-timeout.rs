//! A read with a time limit: the answer may come in time or not. What comes
//! late is not lost.
//! outputs: ["answer\n", "WouldBlock answer\n"]
//! network: {"pieces": 0}

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(b"answer").unwrap();
    });
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    let mut buffer = [0; 16];
    let length = match stream.read(&mut buffer) {
        Ok(length) => length,
        Err(error) => {
            print!("{:?} ", error.kind());
            stream.set_read_timeout(None).unwrap();
            stream.read(&mut buffer).unwrap()
        }
    };
    println!("{}", String::from_utf8_lossy(&buffer[..length]));
    server.join().unwrap();
}
