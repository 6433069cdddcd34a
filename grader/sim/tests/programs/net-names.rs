//! Addresses of literals and of `localhost`, and what is none.
//! outputs: ["[127.0.0.1:80]\n[[::1]:80]\n[[::1]:80, 127.0.0.1:80]\nInvalidInput\nInvalidInput\nfailed to lookup address information: Name or service not known\n"]

use std::net::{IpAddr, Ipv6Addr, ToSocketAddrs};

fn show(address: impl ToSocketAddrs) {
    match address.to_socket_addrs() {
        Ok(found) => println!("{:?}", found.collect::<Vec<_>>()),
        Err(error) if error.kind() == std::io::ErrorKind::InvalidInput => {
            println!("{:?}", error.kind());
        }
        Err(error) => println!("{error}"),
    }
}

fn main() {
    show("127.0.0.1:80");
    show((IpAddr::V6(Ipv6Addr::LOCALHOST), 80));
    show(("localhost", 80));
    show("localhost");
    show("localhost:http");
    show("no.such.invalid:80");
}
