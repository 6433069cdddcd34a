//! The one of two threads that was started later may set something before the other
//! looks at it, and the other way round.
//! outputs: ["true 64\n", "true 9\n", "false 64\n", "false 9\n"]

use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

fn main() {
    let one = Arc::new(TcpListener::bind("127.0.0.1:5000").unwrap());
    let client = Arc::new(TcpStream::connect("127.0.0.1:5000").unwrap());
    let others = (one.clone(), client.clone());
    let first = thread::spawn(move || {
        others.1.set_nodelay(true).unwrap();
        others.0.ttl().unwrap()
    });
    let second = thread::spawn(move || {
        let nodelay = client.nodelay().unwrap();
        one.set_ttl(9).unwrap();
        nodelay
    });
    let ttl = first.join().unwrap();
    println!("{} {ttl}", second.join().unwrap());
}
