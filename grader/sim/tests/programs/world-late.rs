//! Where they may come late, a timeout may strike although the answer is there.
//!
//! world: {"programs": [{"label": "server", "announces": "on "}], "peers": [{"name": "ann", "script": "connect server\nsend \"hi\\n\"\nread end"}]}
//! program server: ["on ADDRESS\nhi\n <exit 0>", "on ADDRESS\nWouldBlock\n <exit 0>"]
//! search: {"preemptions": 1, "random": 5}

use std::io::Read;
use std::net::TcpListener;
use std::time::Duration;

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("on {}", listener.local_addr().unwrap());
    let (mut stream, _) = listener.accept().unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    let mut bytes = [0; 3];
    match stream.read_exact(&mut bytes) {
        Ok(()) => print!("{}", String::from_utf8_lossy(&bytes)),
        Err(error) => println!("{:?}", error.kind()),
    }
}
