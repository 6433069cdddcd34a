//! A process ends while one of its threads is about to close a socket: then the system
//! closes it.
//!
//! world: {"programs": [{"label": "client", "args": ["{server}"]}, {"label": "server", "announces": "listening on "}]}
//! program client: [" <exit 0>"]
//! program server: ["listening on ADDRESS\n <exit 0>"]
//! search: {"preemptions": 2, "random": 20}

use std::io::Read as _;
use std::net::{TcpListener, TcpStream};
use std::thread;

fn main() {
    match std::env::args().nth(1) {
        Some(address) => {
            let stream = TcpStream::connect(address).unwrap();
            thread::spawn(move || drop(stream));
        }
        None => {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            println!("listening on {}", listener.local_addr().unwrap());
            let (mut stream, _) = listener.accept().unwrap();
            assert_eq!(stream.read(&mut [0]).unwrap(), 0);
        }
    }
}
