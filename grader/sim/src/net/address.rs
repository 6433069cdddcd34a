//! Whose an address is, and how it is shown.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::{Family, Network};
use crate::op::{Kind, Object};

/// An address of IPv6 that stands for one of IPv4, as that.
pub(super) fn plain(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

/// An address as a socket of this family tells it.
pub(super) fn told(address: SocketAddr, family: Family) -> SocketAddr {
    match (address.ip(), family) {
        (IpAddr::V4(ip), Family::V6) if ip.is_unspecified() => {
            SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), address.port())
        }
        (IpAddr::V4(ip), Family::V6) => SocketAddr::new(ip.to_ipv6_mapped().into(), address.port()),
        _ => address,
    }
}

/// Whether it is one of the simulated host's.
pub(super) fn is_ours(ip: IpAddr) -> bool {
    ip.is_loopback()
}

/// Where something comes to that is sent to this address: to this host, where
/// it names none.
pub(super) fn target(address: SocketAddr) -> SocketAddr {
    let address = plain(address);
    if !address.ip().is_unspecified() {
        return address;
    }
    SocketAddr::new(source(address.ip()), address.port())
}

/// The address that something comes from which is sent there.
pub(super) fn source(to: IpAddr) -> IpAddr {
    match to {
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    }
}

/// What says of a number that it stands for an address: no address of memory
/// has it.
const MARK: usize = 1 << 62;
/// The same for an address of IPv6.
const LONG: usize = 1 << 61;

/// An address as something that a step is on.
pub(super) fn object(address: SocketAddr) -> Object {
    let id = match address.ip() {
        IpAddr::V4(ip) => MARK | (ip.to_bits() as usize) << 16 | usize::from(address.port()),
        IpAddr::V6(_) => super::with(|network| {
            let known = &mut network.addresses;
            let index = known.iter().position(|known| *known == address);
            let index = index.unwrap_or_else(|| {
                known.push(address);
                known.len() - 1
            });
            MARK | LONG | index
        }),
    };
    Object {
        kind: Kind::Address,
        id,
        made: None,
    }
}

impl Network {
    /// The address that this number of an object stands for.
    pub(super) fn address_of(&self, id: usize) -> Option<SocketAddr> {
        if id & LONG != 0 {
            return self.addresses.get(id & !(MARK | LONG)).copied();
        }
        // The bits of an address of IPv4, and those of a port.
        let (ip, port) = ((id & !MARK) >> 16, id as u16);
        Some(SocketAddr::new(Ipv4Addr::from_bits(ip as u32).into(), port))
    }
}
