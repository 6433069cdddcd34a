//! Addresses as libc has them.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use libc::{c_int, sockaddr, sockaddr_in, sockaddr_in6, socklen_t};

const SHORT: usize = size_of::<sockaddr_in>();
const LONG: usize = size_of::<sockaddr_in6>();

/// An address that was given to a call.
///
/// # Safety
/// There must be `length` bytes of it.
pub(super) unsafe fn read(given: *const sockaddr, length: socklen_t) -> Option<SocketAddr> {
    let length = length as usize;
    if given.is_null() || length < size_of::<libc::sa_family_t>() {
        return None;
    }
    // SAFETY: it has a family, at least.
    match c_int::from(unsafe { (*given).sa_family }) {
        libc::AF_INET if length >= SHORT => {
            // SAFETY: it is as long as one of this family.
            let address = unsafe { given.cast::<sockaddr_in>().read_unaligned() };
            let ip = Ipv4Addr::from(address.sin_addr.s_addr.to_ne_bytes());
            Some(SocketAddrV4::new(ip, u16::from_be(address.sin_port)).into())
        }
        libc::AF_INET6 if length >= LONG => {
            // SAFETY: as above.
            let address = unsafe { given.cast::<sockaddr_in6>().read_unaligned() };
            let ip = Ipv6Addr::from(address.sin6_addr.s6_addr);
            let port = u16::from_be(address.sin6_port);
            Some(SocketAddrV6::new(ip, port, address.sin6_flowinfo, address.sin6_scope_id).into())
        }
        _ => None,
    }
}

/// An address in libc's form, in whole.
pub(in crate::host) enum Raw {
    Short(sockaddr_in),
    Long(sockaddr_in6),
}

impl Raw {
    pub(in crate::host) fn of(address: SocketAddr) -> Raw {
        match address {
            SocketAddr::V4(address) => Raw::Short(sockaddr_in {
                sin_family: libc::AF_INET as libc::sa_family_t,
                sin_port: address.port().to_be(),
                sin_addr: libc::in_addr {
                    s_addr: u32::from_ne_bytes(address.ip().octets()),
                },
                sin_zero: [0; 8],
            }),
            SocketAddr::V6(address) => Raw::Long(sockaddr_in6 {
                sin6_family: libc::AF_INET6 as libc::sa_family_t,
                sin6_port: address.port().to_be(),
                sin6_flowinfo: address.flowinfo(),
                sin6_addr: libc::in6_addr {
                    s6_addr: address.ip().octets(),
                },
                sin6_scope_id: address.scope_id(),
            }),
        }
    }

    pub(in crate::host) fn bytes(&self) -> (*const u8, usize) {
        match self {
            Raw::Short(address) => (std::ptr::from_ref(address).cast(), SHORT),
            Raw::Long(address) => (std::ptr::from_ref(address).cast(), LONG),
        }
    }
}

/// Tells an address to a call that wants one.
///
/// # Safety
/// If there is a place, it must have room for `length` bytes.
pub(super) unsafe fn write(address: SocketAddr, place: *mut sockaddr, length: *mut socklen_t) {
    if place.is_null() || length.is_null() {
        return;
    }
    let raw = Raw::of(address);
    let (bytes, whole) = raw.bytes();
    // SAFETY: the caller's promise; no more is written than there is room for.
    unsafe {
        let room = (*length as usize).min(whole);
        std::ptr::copy_nonoverlapping(bytes, place.cast(), room);
        *length = whole as socklen_t;
    }
}
