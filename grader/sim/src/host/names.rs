//! The addresses of hosts: those of literals and of `localhost`. Others are not
//! simulated.

use std::ffi::CStr;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use libc::{addrinfo, c_char, c_int};

use super::refused::not_simulated;
use super::socket::Raw;
use crate::kernel;

/// An answer, with the address that it points to.
#[repr(C)]
struct Answer {
    info: addrinfo,
    address: Raw,
}

/// `getaddrinfo`. Outside of a simulated thread, nothing calls it.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn getaddrinfo(
    host: *const c_char,
    service: *const c_char,
    hints: *const addrinfo,
    found: *mut *mut addrinfo,
) -> c_int {
    if !kernel::is_simulated() {
        return libc::EAI_FAIL;
    }
    if host.is_null() || !service.is_null() || hints.is_null() {
        not_simulated("names of services");
    }
    // SAFETY: the caller gives a C string and hints.
    let (host, hints) = unsafe { (CStr::from_ptr(host), &*hints) };
    let addresses = match host.to_str() {
        Ok(host) => addresses(host),
        Err(_) => return libc::EAI_NONAME,
    };
    let mut first = std::ptr::null_mut();
    for address in addresses.into_iter().rev() {
        let mut answer = Box::new(Answer {
            // SAFETY: zero is a value of numbers, and null one of pointers.
            info: unsafe { std::mem::zeroed() },
            address: Raw::of(SocketAddr::new(address, 0)),
        });
        let (bytes, length) = answer.address.bytes();
        answer.info.ai_family = match address {
            IpAddr::V4(_) => libc::AF_INET,
            IpAddr::V6(_) => libc::AF_INET6,
        };
        answer.info.ai_socktype = hints.ai_socktype;
        // The length of an address fits.
        answer.info.ai_addrlen = length as libc::socklen_t;
        answer.info.ai_addr = bytes.cast_mut().cast();
        answer.info.ai_next = first;
        first = Box::into_raw(answer).cast();
    }
    if first.is_null() {
        return libc::EAI_NONAME;
    }
    // SAFETY: the caller gives a place for the answer.
    unsafe { *found = first };
    0
}

/// The addresses of a host. A name that can have none (RFC 6761) has none.
fn addresses(host: &str) -> Vec<IpAddr> {
    if let Ok(address) = host.parse() {
        return vec![address];
    }
    let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    let is_in = |domain: &str| {
        name.strip_suffix(domain)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    if is_in("localhost") {
        return vec![Ipv6Addr::LOCALHOST.into(), Ipv4Addr::LOCALHOST.into()];
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    if name.is_empty() || !name.chars().all(is_name) || is_in("invalid") {
        return Vec::new();
    }
    not_simulated(format!("the host `{host}`"))
}

/// `freeaddrinfo`.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn freeaddrinfo(mut first: *mut addrinfo) {
    while !first.is_null() {
        // SAFETY: it is an answer of `getaddrinfo`, which is freed once.
        let answer = unsafe { Box::from_raw(first.cast::<Answer>()) };
        first = answer.info.ai_next;
    }
}
