//! Two threads read one connection: each byte goes to one of them, in order.
//! outputs: ["b a", "ab -", "- ab"]
//! network: {"pieces": 0}

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

fn read(stream: &TcpStream) -> String {
    let mut buffer = [0; 8];
    let length = (&*stream).read(&mut buffer).unwrap();
    match length {
        0 => "-".to_owned(),
        _ => String::from_utf8_lossy(&buffer[..length]).into_owned(),
    }
}

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let server = Arc::new(listener.accept().unwrap().0);
    let other = server.clone();
    let other = thread::spawn(move || read(&other));
    client.write_all(b"a").unwrap();
    client.write_all(b"b").unwrap();
    drop(client);
    let one = read(&server);
    print!("{one} {}", other.join().unwrap());
}
