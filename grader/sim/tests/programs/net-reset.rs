//! An end that is closed with unread input breaks the connection off: what the
//! other end has not read yet may be lost, then comes the reset, once.
//! outputs: ["bye ConnectionReset 0 BrokenPipe\n", "ConnectionReset 0 BrokenPipe\n"]
//! network: {"pieces": 0}

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (mut server, _) = listener.accept().unwrap();
    client.write_all(b"unread").unwrap();
    server.write_all(b"bye ").unwrap();
    drop(server);
    let mut buffer = [0; 16];
    for _ in 0..3 {
        match client.read(&mut buffer) {
            Ok(0) => {
                print!("0 ");
                break;
            }
            Ok(length) => print!("{}", String::from_utf8_lossy(&buffer[..length])),
            Err(error) => print!("{:?} ", error.kind()),
        }
    }
    println!("{:?}", client.write(b"x").unwrap_err().kind());
}
