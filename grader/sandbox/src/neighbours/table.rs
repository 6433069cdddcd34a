//! Which sockets the system has at a port. It is asked for them; where it has
//! nobody to answer that, all of its tables are read, which takes milliseconds.

mod asked;
mod files;

use std::io;
use std::net::IpAddr;

/// What is spoken at a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    Tcp,
    Udp,
}

/// A socket that listens, or is bound and receives datagrams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its address, of version 4 where it is one in the clothes of version 6.
    pub(super) local: IpAddr,
    pub(super) inode: u64,
    /// Whether it receives from one sender only.
    pub(super) connected: bool,
}

/// All that are at a port: those that listen, or all of UDP.
pub(super) fn at(protocol: Protocol, port: u16) -> io::Result<Vec<Entry>> {
    asked::at(protocol, port).or_else(|_| files::at(protocol, port))
}

#[cfg(test)]
mod tests {
    use std::net::{SocketAddr, TcpListener, UdpSocket};

    use super::*;

    #[test]
    fn what_the_system_answers_is_what_its_tables_have() {
        let tcp = ["127.0.0.1:0", "0.0.0.0:0", "[::1]:0", "[::]:0"].map(TcpListener::bind);
        let udp = ["127.0.0.1:0", "[::]:0"].map(UdpSocket::bind);
        // A system may be without version 6.
        let tcp = tcp.iter().flatten();
        let udp: Vec<_> = udp.iter().flatten().collect();
        udp[0].connect("127.0.0.1:9").unwrap();
        let tcp = tcp.map(|tcp| (Protocol::Tcp, tcp.local_addr().unwrap()));
        let udp = udp
            .iter()
            .map(|udp| (Protocol::Udp, udp.local_addr().unwrap()));
        let all: Vec<(Protocol, SocketAddr)> = tcp.chain(udp).collect();
        assert!(all.len() >= 3);
        for (protocol, address) in all {
            let there = files::at(protocol, address.port()).unwrap();
            assert!(
                there.iter().any(|entry| entry.local == address.ip()),
                "{address}"
            );
            // A kernel may be made without it.
            if let Ok(asked) = asked::at(protocol, address.port()) {
                assert_eq!(asked, there, "{address}");
            }
        }
        assert_eq!(at(Protocol::Tcp, 0).unwrap(), []);
    }
}
