//! A connection that is reset has no peer any more: whoever asks may come before or
//! after that.
//! outputs: ["true\n", "false\n"]

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::thread;

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (server, _) = listener.accept().unwrap();
    client.write_all(b"x").unwrap();
    let closes = thread::spawn(move || drop(server));
    let connected = client.peer_addr().is_ok();
    closes.join().unwrap();
    println!("{connected}");
}
