//! An address as a program has it in its memory, and as a call takes it.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Longer ones are no addresses (`sockaddr_storage`).
const MOST: usize = 128;

/// The address that a program wants to be at, to connect to or to send to: an
/// address and a port, and no interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wanted(pub(super) SocketAddr);

/// How much of its memory is to be read for an address that it says is so long.
pub(super) fn room(length: u64) -> io::Result<Vec<u8>> {
    // The kernel looks at the lower half, and has it signed.
    match usize::try_from(length as u32 as libc::socklen_t) {
        Ok(length) if length <= MOST => Ok(vec![0; length]),
        _ => Err(io::Error::from_raw_os_error(libc::EINVAL)),
    }
}

impl Wanted {
    /// What stands in the bytes of an address.
    pub(super) fn written(bytes: &[u8]) -> io::Result<Wanted> {
        let family = bytes.first_chunk().map(|two| u16::from_ne_bytes(*two));
        let port = |bytes: &[u8]| u16::from_be_bytes([bytes[2], bytes[3]]);
        match family.map(libc::c_int::from) {
            Some(libc::AF_INET) if bytes.len() >= size_of::<libc::sockaddr_in>() => {
                let ip = Ipv4Addr::new(bytes[4], bytes[5], bytes[6], bytes[7]);
                Ok(Wanted((ip, port(bytes)).into()))
            }
            Some(libc::AF_INET6) if bytes.len() >= size_of::<libc::sockaddr_in6>() => {
                let mut octets = [0; 16];
                octets.copy_from_slice(&bytes[8..24]);
                Ok(Wanted((Ipv6Addr::from(octets), port(bytes)).into()))
            }
            None | Some(libc::AF_INET | libc::AF_INET6) => {
                Err(io::Error::from_raw_os_error(libc::EINVAL))
            }
            // Among them is no family at all, which would disconnect.
            Some(_) => Err(io::Error::from_raw_os_error(libc::EAFNOSUPPORT)),
        }
    }

    /// What that means for the other end of a connection: the unspecified address
    /// is this machine, as it is to the kernel.
    pub(super) fn meant(bytes: &[u8]) -> io::Result<Wanted> {
        let Wanted(mut address) = Wanted::written(bytes)?;
        match address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
            IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
            IpAddr::V4(_) | IpAddr::V6(_) => {}
        }
        Ok(Wanted(address))
    }

    /// The address, of version 4 where that is what it means.
    pub(super) fn address(self) -> SocketAddr {
        SocketAddr::new(self.0.ip().to_canonical(), self.0.port())
    }
}

/// An address with its length, for a call.
pub(super) struct Raw {
    bytes: libc::sockaddr_storage,
    length: libc::socklen_t,
}

impl Raw {
    pub(super) fn of(wanted: Wanted) -> Raw {
        // SAFETY: an address is plain data, for which zeros are a valid value.
        let mut bytes: libc::sockaddr_storage = unsafe { std::mem::zeroed() };
        let place = (&raw mut bytes).cast::<libc::c_void>();
        let length = match wanted.0 {
            SocketAddr::V4(address) => {
                let raw = libc::sockaddr_in {
                    sin_family: libc::AF_INET as libc::sa_family_t,
                    sin_port: address.port().to_be(),
                    sin_addr: libc::in_addr {
                        s_addr: u32::from_ne_bytes(address.ip().octets()),
                    },
                    sin_zero: [0; 8],
                };
                // SAFETY: there is room for any address, aligned as any.
                unsafe { place.cast::<libc::sockaddr_in>().write(raw) };
                size_of::<libc::sockaddr_in>()
            }
            SocketAddr::V6(address) => {
                let raw = libc::sockaddr_in6 {
                    sin6_family: libc::AF_INET6 as libc::sa_family_t,
                    sin6_port: address.port().to_be(),
                    sin6_flowinfo: 0,
                    sin6_addr: libc::in6_addr {
                        s6_addr: address.ip().octets(),
                    },
                    sin6_scope_id: 0,
                };
                // SAFETY: as above.
                unsafe { place.cast::<libc::sockaddr_in6>().write(raw) };
                size_of::<libc::sockaddr_in6>()
            }
        };
        Raw {
            bytes,
            length: length as libc::socklen_t,
        }
    }

    pub(super) fn as_ptr(&self) -> *const libc::sockaddr {
        (&raw const self.bytes).cast()
    }

    pub(super) fn len(&self) -> libc::socklen_t {
        self.length
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_written_as_the_kernel_has_it() {
        for text in ["127.0.0.1:80", "[::1]:8080", "[::ffff:127.0.0.1]:5"] {
            let address: SocketAddr = text.parse().unwrap();
            let raw = Raw::of(Wanted(address));
            // SAFETY: there are as many bytes as its length says.
            let bytes = unsafe {
                std::slice::from_raw_parts(raw.as_ptr().cast::<u8>(), raw.len() as usize)
            };
            assert_eq!(Wanted::written(bytes).unwrap(), Wanted(address));
            assert_eq!(Wanted::meant(bytes).unwrap(), Wanted(address));
            assert!(Wanted::written(&bytes[..bytes.len() - 1]).is_err());
        }
        let any = Raw::of(Wanted("[::]:7".parse().unwrap()));
        // SAFETY: as above.
        let bytes =
            unsafe { std::slice::from_raw_parts(any.as_ptr().cast::<u8>(), any.len() as usize) };
        let local = Wanted::meant(bytes).unwrap().address();
        assert_eq!(local, "[::1]:7".parse().unwrap());
        let all = Wanted::written(bytes).unwrap().address();
        assert_eq!(all, "[::]:7".parse().unwrap());
        for family in [libc::AF_UNSPEC, libc::AF_UNIX] {
            let mut other = [0; size_of::<libc::sockaddr_in>()];
            other[..2].copy_from_slice(&(family as u16).to_ne_bytes());
            assert!(Wanted::written(&other).is_err());
        }
        assert!(room(129).is_err() && room(u64::from(u32::MAX)).is_err());
    }
}
