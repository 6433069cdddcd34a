//! The server reads to the end, and the client waits for its answer without
//! having said that this was all.
//! outputs: [""]
//! always: deadlock
//! says: "object":"connection 1","place":{"column":42,"file":"src/main.rs","line":20}
//! timeline: T1 accepts from listener 1 (127.0.0.1:40000) (main waits for connection 1)
//! timeline: T1 waits for connection 1 for ever
//! network: {"pieces": 0}

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let mut question = String::new();
        let mut stream = listener.accept().unwrap().0;
        let length = { let read = stream.read_to_string(&mut question); read.unwrap() };
        write!(stream, "{length}").unwrap();
    });
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"how long is this?").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    println!("{answer}");
    server.join().unwrap();
}
