//! Sockets: what std's types for the network call, over the simulated network.

mod address;
mod options;
mod poll;

use std::net::SocketAddr;

use libc::{c_int, c_void, size_t, sockaddr, socklen_t, ssize_t};

pub(super) use address::Raw;

use super::descriptors::{self, Thing};
use super::files::fail;
use super::refused::not_simulated;
use crate::kernel;
use crate::net::{self, Error, Family, Half, Id, Reading, Socket, State, Transport};

/// What libc calls an error.
fn number(error: Error) -> c_int {
    match error {
        Error::InUse => libc::EADDRINUSE,
        Error::NotAvailable => libc::EADDRNOTAVAIL,
        Error::Refused => libc::ECONNREFUSED,
        Error::TimedOut => libc::ETIMEDOUT,
        Error::Reset => libc::ECONNRESET,
        Error::Broken => libc::EPIPE,
        Error::NotConnected => libc::ENOTCONN,
        Error::Connected => libc::EISCONN,
        Error::WouldBlock => libc::EAGAIN,
        Error::Invalid => libc::EINVAL,
        Error::Family => libc::EAFNOSUPPORT,
        Error::TooLong => libc::EMSGSIZE,
        Error::NoDestination => libc::EDESTADDRREQ,
        Error::Forbidden => libc::EACCES,
    }
}

/// What a call gives that has a result of no interest.
fn done(result: net::Result<()>) -> c_int {
    match result {
        Ok(()) => 0,
        Err(error) => fail(number(error)) as c_int,
    }
}

/// The socket that a descriptor stands for; the result of a failed call for
/// another one.
fn socket_of(descriptor: c_int) -> Result<Id<Socket>, c_int> {
    match descriptors::thing(descriptor) {
        Some(Thing::Socket(socket)) => Ok(socket),
        _ => Err(fail(libc::ENOTSOCK) as c_int),
    }
}

/// Whether this call is none of a simulated thread.
fn is_real() -> bool {
    !kernel::is_simulated()
}

/// `socket`.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn socket(domain: c_int, kind: c_int, protocol: c_int) -> c_int {
    if is_real() {
        // SAFETY: to make a socket has no preconditions.
        return unsafe { libc::syscall(libc::SYS_socket, domain, kind, protocol) as c_int };
    }
    let family = match domain {
        libc::AF_INET => Family::V4,
        libc::AF_INET6 => Family::V6,
        libc::AF_UNIX => not_simulated("Unix-domain sockets"),
        _ => not_simulated("sockets of this kind"),
    };
    let transport = match kind & !(libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK) {
        libc::SOCK_STREAM => Transport::Stream,
        libc::SOCK_DGRAM => Transport::Datagram,
        _ => not_simulated("sockets of this kind"),
    };
    open(net::new(family, transport))
}

/// A descriptor for a new socket.
fn open(socket: Id<Socket>) -> c_int {
    let descriptor = descriptors::open(Thing::Socket(socket));
    if descriptor < 0 {
        socket.close();
        return fail(libc::EMFILE) as c_int;
    }
    descriptor
}

/// `bind`.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn bind(
    descriptor: c_int,
    given: *const sockaddr,
    length: socklen_t,
) -> c_int {
    if is_real() {
        // SAFETY: the caller's promise.
        return unsafe { libc::syscall(libc::SYS_bind, descriptor, given, length) as c_int };
    }
    match socket_of(descriptor) {
        // SAFETY: the caller's promise.
        Ok(socket) => match unsafe { address::read(given, length) } {
            Some(address) => done(socket.bind(address)),
            None => fail(libc::EINVAL) as c_int,
        },
        Err(failed) => failed,
    }
}

/// `listen`.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn listen(descriptor: c_int, backlog: c_int) -> c_int {
    if is_real() {
        // SAFETY: the call has no preconditions.
        return unsafe { libc::syscall(libc::SYS_listen, descriptor, backlog) as c_int };
    }
    /// The most that the system allows (`somaxconn`).
    const MOST: c_int = 4096;
    match socket_of(descriptor) {
        // Fits: it is neither negative nor larger than `MOST`.
        Ok(socket) => done(socket.listen(backlog.clamp(0, MOST) as usize)),
        Err(failed) => failed,
    }
}

