//! Two programs talk to each other over TCP; the one that needs the other's
//! address starts when that is known.
//!
//! world: {"programs": [{"label": "client", "args": ["{server}"]}, {"label": "server", "announces": "listening on "}]}
//! program client: ["pong 1\npong 2\n <exit 0>"]
//! search: {"preemptions": 1, "random": 20}

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

fn main() {
    match std::env::args().nth(1) {
        Some(address) => {
            let stream = TcpStream::connect(address).unwrap();
            let mut lines = BufReader::new(&stream).lines();
            for _ in 0..2 {
                (&stream).write_all(b"ping\n").unwrap();
                println!("{}", lines.next().unwrap().unwrap());
            }
        }
        None => {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            println!("listening on {}", listener.local_addr().unwrap());
            let (stream, _) = listener.accept().unwrap();
            for (line, number) in BufReader::new(&stream).lines().zip(1..) {
                assert_eq!(line.unwrap(), "ping");
                writeln!(&stream, "pong {number}").unwrap();
            }
        }
    }
}
