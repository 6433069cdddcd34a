//! A server that polls with short sleeps, and one that spins, hold nobody up
//! for ever: neither who rests, nor who waits in vain, nor the end.
//!
//! world: {"programs": [{"label": "sleeps", "args": ["sleep"], "announces": "listening on "}, {"label": "spins", "args": ["spin"], "announces": "listening on "}], "peers": [{"name": "ann", "script": "connect sleeps\nsend \"a\"\nread 1 byte\nrest\nread some"}, {"name": "bob", "script": "connect spins\nsend \"b\"\nread 1 byte\nread some"}]}
//! peer ann: ["a <gave up at 5>"]
//! peer bob: ["b <gave up at 4>"]
//! search: {"preemptions": 0, "random": 3}

use std::io::{ErrorKind, Read, Write};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

fn main() {
    let spins = std::env::args().nth(1).as_deref() == Some("spin");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    println!("listening on {}", listener.local_addr().unwrap());
    let mut streams = Vec::new();
    loop {
        match listener.accept() {
            Ok((stream, _)) => {
                stream.set_nonblocking(true).unwrap();
                streams.push(stream);
            }
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
        }
        streams.retain_mut(|stream| {
            let mut byte = [0];
            match stream.read(&mut byte) {
                Ok(0) => false,
                Ok(_) => stream.write(&byte).is_ok(),
                Err(error) => error.kind() == ErrorKind::WouldBlock,
            }
        });
        match spins {
            true => thread::yield_now(),
            false => thread::sleep(Duration::from_millis(10)),
        }
    }
}
