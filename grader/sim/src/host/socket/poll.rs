//! Waiting until something can be done, as `TcpStream::connect_timeout` does.

use libc::{c_int, c_short, nfds_t, pollfd};

use super::{Id, Socket, State, fail, is_real, socket_of};
use crate::host;
use crate::kernel;
use crate::net::{Patience, Transport};
use crate::op::{Object, Op};

/// `poll`.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn poll(fds: *mut pollfd, count: nfds_t, timeout: c_int) -> c_int {
    if is_real() {
        // SAFETY: the caller's promise.
        return unsafe { libc::syscall(libc::SYS_poll, fds, count, timeout) as c_int };
    }
    // SAFETY: the caller gives this many.
    let fds = unsafe { std::slice::from_raw_parts_mut(fds, count as usize) };
    let mut sockets = Vec::new();
    for fd in &*fds {
        match socket_of(fd.fd) {
            Ok(socket) => sockets.push((socket, fd.events)),
            Err(_) => return fail(libc::EINVAL) as c_int,
        }
    }
    let patience = match u64::try_from(timeout) {
        Ok(0) => Patience::None,
        Ok(millis) => Patience::Until(kernel::now().saturating_add(millis * 1_000_000)),
        Err(_) => Patience::Endless,
    };
    if let [(socket, _)] = sockets[..]
        && let State::Connecting(_) = socket.state()
    {
        // That it is connected is a step; to wait for it is none.
        let _ = socket.connects(patience);
    } else {
        let ready = || {
            sockets
                .iter()
                .any(|(socket, events)| can(*socket, *events) != 0)
        };
        let op = Op::new("poll", "waits until something can be done", Object::NONE);
        host::take(match patience {
            Patience::None => op,
            Patience::Until(deadline) => op.when(&ready).until(Some(deadline), None),
            Patience::Endless => op.when(&ready),
        });
    }
    let mut found = 0;
    for (fd, (socket, events)) in fds.iter_mut().zip(sockets) {
        fd.revents = can(socket, events);
        found += c_int::from(fd.revents != 0);
    }
    found
}

/// What can be done with a socket, of what is asked for.
fn can(socket: Id<Socket>, events: c_short) -> c_short {
    let possible = match socket.state() {
        State::Connecting(_) => 0,
        State::Fresh if socket.transport() == Transport::Datagram => {
            let readable = if socket.has_received() {
                libc::POLLIN
            } else {
                0
            };
            readable | libc::POLLOUT
        }
        State::Fresh => libc::POLLOUT | libc::POLLHUP,
        State::Failed(_) => libc::POLLIN | libc::POLLOUT | libc::POLLERR | libc::POLLHUP,
        State::Listening(listener) if listener.is_waited_for() => libc::POLLIN,
        State::Listening(_) => 0,
        State::Connected(end) => {
            let mut possible = 0;
            if end.is_readable() {
                possible |= libc::POLLIN;
            }
            if end.is_writable() {
                possible |= libc::POLLOUT;
            }
            if end.is_over() {
                possible |= libc::POLLHUP;
            }
            if end.has_error() {
                possible |= libc::POLLERR;
            }
            possible
        }
    };
    possible & (events | libc::POLLERR | libc::POLLHUP)
}
