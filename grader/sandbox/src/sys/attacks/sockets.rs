//! What is done with sockets to attack, and to see that they work.

use std::os::fd::AsRawFd;

use super::{Outcome, closed};

/// Has a socket be one that others may share its port with, if they are let.
pub(crate) fn share(socket: &impl AsRawFd) {
    let yes: libc::c_int = 1;
    let length = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: the call reads the number, which outlives it. Where it fails, nobody can.
    unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_REUSEADDR,
            (&raw const yes).cast(),
            length,
        )
    };
}

pub(super) fn socket(family: libc::c_int, kind: libc::c_int) -> Result<libc::c_int, ()> {
    // SAFETY: the call takes numbers and touches no memory.
    let socket =
        unsafe { libc::socket(family, kind | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK, 0) };
    if socket == -1 { Err(()) } else { Ok(socket) }
}

pub(super) fn made_socket(family: libc::c_int) -> Outcome {
    let kind = match family {
        libc::AF_NETLINK => libc::SOCK_RAW,
        _ => libc::SOCK_STREAM,
    };
    match socket(family, kind) {
        Ok(socket) => closed(socket, Outcome::Through),
        Err(()) => Outcome::last(),
    }
}

pub(super) fn address(address: [u8; 4], port: u16) -> libc::sockaddr_in {
    libc::sockaddr_in {
        sin_family: libc::AF_INET as libc::sa_family_t,
        sin_port: port.to_be(),
        sin_addr: libc::in_addr {
            s_addr: u32::from_ne_bytes(address),
        },
        sin_zero: [0; 8],
    }
}

pub(super) fn connect_to(to: [u8; 4], port: u16) -> Outcome {
    let Ok(socket) = socket(libc::AF_INET, libc::SOCK_STREAM) else {
        return Outcome::last();
    };
    let outcome = match connected(socket, address(to, port)) {
        Outcome::Denied(libc::EINPROGRESS) => soon(socket),
        outcome => outcome,
    };
    closed(socket, outcome)
}

fn connected(socket: libc::c_int, to: libc::sockaddr_in) -> Outcome {
    let length = size_of::<libc::sockaddr_in>() as libc::socklen_t;
    // SAFETY: the call reads the address, which outlives it.
    Outcome::of(unsafe { libc::connect(socket, (&raw const to).cast(), length) }.into())
}

/// Sends a datagram of one byte.
pub(super) fn send_to(to: [u8; 4], port: u16) -> Outcome {
    let Ok(socket) = socket(libc::AF_INET, libc::SOCK_DGRAM) else {
        return Outcome::last();
    };
    let to = address(to, port);
    // SAFETY: the call reads one byte and an address, which outlive it.
    let sent = unsafe {
        libc::sendto(
            socket,
            c"x".as_ptr().cast(),
            1,
            libc::MSG_DONTWAIT,
            (&raw const to).cast(),
            size_of::<libc::sockaddr_in>() as libc::socklen_t,
        )
    };
    closed(socket, Outcome::of(sent as libc::c_long))
}

/// The same with a message in memory that has the address.
pub(super) fn send_message(to: [u8; 4], port: u16) -> Outcome {
    let Ok(socket) = socket(libc::AF_INET, libc::SOCK_DGRAM) else {
        return Outcome::last();
    };
    let mut to = address(to, port);
    let mut part = libc::iovec {
        iov_base: c"x".as_ptr().cast_mut().cast(),
        iov_len: 1,
    };
    // SAFETY: a `msghdr` is plain data, for which zeros are a valid value; the
    // call reads what it points to, which outlives it.
    let sent = unsafe {
        let mut message: libc::msghdr = std::mem::zeroed();
        message.msg_name = (&raw mut to).cast();
        message.msg_namelen = size_of::<libc::sockaddr_in>() as libc::socklen_t;
        message.msg_iov = &raw mut part;
        message.msg_iovlen = 1;
        libc::sendmsg(socket, &raw const message, libc::MSG_DONTWAIT)
    };
    closed(socket, Outcome::of(sent as libc::c_long))
}

/// Sends a datagram of one byte on a socket that is connected to this address.
pub(super) fn sent_connected(to: libc::sockaddr_in) -> Outcome {
    let Ok(socket) = socket(libc::AF_INET, libc::SOCK_DGRAM) else {
        return Outcome::last();
    };
    let outcome =
        match connected(socket, to) {
            // SAFETY: the call reads one byte.
            Outcome::Through => Outcome::of(unsafe {
                libc::send(socket, c"x".as_ptr().cast(), 1, libc::MSG_DONTWAIT)
            } as libc::c_long),
            denied => denied,
        };
    closed(socket, outcome)
}

