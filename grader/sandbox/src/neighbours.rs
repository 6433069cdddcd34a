//! The sockets on the machine's loopback interface that belong to one run: those
//! of its programs, and those that the grader listens on for them. A program
//! reaches these and no others, whatever else listens on the machine.

#[cfg(target_os = "linux")]
mod table;

use std::collections::BTreeSet;
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[cfg(target_os = "linux")]
pub(crate) use table::Protocol;

/// The sockets of a run. All of its processes are given a clone of the same
/// value, which starts out empty.
#[derive(Debug, Clone, Default)]
pub struct Neighbours(Arc<Mutex<Known>>);

/// Two are equal when they are those of the same run.
impl PartialEq for Neighbours {
    fn eq(&self, other: &Neighbours) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Neighbours {}

impl Neighbours {
    /// Has the processes of the run reach a socket of the caller's: connect to it
    /// where it listens, and send datagrams to it where it is bound.
    ///
    /// # Errors
    /// When the system does not tell which socket it is.
    pub fn admit(&self, socket: &impl AsFd) -> io::Result<()> {
        let inode = inode(socket)?;
        self.known().admit(inode);
        Ok(())
    }

    /// Whether who connects to this address, as the caller may for somebody of the run
    /// who tells it, comes to a socket of the run's processes, or to one that was
    /// admitted. Where there are no layers to keep the processes to each other, whether
    /// it is an address of the loopback.
    ///
    /// # Errors
    /// When the system does not tell who is there.
    pub fn are_connected_to(&self, to: SocketAddr) -> io::Result<bool> {
        self.are_at(Protocol::Tcp, to)
    }

    /// The same of who sends datagrams there.
    ///
    /// # Errors
    /// As there.
    pub fn are_sent_to(&self, to: SocketAddr) -> io::Result<bool> {
        self.are_at(Protocol::Udp, to)
    }

    #[cfg(target_os = "linux")]
    fn are_at(&self, protocol: Protocol, to: SocketAddr) -> io::Result<bool> {
        let known = self.known();
        // All addresses are those of this machine, and so the loopback's.
        let here = to.ip().is_loopback() || to.ip().is_unspecified();
        Ok(here && (!known.kept || known.reaches(protocol, to)?))
    }

    #[cfg(not(target_os = "linux"))]
    fn are_at(&self, _: Protocol, to: SocketAddr) -> io::Result<bool> {
        Ok(to.ip().is_loopback() || to.ip().is_unspecified())
    }

    /// The processes are kept to these from now on, and what they make is known.
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "no layers"))]
    pub(crate) fn keep(&self) {
        self.known().kept = true;
    }

    /// What is known, for as long as nobody else of the run is to change it.
    pub(crate) fn known(&self) -> MutexGuard<'_, Known> {
        // It is whole between any two statements that change it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is known of the sockets of a run.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// Whether the processes can reach nobody else.
    kept: bool,
    /// The numbers of their inodes, which grow.
    own: BTreeSet<u64>,
    /// Ports where nobody is, for each version of the protocol.
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "no layers"))]
    graves: [Option<UdpSocket>; 2],
}

impl Known {
    /// More than a right run ever makes. Whoever makes more is not reached at the
    /// oldest ones any more, which is no harm to others.
    const MOST: usize = 1 << 16;

    fn admit(&mut self, inode: u64) {
        self.own.insert(inode);
        if self.own.len() > Known::MOST {
            self.own.pop_first();
        }
    }
}

/// The number that the system has for a socket as long as it is there.
fn inode(socket: &impl AsFd) -> io::Result<u64> {
    let file = std::fs::File::from(socket.as_fd().try_clone_to_owned()?);
    Ok(file.metadata()?.ino())
}

#[cfg(target_os = "linux")]
mod looks {
    use std::io;
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

    use super::Known;
    use super::table::{self, Entry, Protocol};

    impl Known {
        /// Whether what is sent there now comes to a socket of the run, and to no
        /// other.
        pub(crate) fn reaches(&self, protocol: Protocol, to: SocketAddr) -> io::Result<bool> {
            let there = table::at(protocol, to.port())?;
            Ok(is_own(protocol, to.ip(), &there, |inode| {
                self.own.contains(&inode)
            }))
        }

        /// An address of this version to which datagrams can be sent in vain: the
        /// system says that nobody is there, and nobody can come there.
        pub(crate) fn grave(&mut self, version_6: bool) -> io::Result<SocketAddr> {
            let grave = &mut self.graves[usize::from(version_6)];
            let grave = match grave {
                Some(grave) => grave,
                None => {
                    let host = match version_6 {
                        true => IpAddr::from(Ipv6Addr::LOCALHOST),
                        false => IpAddr::from(Ipv4Addr::LOCALHOST),
                    };
                    let socket = UdpSocket::bind((host, 0))?;
                    // Who is connected to itself is not there for others.
                    socket.connect(socket.local_addr()?)?;
                    grave.insert(socket)
                }
            };
            grave.local_addr()
        }
    }

