//! How long a read waits is looked at when it begins: a duplicate of its socket may
//! have been given a time limit before, or is given it too late.
//! outputs: ["Ok(0)\n", "Err(WouldBlock)\n"]

use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (server, _) = listener.accept().unwrap();
    let other = client.try_clone().unwrap();
    let reads = thread::spawn(move || client.read(&mut [0]).map_err(|error| error.kind()));
    other
        .set_read_timeout(Some(Duration::from_millis(1)))
        .unwrap();
    thread::sleep(Duration::from_secs(1));
    drop(server);
    println!("{:?}", reads.join().unwrap());
}
