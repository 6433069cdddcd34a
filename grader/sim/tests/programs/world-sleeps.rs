//! Peers sleep and rest patiently: a program's shorter times come first, and
//! who rests does not wait for one that is long.
//!
//! world: {"programs": [{"label": "slow", "announces": "at "}], "peers": [{"name": "ann", "script": "connect slow\nsleep 2s\ntell late\nread rest\nread end"}, {"name": "bob", "script": "await late\nrest\nsleep 20ms"}]}
//! peer ann: ["1\n2\n <end> <done>", "1\n2\n <end> <end> <done>"]
//! peer bob: [" <done>"]
//! search: {"preemptions": 1, "random": 20}

use std::io::Write;
use std::net::TcpListener;
use std::thread::sleep;
use std::time::Duration;

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("at {}", listener.local_addr().unwrap());
    let (mut stream, _) = listener.accept().unwrap();
    sleep(Duration::from_secs(1));
    writeln!(stream, "1").unwrap();
    sleep(Duration::from_secs(40));
    writeln!(stream, "2").unwrap();
}