/// `accept4`.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn accept4(
    descriptor: c_int,
    from: *mut sockaddr,
    length: *mut socklen_t,
    flags: c_int,
) -> c_int {
    if is_real() {
        // SAFETY: the caller's promise.
        return unsafe {
            libc::syscall(libc::SYS_accept4, descriptor, from, length, flags) as c_int
        };
    }
    let socket = match socket_of(descriptor) {
        Ok(socket) => socket,
        Err(failed) => return failed,
    };
    match socket.accept() {
        Ok((accepted, peer)) => {
            let descriptor = open(accepted);
            if descriptor >= 0 {
                // SAFETY: the caller gives room for an address, or none.
                unsafe { address::write(peer, from, length) };
            }
            descriptor
        }
        Err(error) => fail(number(error)) as c_int,
    }
}

/// `connect`.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn connect(
    descriptor: c_int,
    to: *const sockaddr,
    length: socklen_t,
) -> c_int {
    if is_real() {
        // SAFETY: the caller's promise.
        return unsafe { libc::syscall(libc::SYS_connect, descriptor, to, length) as c_int };
    }
    let socket = match socket_of(descriptor) {
        Ok(socket) => socket,
        Err(failed) => return failed,
    };
    // SAFETY: the caller's promise.
    let Some(to) = (unsafe { address::read(to, length) }) else {
        return fail(libc::EINVAL) as c_int;
    };
    match socket.connect(to) {
        Err(Error::WouldBlock) => fail(libc::EINPROGRESS) as c_int,
        connected => done(connected),
    }
}

/// Defines functions of libc that tell an address of a socket.
macro_rules! addresses {
    ($($name:ident = $system:ident, $of:expr;)*) => {
        $(
            #[doc = concat!("`", stringify!($name), "`.")]
            ///
            /// # Safety
            /// As for the function of libc.
            #[unsafe(no_mangle)]
            pub(crate) unsafe extern "C" fn $name(
                descriptor: c_int,
                place: *mut sockaddr,
                length: *mut socklen_t,
            ) -> c_int {
                if is_real() {
                    // SAFETY: the caller's promise.
                    return unsafe {
                        libc::syscall(libc::$system, descriptor, place, length) as c_int
                    };
                }
                let of: fn(Id<Socket>) -> net::Result<std::net::SocketAddr> = $of;
                match socket_of(descriptor).map(of) {
                    Ok(Ok(address)) => {
                        // SAFETY: the caller gives room for an address.
                        unsafe { address::write(address, place, length) };
                        0
                    }
                    Ok(Err(error)) => fail(number(error)) as c_int,
                    Err(failed) => failed,
                }
            }
        )*
    };
}

addresses! {
    getsockname = SYS_getsockname, |socket| Ok(socket.local());
    getpeername = SYS_getpeername, |socket| socket.peer();
}

/// `shutdown`.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn shutdown(descriptor: c_int, how: c_int) -> c_int {
    if is_real() {
        // SAFETY: the call has no preconditions.
        return unsafe { libc::syscall(libc::SYS_shutdown, descriptor, how) as c_int };
    }
    let half = match how {
        libc::SHUT_RD => Half::Reading,
        libc::SHUT_WR => Half::Writing,
        libc::SHUT_RDWR => Half::Both,
        _ => return fail(libc::EINVAL) as c_int,
    };
    match socket_of(descriptor).map(Id::<Socket>::state) {
        Ok(State::Connected(end)) => done(end.shutdown(half)),
        Ok(_) => done(Err(Error::NotConnected)),
        Err(failed) => failed,
    }
}

/// What a call gives that has a length.
fn length(result: net::Result<usize>) -> ssize_t {
    match result {
        Ok(length) => length as ssize_t,
        Err(error) => fail(number(error)) as ssize_t,
    }
}

/// What `send` does, and `write` to a socket.
pub(super) fn put(socket: Id<Socket>, bytes: &[u8], flags: c_int) -> ssize_t {
    send_to(socket, bytes, flags, None)
}

