//! Calls that must not wait, a look at what is there, and duplicates.
//! real: the same
//! network: {"pieces": 0}

use std::io::{IoSlice, IoSliceMut, Read, Write};
use std::net::{TcpListener, TcpStream};

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    println!("{:?}", listener.accept().unwrap_err().kind());
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let server = loop {
        match listener.accept() {
            Ok((server, _)) => break server,
            Err(_) => std::thread::yield_now(),
        }
    };
    let mut buffer = [0; 8];
    server.set_nonblocking(true).unwrap();
    println!("{:?}", (&server).read(&mut buffer).unwrap_err().kind());
    println!("{:?}", server.peek(&mut buffer).unwrap_err().kind());
    server.set_nonblocking(false).unwrap();

    let mut clone = client.try_clone().unwrap();
    let parts = [IoSlice::new(b"one "), IoSlice::new(b""), IoSlice::new(b"two")];
    assert_eq!(clone.write_vectored(&parts).unwrap(), 7);
    println!("{} {:?}", server.peek(&mut buffer).unwrap(), &buffer[..7]);
    println!("{:?}", server.peek(&mut buffer[..2]).unwrap());
    println!("{:?}", (&server).read(&mut []).unwrap());
    let (mut one, mut two) = ([0; 3], [0; 8]);
    let mut parts = [IoSliceMut::new(&mut one), IoSliceMut::new(&mut two)];
    let read = (&server).read_vectored(&mut parts).unwrap();
    println!("{read} {one:?} {two:?}");
    drop(client);
    // There is still a duplicate.
    server.set_nonblocking(true).unwrap();
    println!("{:?}", (&server).read(&mut buffer).unwrap_err().kind());
    server.set_nonblocking(false).unwrap();
    drop(clone);
    println!("{:?}", (&server).read(&mut buffer).unwrap());
    println!("{:?}", server.take_error().unwrap().is_none());
}
