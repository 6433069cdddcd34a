//! `UdpSocket`.

use std::io::Result;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::time::Duration;

use super::{descriptor, noted};
use crate::host::Here;

/// See [`std::net::UdpSocket`].
pub struct UdpSocket(std::net::UdpSocket);

impl UdpSocket {
    /// See [`std::net::UdpSocket::bind`].
    ///
    /// # Errors
    /// Those of the system.
    #[track_caller]
    pub fn bind<A: ToSocketAddrs>(address: A) -> Result<UdpSocket> {
        let _here = Here::new();
        std::net::UdpSocket::bind(address).map(UdpSocket)
    }

    /// See [`std::net::UdpSocket::try_clone`].
    ///
    /// # Errors
    /// When there are too many open descriptors.
    #[track_caller]
    pub fn try_clone(&self) -> Result<UdpSocket> {
        let _here = Here::new();
        self.0.try_clone().map(UdpSocket)
    }

    /// See [`std::net::UdpSocket::send_to`].
    ///
    /// # Errors
    /// Those of the system.
    #[track_caller]
    pub fn send_to<A: ToSocketAddrs>(&self, bytes: &[u8], address: A) -> Result<usize> {
        let _here = Here::new();
        self.0.send_to(bytes, address)
    }

    /// See [`std::net::UdpSocket::connect`].
    ///
    /// # Errors
    /// Those of the system.
    #[track_caller]
    pub fn connect<A: ToSocketAddrs>(&self, address: A) -> Result<()> {
        let _here = Here::new();
        self.0.connect(address)
    }

    noted! {
        recv_from(buffer: &mut [u8]) -> (usize, SocketAddr);
        peek_from(buffer: &mut [u8]) -> (usize, SocketAddr);
        peer_addr() -> SocketAddr;
        local_addr() -> SocketAddr;
        set_read_timeout(time: Option<Duration>) -> ();
        set_write_timeout(time: Option<Duration>) -> ();
        read_timeout() -> Option<Duration>;
        write_timeout() -> Option<Duration>;
        set_broadcast(broadcast: bool) -> ();
        broadcast() -> bool;
        set_multicast_loop_v4(on: bool) -> ();
        multicast_loop_v4() -> bool;
        set_multicast_ttl_v4(ttl: u32) -> ();
        multicast_ttl_v4() -> u32;
        set_multicast_loop_v6(on: bool) -> ();
        multicast_loop_v6() -> bool;
        set_ttl(ttl: u32) -> ();
        ttl() -> u32;
        join_multicast_v4(group: &Ipv4Addr, interface: &Ipv4Addr) -> ();
        join_multicast_v6(group: &Ipv6Addr, interface: u32) -> ();
        leave_multicast_v4(group: &Ipv4Addr, interface: &Ipv4Addr) -> ();
        leave_multicast_v6(group: &Ipv6Addr, interface: u32) -> ();
        take_error() -> Option<std::io::Error>;
        send(bytes: &[u8]) -> usize;
        recv(buffer: &mut [u8]) -> usize;
        peek(buffer: &mut [u8]) -> usize;
        set_nonblocking(nonblocking: bool) -> ();
    }
}

descriptor!(UdpSocket);
