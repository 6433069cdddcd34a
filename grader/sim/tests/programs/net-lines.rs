//! Lines that are read with a buffer are whole, wherever what came was cut.
//! outputs: ["[one][two][three]"]
//! network: {"pieces": 2}
//! search: {"preemptions": 2, "executions": 3000, "random": 50}

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let client = thread::spawn(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        writeln!(stream, "one").unwrap();
        stream.write_all(b"two\r\nthree\n").unwrap();
    });
    let (stream, _) = listener.accept().unwrap();
    for line in BufReader::new(stream).lines() {
        print!("[{}]", line.unwrap());
    }
    client.join().unwrap();
}
