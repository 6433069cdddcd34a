//! A listener that accepts nobody lets 129 connections wait; one more does not
//! come about until somebody is accepted.
//! outputs: ["TimedOut after 5s\nconnected\n"]
//! network: {"pieces": 0}
//! search: {"preemptions": 1, "executions": 200, "random": 5}

use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let waiting: Vec<_> = (0..129).map(|_| TcpStream::connect(address).unwrap()).collect();
    let start = Instant::now();
    let error = TcpStream::connect_timeout(&address, Duration::from_secs(5)).unwrap_err();
    println!("{:?} after {:?}", error.kind(), start.elapsed());
    let late = thread::spawn(move || TcpStream::connect(address).map(drop).is_ok());
    listener.accept().unwrap();
    assert!(late.join().unwrap());
    println!("connected");
    drop(waiting);
}
