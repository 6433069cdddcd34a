//! The types have std's traits and forms, and become descriptors and back.
//! outputs: ["true true true\n127.0.0.1:40000 abc\nIncoming { true\n"]
//! network: {"pieces": 0}

use std::fmt::Debug;
use std::io::{Read, Write};
use std::net::{Incoming, TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, FromRawFd, IntoRawFd, OwnedFd};
use std::panic::{RefUnwindSafe, UnwindSafe};

fn has<T: Debug + Send + Sync + Unpin + UnwindSafe + RefUnwindSafe + AsFd + AsRawFd>()
where
    T: From<OwnedFd> + Into<OwnedFd> + IntoRawFd + FromRawFd,
{
}

fn streams<'a, T>()
where
    T: Read + Write + 'a,
    &'a T: Read + Write,
{
}

fn main() {
    has::<TcpListener>();
    has::<TcpStream>();
    has::<UdpSocket>();
    streams::<TcpStream>();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let form = format!("TcpListener {{ addr: {address}, fd: {} }}", listener.as_raw_fd());
    let stream = TcpStream::connect(address).unwrap();
    let own = stream.local_addr().unwrap();
    let streams = format!("TcpStream {{ addr: {own}, peer: {address}, fd: {} }}", stream.as_raw_fd());
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let sockets = format!(
        "UdpSocket {{ addr: {}, fd: {} }}",
        socket.local_addr().unwrap(),
        socket.as_raw_fd()
    );
    println!(
        "{} {} {}",
        form == format!("{listener:?}"),
        streams == format!("{stream:?}"),
        sockets == format!("{socket:?}")
    );
    let mut file = std::fs::File::from(OwnedFd::from(stream));
    file.write_all(b"abc").unwrap();
    drop(file);
    let incoming: Incoming<'_> = listener.incoming();
    let incoming = format!("{incoming:?}").starts_with("Incoming { listener: TcpListener { addr");
    // SAFETY: the descriptor is open, and nobody else owns it.
    let listener = unsafe { TcpListener::from_raw_fd(listener.into_raw_fd()) };
    let mut text = String::new();
    listener.accept().unwrap().0.read_to_string(&mut text).unwrap();
    println!("{} {text}", listener.local_addr().unwrap());
    println!("Incoming {{ {incoming}");
}
