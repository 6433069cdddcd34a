//! A connection of which both ends have said that this was all has no peer any more.
//! outputs: ["true\n", "false\n"]

use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (server, _) = listener.accept().unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    let closes = thread::spawn(move || drop(server));
    println!("{}", client.peer_addr().is_ok());
    closes.join().unwrap();
}