fn send_to(socket: Id<Socket>, bytes: &[u8], flags: c_int, to: Option<SocketAddr>) -> ssize_t {
    length(match (socket.state(), socket.transport()) {
        (_, Transport::Datagram) => socket.send(bytes, to),
        (State::Connected(end), _) => {
            end.write(bytes, socket.writes(flags & libc::MSG_DONTWAIT != 0))
        }
        (State::Fresh | State::Failed(_), _) => Err(Error::Broken),
        _ => Err(Error::NotConnected),
    })
}

/// What `recv` does, and `read` from a socket.
pub(super) fn get(socket: Id<Socket>, buffer: &mut [u8], flags: c_int) -> ssize_t {
    length(receive(socket, buffer, flags).map(|(length, _)| length))
}

/// What came, and where from.
fn receive(
    socket: Id<Socket>,
    buffer: &mut [u8],
    flags: c_int,
) -> net::Result<(usize, Option<SocketAddr>)> {
    let how = Reading {
        patience: socket.reads(flags & libc::MSG_DONTWAIT != 0),
        peeks: flags & libc::MSG_PEEK != 0,
    };
    match (socket.state(), socket.transport()) {
        (_, Transport::Datagram) => {
            let (length, from) = socket.receive(buffer, how)?;
            Ok((length, Some(from)))
        }
        (State::Connected(end), _) => Ok((end.read(buffer, how)?, None)),
        _ => Err(Error::NotConnected),
    }
}

/// `sendto`.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn sendto(
    descriptor: c_int,
    bytes: *const c_void,
    count: size_t,
    flags: c_int,
    to: *const sockaddr,
    address: socklen_t,
) -> ssize_t {
    if is_real() {
        // SAFETY: the caller's promise.
        return unsafe {
            libc::syscall(
                libc::SYS_sendto,
                descriptor,
                bytes,
                count,
                flags,
                to,
                address,
            ) as ssize_t
        };
    }
    let socket = match socket_of(descriptor) {
        Ok(socket) => socket,
        Err(failed) => return failed as ssize_t,
    };
    // SAFETY: the caller gives this many bytes, and an address or none.
    let (bytes, address) = unsafe {
        (
            std::slice::from_raw_parts(bytes.cast(), count),
            address::read(to, address),
        )
    };
    match (to.is_null(), address) {
        (false, None) => fail(libc::EINVAL) as ssize_t,
        (_, address) => send_to(socket, bytes, flags, address),
    }
}

/// `recvfrom`.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn recvfrom(
    descriptor: c_int,
    bytes: *mut c_void,
    count: size_t,
    flags: c_int,
    from: *mut sockaddr,
    address: *mut socklen_t,
) -> ssize_t {
    if is_real() {
        // SAFETY: the caller's promise.
        return unsafe {
            libc::syscall(
                libc::SYS_recvfrom,
                descriptor,
                bytes,
                count,
                flags,
                from,
                address,
            ) as ssize_t
        };
    }
    let socket = match socket_of(descriptor) {
        Ok(socket) => socket,
        Err(failed) => return failed as ssize_t,
    };
    // SAFETY: the caller gives room for that many bytes; they are only written
    // to.
    let buffer = unsafe { std::slice::from_raw_parts_mut(bytes.cast(), count) };
    let received = receive(socket, buffer, flags);
    if let Ok((_, Some(sender))) = received {
        // SAFETY: the caller gives room for an address, or none.
        unsafe { address::write(sender, from, address) };
    }
    length(received.map(|(length, _)| length))
}

/// `send`.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn send(
    descriptor: c_int,
    bytes: *const c_void,
    count: size_t,
    flags: c_int,
) -> ssize_t {
    // SAFETY: the caller's promise.
    unsafe { sendto(descriptor, bytes, count, flags, std::ptr::null(), 0) }
}

/// `recv`.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn recv(
    descriptor: c_int,
    bytes: *mut c_void,
    count: size_t,
    flags: c_int,
) -> ssize_t {
    let none = std::ptr::null_mut();
    // SAFETY: the caller's promise.
    unsafe { recvfrom(descriptor, bytes, count, flags, none, none.cast()) }
}

/// The socket of this descriptor is never heard of again.
pub(crate) fn vanish(descriptor: c_int) {
    if let Some(Thing::Socket(socket)) = descriptors::thing(descriptor) {
        socket.vanish();
    }
}
