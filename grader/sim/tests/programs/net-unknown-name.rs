//! Names of other hosts are not simulated.
//! outputs: [""]
//! always: not-simulated
//! says: the host `example.org`
//! says: "line":9

fn main() {
    use std::net::TcpStream;
    let _ = TcpStream::connect("example.org:80");
}
