//! Whether a call waits is looked at when it is made: another thread may have set
//! that before, or set it too late.
//! outputs: ["Ok(())\n", "Err(WouldBlock)\n"]

use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

fn main() {
    let listener = Arc::new(TcpListener::bind("127.0.0.1:5000").unwrap());
    let other = listener.clone();
    let accepts = thread::spawn(move || other.accept().map(|_| ()).map_err(|error| error.kind()));
    listener.set_nonblocking(true).unwrap();
    let _client = TcpStream::connect("127.0.0.1:5000").unwrap();
    println!("{:?}", accepts.join().unwrap());
}
