//! A server answers one client after another; each is a peer with a script.
//!
//! world: {"programs": [{"label": "server", "announces": "listening on "}], "peers": [{"name": "ann", "script": "connect server\nsend \"hi\\n\"\nread end"}, {"name": "bob", "script": "connect server\nsend slowly \"yo\\n\"\nread end"}]}
//! peer ann: ["hi\n <end> <done>"]
//! peer bob: ["yo\n <end> <done>"]
//! says: TcpListener::accept
//! search: {"preemptions": 1, "random": 20}

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("listening on {}", listener.local_addr().unwrap());
    for stream in listener.incoming() {
        let mut stream = stream.unwrap();
        let mut line = String::new();
        BufReader::new(&stream).read_line(&mut line).unwrap();
        stream.write_all(line.as_bytes()).unwrap();
    }
}
