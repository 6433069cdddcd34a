//! Programs among themselves that all wait for one another are in a deadlock.
//!
//! world: {"programs": [{"label": "left", "args": ["left"], "announces": "at "}, {"label": "right", "args": ["right", "{left}"]}]}
//! ending: deadlock
//! program right: [""]
//! says: TcpStream::read
//! search: {"preemptions": 1, "random": 5}

use std::io::Read;
use std::net::{TcpListener, TcpStream};

fn main() {
    let mut stream = match std::env::args().nth(2) {
        Some(address) => TcpStream::connect(address).unwrap(),
        None => {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            println!("at {}", listener.local_addr().unwrap());
            listener.accept().unwrap().0
        }
    };
    stream.read(&mut [0]).unwrap();
}
