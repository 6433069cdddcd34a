//! A server that echoes, and a client: what was sent comes back, in whichever
//! pieces, and the end of one is the end of the other.
//! real: the same
//! search: {"preemptions": 1, "executions": 2000, "random": 50}

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let (mut stream, from) = listener.accept().unwrap();
        assert_eq!(from, stream.peer_addr().unwrap());
        let mut buffer = [0; 64];
        loop {
            let length = stream.read(&mut buffer).unwrap();
            if length == 0 {
                break;
            }
            stream.write_all(&buffer[..length]).unwrap();
        }
    });
    let mut stream = TcpStream::connect(address).unwrap();
    assert_eq!(stream.peer_addr().unwrap(), address);
    stream.write_all(b"hello").unwrap();
    let mut back = [0; 5];
    stream.read_exact(&mut back).unwrap();
    assert_eq!(&back, b"hello");
    stream.write_all(b"again").unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
    println!("{rest}");
    server.join().unwrap();
}
