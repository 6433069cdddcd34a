//! Nobody listens: the connection is refused, before a listener is there and
//! after it has gone. A port that is listened on is in use.
//! real: the same

use std::net::{TcpListener, TcpStream};

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    println!("{:?}", TcpListener::bind(address).unwrap_err().kind());
    println!("{:?}", TcpListener::bind(("0.0.0.0", address.port())).unwrap_err().kind());
    println!("{:?}", TcpListener::bind(("127.0.0.2", address.port())).is_ok());
    TcpStream::connect(address).unwrap();
    drop(listener);
    println!("{:?}", TcpStream::connect(address).unwrap_err().kind());
    println!("{:?}", TcpListener::bind("192.0.2.1:0").unwrap_err().kind());
    drop(TcpListener::bind(address).unwrap());
}
