//! What is done in a program's place: calls on sockets.

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd};
use std::time::Duration;

use super::address::{Raw, Wanted};
use crate::neighbours::Protocol;

/// A socket of this kind on the loopback interface.
pub(super) fn socket(family: u64, kind: u64, protocol: u64) -> io::Result<OwnedFd> {
    // The kernel looks at the lower half of each.
    let [family, kind, protocol] =
        [family, kind, protocol].map(|number| number as u32 as libc::c_int);
    let flags = libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
    let (plain, given) = (kind & !flags, kind & libc::SOCK_NONBLOCK);
    let is_tcp = plain == libc::SOCK_STREAM && [0, libc::IPPROTO_TCP].contains(&protocol);
    let is_udp = plain == libc::SOCK_DGRAM && [0, libc::IPPROTO_UDP].contains(&protocol);
    if ![libc::AF_INET, libc::AF_INET6].contains(&family) || !(is_tcp || is_udp) {
        return Err(io::Error::from_raw_os_error(libc::EPERM));
    }
    // SAFETY: the call takes numbers and touches no memory.
    let socket = unsafe { libc::socket(family, plain | given | libc::SOCK_CLOEXEC, protocol) };
    if socket == -1 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call above has opened it, and it belongs to nobody yet.
    let socket = unsafe { OwnedFd::from_raw_fd(socket) };
    set(&socket, libc::SOL_SOCKET, libc::SO_BINDTODEVICE, b"lo")?;
    if is_tcp {
        // Where a queue is full, this gives up soon.
        let once: libc::c_int = 1;
        set(
            &socket,
            libc::IPPROTO_TCP,
            libc::TCP_SYNCNT,
            &once.to_ne_bytes(),
        )?;
    }
    Ok(socket)
}

/// What a socket of the internet speaks.
pub(super) fn protocol(socket: &OwnedFd) -> io::Result<Protocol> {
    let number = |option| get::<libc::c_int>(socket, option);
    if ![libc::AF_INET, libc::AF_INET6].contains(&number(libc::SO_DOMAIN)?) {
        return Err(io::Error::from_raw_os_error(libc::EAFNOSUPPORT));
    }
    match number(libc::SO_TYPE)? {
        libc::SOCK_STREAM => Ok(Protocol::Tcp),
        libc::SOCK_DGRAM => Ok(Protocol::Udp),
        _ => Err(io::Error::from_raw_os_error(libc::EPERM)),
    }
}

/// Binds a socket, which stays on the loopback interface with that. One of datagrams
/// gets no port that somebody is at, whatever it was set to: who comes last would have
/// all that is sent there.
pub(super) fn bind(socket: &OwnedFd, protocol: Protocol, to: Wanted) -> io::Result<()> {
    if protocol == Protocol::Udp && to.address().port() != 0 {
        let family = match to.0 {
            SocketAddr::V4(_) => libc::AF_INET,
            SocketAddr::V6(_) => libc::AF_INET6,
        };
        // One that shares with nobody, for a moment.
        bind_to(
            &self::socket(family as u64, libc::SOCK_DGRAM as u64, 0)?,
            to,
        )?;
    }
    bind_to(socket, to)
}

fn bind_to(socket: &OwnedFd, to: Wanted) -> io::Result<()> {
    let address = Raw::of(to);
    // SAFETY: the call reads the address, which outlives it.
    let bound = unsafe { libc::bind(socket.as_raw_fd(), address.as_ptr(), address.len()) };
    match bound {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// What came of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Connecting {
    /// It is done.
    Done,
    /// It goes on, and the caller waits for it no longer than this.
    GoesOn(Option<Duration>),
}

/// Connects a socket and waits for nothing, whatever the program has set for it.
pub(super) fn connect(socket: &OwnedFd, to: Wanted) -> io::Result<Connecting> {
    let descriptor = socket.as_raw_fd();
    // SAFETY: the calls take numbers and touch no memory.
    let flags = unsafe { libc::fcntl(descriptor, libc::F_GETFL) };
    if flags == -1 {
        return Err(io::Error::last_os_error());
    }
    let waits = flags & libc::O_NONBLOCK == 0;
    let change = |flags: libc::c_int| {
        // SAFETY: as above.
        unsafe { libc::fcntl(descriptor, libc::F_SETFL, flags) }
    };
    // Nobody else uses a socket that is about to be connected, except for a
    // program that wants to do harm: then this waits for as long as a connection
    // takes that comes to nothing, and with it the program alone.
    if waits {
        change(flags | libc::O_NONBLOCK);
    }
    let address = Raw::of(to);
    // SAFETY: the call reads the address, which outlives it.
    let connected = unsafe { libc::connect(descriptor, address.as_ptr(), address.len()) };
    let error = (connected == -1).then(io::Error::last_os_error);
    if waits {
        change(flags);
    }
    match error.as_ref().and_then(io::Error::raw_os_error) {
        // One that was begun before, and interrupted, goes on, too.
        Some(libc::EINPROGRESS | libc::EALREADY) if waits => {
            let time = get::<libc::timeval>(socket, libc::SO_SNDTIMEO)?;
            let time = Duration::from_secs(time.tv_sec.unsigned_abs())
                + Duration::from_micros(time.tv_usec.unsigned_abs());
            Ok(Connecting::GoesOn((!time.is_zero()).then_some(time)))
        }
        _ => error.map_or(Ok(Connecting::Done), Err),
    }
}

/// What came of a connection that went on and does so no more.
pub(super) fn connected(socket: &OwnedFd) -> io::Result<()> {
    match get::<libc::c_int>(socket, libc::SO_ERROR)? {
        0 => Ok(()),
        error => Err(io::Error::from_raw_os_error(error)),
    }
}

/// Sends a datagram.
pub(super) fn send(socket: &OwnedFd, bytes: &[u8], flags: u64, to: Wanted) -> io::Result<usize> {
    let kept = flags as u32 as libc::c_int & (libc::MSG_DONTROUTE | libc::MSG_CONFIRM);
    let flags = kept | libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
    let address = Raw::of(to);
    // SAFETY: the call reads the bytes and the address, which outlive it.
    let sent = unsafe {
        libc::sendto(
            socket.as_raw_fd(),
            bytes.as_ptr().cast(),
            bytes.len(),
            flags,
            address.as_ptr(),
            address.len(),
        )
    };
    usize::try_from(sent).map_err(|_| io::Error::last_os_error())
}

fn get<T: Copy>(socket: &OwnedFd, option: libc::c_int) -> io::Result<T> {
    // SAFETY: it is asked for numbers only, for which zeros are a valid value.
    let mut value: T = unsafe { std::mem::zeroed() };
    let mut length = size_of::<T>() as libc::socklen_t;
    // SAFETY: the call writes no more than there is room for.
    let got = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            option,
            (&raw mut value).cast(),
            &raw mut length,
        )
    };
    match got {
        0 => Ok(value),
        _ => Err(io::Error::last_os_error()),
    }
}

fn set(socket: &OwnedFd, level: libc::c_int, option: libc::c_int, value: &[u8]) -> io::Result<()> {
    let length = value.len() as libc::socklen_t;
    // SAFETY: the call reads as many bytes as there are.
    let set = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            level,
            option,
            value.as_ptr().cast(),
            length,
        )
    };
    match set {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}
