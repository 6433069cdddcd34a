//! A write may take a part only: who does not look at its result loses the rest.
//! outputs: ["hello", "hell", "he", "h"]
//! network: {"pieces": 1}

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (mut server, _) = listener.accept().unwrap();
    let _ = client.write(b"hello").unwrap();
    drop(client);
    let mut all = String::new();
    server.read_to_string(&mut all).unwrap();
    print!("{all}");
}
