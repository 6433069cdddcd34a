//! From an address that is none of this host nobody answers: to connect takes
//! as long as it may, and then fails.
//! outputs: ["TimedOut after 2s\nTimedOut after 127s\nConnectionRefused\n"]

use std::net::TcpStream;
use std::time::{Duration, Instant};

fn main() {
    let start = Instant::now();
    let address = "192.0.2.1:80".parse().unwrap();
    let error = TcpStream::connect_timeout(&address, Duration::from_secs(2)).unwrap_err();
    println!("{:?} after {:?}", error.kind(), start.elapsed());
    let start = Instant::now();
    let error = TcpStream::connect(address).unwrap_err();
    println!("{:?} after {:?}", error.kind(), start.elapsed());
    let nobody = "127.0.0.1:9".parse().unwrap();
    let error = TcpStream::connect_timeout(&nobody, Duration::from_secs(2)).unwrap_err();
    println!("{:?}", error.kind());
}
