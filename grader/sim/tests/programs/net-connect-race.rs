//! Who connects before the other listens is refused.
//! outputs: ["connected\n", "ConnectionRefused\n"]

use std::net::{TcpListener, TcpStream};
use std::thread;

fn main() {
    let other = thread::spawn(|| TcpListener::bind("127.0.0.1:4000").unwrap());
    match TcpStream::connect("127.0.0.1:4000") {
        Ok(_) => println!("connected"),
        Err(error) => println!("{:?}", error.kind()),
    }
    other.join().unwrap();
}