    /// Whether the sockets at a port that what is sent to an address can come to
    /// are all the run's own. A socket that has that very address comes before
    /// those that have all addresses; but one that is connected may want nothing
    /// of this sender.
    pub(super) fn is_own(
        protocol: Protocol,
        to: IpAddr,
        there: &[Entry],
        own: impl Fn(u64) -> bool,
    ) -> bool {
        let is_broadcast = matches!(to, IpAddr::V4(to) if to.octets()[3] == u8::MAX);
        if to.is_multicast() || is_broadcast {
            // That comes to many.
            return false;
        }
        let at_it = |entry: &&Entry| entry.local == to;
        let at_all = |entry: &&Entry| match (entry.local, to) {
            (IpAddr::V4(local), IpAddr::V4(_)) => local.is_unspecified(),
            // This may be for the other version, too.
            (IpAddr::V6(local), _) => local.is_unspecified(),
            (IpAddr::V4(_), IpAddr::V6(_)) => false,
        };
        let is_own = |entry: &&Entry| own(entry.inode);
        let mut exact = there.iter().filter(at_it).peekable();
        if exact.peek().is_none() {
            let mut all = there.iter().filter(at_all).peekable();
            return all.peek().is_some() && all.all(|entry| is_own(&entry));
        }
        let takes_all = there.iter().filter(at_it).any(|entry| !entry.connected);
        let others = there.iter().filter(at_all).filter(|entry| {
            // One of version 6 may well be for that only, so that both are there.
            !(takes_all && entry.local.is_ipv6() && to.is_ipv4())
        });
        let mut others = others.filter(|_| protocol == Protocol::Udp);
        exact.all(|entry| is_own(&entry)) && others.all(|entry| is_own(&entry))
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::net::{IpAddr, TcpListener, UdpSocket};

    use super::looks::is_own;
    use super::table::Entry;
    use super::*;

    #[test]
    fn own_sockets_are_reached_and_those_of_others_are_not() {
        let neighbours = Neighbours::default();
        let (own, others) = (
            TcpListener::bind("127.0.0.1:0").unwrap(),
            TcpListener::bind("0.0.0.0:0").unwrap(),
        );
        neighbours.admit(&own).unwrap();
        let reaches = |protocol, to: &std::net::SocketAddr| {
            let known = neighbours.known();
            known.reaches(protocol, *to).unwrap()
        };
        let mut to = own.local_addr().unwrap();
        assert!(reaches(Protocol::Tcp, &to));
        assert!(!reaches(Protocol::Udp, &to));
        assert!(!reaches(Protocol::Tcp, &others.local_addr().unwrap()));
        to.set_port(others.local_addr().unwrap().port());
        assert!(!reaches(Protocol::Tcp, &to));
        neighbours.admit(&others).unwrap();
        assert!(reaches(Protocol::Tcp, &to));
        let (own, other) = (
            UdpSocket::bind("127.0.0.1:0").unwrap(),
            UdpSocket::bind("127.0.0.1:0").unwrap(),
        );
        neighbours.admit(&own).unwrap();
        assert!(reaches(Protocol::Udp, &own.local_addr().unwrap()));
        assert!(!reaches(Protocol::Udp, &other.local_addr().unwrap()));
    }

    #[test]
    fn who_tells_an_address_of_others_is_not_believed() {
        let neighbours = Neighbours::default();
        let (own, others) = (
            TcpListener::bind("127.0.0.1:0").unwrap(),
            TcpListener::bind("127.0.0.1:0").unwrap(),
        );
        neighbours.admit(&own).unwrap();
        let at = |to: std::net::SocketAddr| neighbours.are_connected_to(to).unwrap();
        let (own, others) = (own.local_addr().unwrap(), others.local_addr().unwrap());
        assert!(at(own) && at(others));
        neighbours.keep();
        assert!(at(own) && !at(others));
        assert!(!neighbours.are_sent_to(own).unwrap());
        let far: IpAddr = "192.0.2.1".parse().unwrap();
        assert!(!at((far, own.port()).into()));
    }

    #[test]
    fn nobody_is_at_a_grave_and_nobody_can_come_there() {
        let neighbours = Neighbours::default();
        let grave = neighbours.known().grave(false).unwrap();
        assert!(UdpSocket::bind(grave).is_err());
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.connect(grave).unwrap();
        socket.send(b"x").unwrap();
        let refused = socket.recv(&mut [0; 4]).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
    }

    #[test]
    fn where_several_are_at_a_port_all_must_be_own() {
        let entry = |local: &str, inode, connected| Entry {
            local: local.parse().unwrap(),
            inode,
            connected,
        };
        // The sockets with even numbers are own ones.
        let reaches = |protocol, to: &str, there: &[Entry]| {
            let to: IpAddr = to.parse().unwrap();
            is_own(protocol, to, there, |inode| inode % 2 == 0)
        };
        let (tcp, udp) = (Protocol::Tcp, Protocol::Udp);
        let own = entry("127.0.0.1", 2, false);
        let others = entry("0.0.0.0", 3, false);
        let others_6 = entry("::", 3, false);
        assert!(!reaches(tcp, "127.0.0.1", &[]));
        assert!(reaches(tcp, "127.0.0.1", &[own, others]));
        assert!(!reaches(tcp, "127.0.0.2", &[own, others]));
        assert!(!reaches(tcp, "127.0.0.2", &[own]));
        assert!(!reaches(tcp, "127.0.0.1", &[others_6]));
        assert!(reaches(tcp, "127.0.0.1", &[entry("::", 4, false)]));
        assert!(reaches(tcp, "::1", &[entry("::", 4, false)]));
        assert!(!reaches(tcp, "::1", &[entry("0.0.0.0", 4, false)]));
        assert!(!reaches(udp, "127.0.0.1", &[own, others]));
        assert!(reaches(udp, "127.0.0.1", &[own, others_6]));
        let connected = entry("127.0.0.1", 2, true);
        assert!(reaches(udp, "127.0.0.1", &[connected]));
        assert!(!reaches(udp, "127.0.0.1", &[connected, others_6]));
        assert!(!reaches(
            udp,
            "127.0.0.1",
            &[own, entry("127.0.0.1", 5, true)]
        ));
        assert!(!reaches(udp, "224.0.0.1", &[entry("0.0.0.0", 4, false)]));
        assert!(!reaches(
            udp,
            "127.255.255.255",
            &[entry("0.0.0.0", 4, false)]
        ));
    }
}