/// Disconnects a socket of UDP, with which it forgets its interface, and sends
/// outside, or shows that it could where an interface is all that keeps it.
pub(super) fn disconnected(shared: bool) -> Outcome {
    let Ok(socket) = socket(libc::AF_INET, libc::SOCK_DGRAM) else {
        return Outcome::last();
    };
    let mut nothing = address([0, 0, 0, 0], 0);
    nothing.sin_family = libc::AF_UNSPEC as libc::sa_family_t;
    let free = connected(socket, nothing);
    let outcome = match shared {
        true if !is_on_loopback(socket) => Outcome::Through,
        true => free,
        false => match connected(socket, address([192, 0, 2, 1], 9)) {
            // SAFETY: the call reads one byte.
            Outcome::Through => Outcome::of(unsafe {
                libc::send(socket, c"x".as_ptr().cast(), 1, libc::MSG_DONTWAIT)
            } as libc::c_long),
            denied => denied,
        },
    };
    closed(socket, outcome)
}

/// Binds a socket to the group of all who are at another interface, whose number it
/// does not know.
pub(super) fn at_another_interface() -> Outcome {
    /// More than many a machine has.
    const INTERFACES: u32 = 32;
    let mut outcome = Outcome::Denied(libc::ENODEV);
    for number in 2..INTERFACES {
        let Ok(socket) = socket(libc::AF_INET6, libc::SOCK_DGRAM) else {
            return Outcome::last();
        };
        let mut group = [0; 16];
        (group[0], group[1], group[15]) = (0xff, 0x02, 1);
        let at = libc::sockaddr_in6 {
            sin6_family: libc::AF_INET6 as libc::sa_family_t,
            sin6_port: 0,
            sin6_flowinfo: 0,
            sin6_addr: libc::in6_addr { s6_addr: group },
            sin6_scope_id: number,
        };
        let length = size_of::<libc::sockaddr_in6>() as libc::socklen_t;
        // SAFETY: the call reads the address, which outlives it.
        let bound =
            Outcome::of(unsafe { libc::bind(socket, (&raw const at).cast(), length) }.into());
        let is_elsewhere = bound == Outcome::Through && !is_on_loopback(socket);
        closed(socket, bound);
        match bound {
            Outcome::Through if is_elsewhere => return Outcome::Through,
            Outcome::Through => {}
            denied => outcome = denied,
        }
    }
    outcome
}

/// Whether a socket is bound to the loopback interface.
fn is_on_loopback(socket: libc::c_int) -> bool {
    let mut name = [0u8; 16];
    let mut length = name.len() as libc::socklen_t;
    // SAFETY: the call writes no more than there is room for.
    unsafe {
        libc::getsockopt(
            socket,
            libc::SOL_SOCKET,
            libc::SO_BINDTODEVICE,
            name.as_mut_ptr().cast(),
            &raw mut length,
        )
    };
    name.starts_with(b"lo\0")
}

/// Whether a socket is bound to the loopback interface, and cannot be freed: then
/// nothing that is sent on it leaves the machine.
pub(super) fn freed(kind: libc::c_int) -> Outcome {
    let Ok(socket) = socket(libc::AF_INET, kind) else {
        return Outcome::last();
    };
    let (level, option) = (libc::SOL_SOCKET, libc::SO_BINDTODEVICE);
    // SAFETY: the call reads no bytes, as is said.
    let freed = unsafe { libc::setsockopt(socket, level, option, c"".as_ptr().cast(), 0) };
    let outcome = Outcome::of(freed.into());
    let is_bound = is_on_loopback(socket);
    closed(socket, if is_bound { outcome } else { Outcome::Through })
}

/// What becomes of a connection that is on its way: a refusal comes at once, and
/// what takes longer has left the machine.
fn soon(socket: libc::c_int) -> Outcome {
    const MILLISECONDS: libc::c_int = 500;
    let mut request = libc::pollfd {
        fd: socket,
        events: libc::POLLOUT,
        revents: 0,
    };
    let mut error: libc::c_int = 0;
    let mut length = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: the calls read and write the request and the error, which outlive
    // them.
    unsafe {
        libc::poll(&raw mut request, 1, MILLISECONDS);
        libc::getsockopt(
            socket,
            libc::SOL_SOCKET,
            libc::SO_ERROR,
            (&raw mut error).cast(),
            &raw mut length,
        );
    }
    match error {
        0 => Outcome::Through,
        error => Outcome::Denied(error),
    }
}

pub(super) fn connect_unix(name: &[u8]) -> Outcome {
    let Ok(socket) = socket(libc::AF_UNIX, libc::SOCK_STREAM) else {
        return Outcome::last();
    };
    // SAFETY: an address is plain data, for which zeros are a valid value.
    let mut to: libc::sockaddr_un = unsafe { std::mem::zeroed() };
    to.sun_family = libc::AF_UNIX as libc::sa_family_t;
    for (place, byte) in to.sun_path.iter_mut().zip(name) {
        *place = *byte as libc::c_char;
    }
    // An abstract name begins with a zero byte, and has no other end than its
    // length; a path may as well have none.
    let length = size_of::<libc::sa_family_t>() + name.len().min(to.sun_path.len());
    // SAFETY: the call reads as much of the address as is said.
    let connected =
        unsafe { libc::connect(socket, (&raw const to).cast(), length as libc::socklen_t) };
    closed(socket, Outcome::of(connected.into()))
}
