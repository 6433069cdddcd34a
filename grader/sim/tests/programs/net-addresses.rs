//! Whose an address is: all of a host's, those of IPv6, and IPv4 within it.
//! real: the same

use std::net::{TcpListener, TcpStream, UdpSocket};

fn main() {
    let all = TcpListener::bind("0.0.0.0:0").unwrap();
    let port = all.local_addr().unwrap().port();
    println!("{}", all.local_addr().unwrap().ip());
    for host in ["127.0.0.1", "127.1.2.3", "0.0.0.0"] {
        let stream = TcpStream::connect((host, port)).unwrap();
        let (accepted, from) = all.accept().unwrap();
        assert_eq!(stream.local_addr().unwrap(), from);
        println!(
            "{} {} {}",
            stream.local_addr().unwrap().ip(),
            stream.peer_addr().unwrap().ip(),
            accepted.local_addr().unwrap().ip()
        );
    }
    println!("{:?}", TcpStream::connect(("::1", port)).unwrap_err().kind());

    let six = TcpListener::bind("[::1]:0").unwrap();
    let stream = TcpStream::connect(six.local_addr().unwrap()).unwrap();
    println!("{} {}", stream.local_addr().unwrap().ip(), six.accept().unwrap().1.ip());

    let both = TcpListener::bind("[::]:0").unwrap();
    let port = both.local_addr().unwrap().port();
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    println!("{} {}", stream.peer_addr().unwrap().ip(), both.accept().unwrap().1.ip());

    let one = UdpSocket::bind("0.0.0.0:0").unwrap();
    let port = one.local_addr().unwrap().port();
    let two = UdpSocket::bind("127.0.0.1:0").unwrap();
    two.send_to(b"x", ("127.0.0.1", port)).unwrap();
    println!("{}", one.recv_from(&mut [0]).unwrap().1.ip());
    one.connect(two.local_addr().unwrap()).unwrap();
    println!("{}", one.local_addr().unwrap().ip());
}
