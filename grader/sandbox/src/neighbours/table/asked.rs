//! The system's answer to who is at a port (sock_diag(7)).

use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Entry, Protocol};

/// `SOCK_DIAG_BY_FAMILY`, of requests and of answers.
const BY_FAMILY: u16 = 20;
/// `NLM_F_REQUEST | NLM_F_DUMP`
const ALL_OF_THEM: u16 = 0x301;
/// `NLMSG_DONE`
const DONE: u16 = 3;
/// The length of a message's header (`nlmsghdr`).
const HEADER: usize = 16;
/// Where something is in an answer (`inet_diag_msg`).
const OWN_PORT: usize = 4;
const OTHER_PORT: usize = 6;
const ADDRESS: usize = 8;
const INODE: usize = 68;

/// All that are at a port; an error where the system does not answer that.
pub(super) fn at(protocol: Protocol, port: u16) -> io::Result<Vec<Entry>> {
    if port == 0 {
        // That asks for all ports, and nobody is at none.
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    let mut socket = crate::sys::diagnoses()?;
    for family in [libc::AF_INET, libc::AF_INET6] {
        socket.write_all(&request(family, protocol, port))?;
        let mut bytes = vec![0; 1 << 15];
        'answers: loop {
            let length = socket.read(&mut bytes)?;
            let mut rest = &bytes[..length];
            while !rest.is_empty() {
                let (kind, message, after) = message(rest).ok_or_else(garbled)?;
                rest = after;
                match kind {
                    BY_FAMILY => {
                        let (entry, at) = entry(message).ok_or_else(garbled)?;
                        found.extend((at == port).then_some(entry));
                    }
                    DONE => break 'answers,
                    // An error: there may be nobody who knows.
                    _ => return Err(garbled()),
                }
            }
        }
    }
    Ok(found)
}

fn garbled() -> io::Error {
    io::Error::other("the system does not tell which sockets there are")
}

/// A request (`inet_diag_req_v2`).
fn request(family: libc::c_int, protocol: Protocol, port: u16) -> Vec<u8> {
    /// `TCP_LISTEN`, as a bit.
    const LISTENS: u32 = 1 << 10;
    let (protocol, states) = match protocol {
        Protocol::Tcp => (libc::IPPROTO_TCP, LISTENS),
        Protocol::Udp => (libc::IPPROTO_UDP, u32::MAX),
    };
    let mut body = vec![family as u8, protocol as u8, 0, 0];
    body.extend(states.to_ne_bytes());
    body.extend(port.to_be_bytes());
    // No port of the other side's, no addresses and no interface.
    body.extend([0; 2 + 16 + 16 + 4]);
    // No cookie: `INET_DIAG_NOCOOKIE`.
    body.extend([0xff; 8]);
    let mut request = Vec::new();
    request.extend(((HEADER + body.len()) as u32).to_ne_bytes());
    request.extend(BY_FAMILY.to_ne_bytes());
    request.extend(ALL_OF_THEM.to_ne_bytes());
    // A number of its own, and the kernel's.
    request.extend([0; 8]);
    request.extend(body);
    request
}

/// The kind of the first message, what it says, and what comes after it.
fn message(bytes: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let length = u32::from_ne_bytes(*bytes.first_chunk()?) as usize;
    let kind = u16::from_ne_bytes(*bytes.get(4..)?.first_chunk()?);
    let message = bytes.get(HEADER..length)?;
    let after = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
    Some((kind, message, after))
}

/// The socket that an answer tells of, and its port.
fn entry(answer: &[u8]) -> Option<(Entry, u16)> {
    let port = |at: usize| Some(u16::from_be_bytes(*answer.get(at..)?.first_chunk()?));
    let local = match libc::c_int::from(*answer.first()?) {
        libc::AF_INET => {
            let four: [u8; 4] = *answer.get(ADDRESS..)?.first_chunk()?;
            IpAddr::from(Ipv4Addr::from(four))
        }
        libc::AF_INET6 => {
            let sixteen: [u8; 16] = *answer.get(ADDRESS..)?.first_chunk()?;
            IpAddr::from(Ipv6Addr::from(sixteen)).to_canonical()
        }
        _ => return None,
    };
    let inode = u32::from_ne_bytes(*answer.get(INODE..)?.first_chunk()?);
    let entry = Entry {
        local,
        inode: inode.into(),
        connected: port(OTHER_PORT)? != 0,
    };
    Some((entry, port(OWN_PORT)?))
}
