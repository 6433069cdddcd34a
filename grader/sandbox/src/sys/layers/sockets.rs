//! Sockets for a process that shares the machine's network and may reach nothing
//! but its loopback interface.
//!
//! Such a process makes no socket itself. The kernel tells its calls to the
//! grader (`SECCOMP_RET_USER_NOTIF`), which makes the socket, binds it to the
//! interface `lo`, and puts it in the process's place for it. What the call is
//! decided by are numbers, so nothing can be changed between the look and the
//! deed; and to bind a socket elsewhere takes a capability that the process has
//! not, and a call that its filter denies.

use std::io;
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd};

/// Answers a process's calls as long as there is one, on a thread of its own.
pub(super) fn serve(listener: OwnedFd) -> io::Result<()> {
    std::thread::Builder::new()
        .name("sandbox sockets".to_owned())
        .spawn(move || while answer(&listener) {})
        .map(drop)
}

/// What the kernel's calls for this are (`linux/seccomp.h`); the sizes of the
/// structures are in them.
const RECEIVE: libc::c_ulong = 0xc050_2100;
const SEND: libc::c_ulong = 0xc018_2101;
const ADD: libc::c_ulong = 0x4018_2103;

/// Answers a call; `false` when nobody is left to make one.
fn answer(listener: &OwnedFd) -> bool {
    let mut request = libc::pollfd {
        fd: listener.as_raw_fd(),
        events: libc::POLLIN,
        revents: 0,
    };
    // SAFETY: the call reads and writes one request, which outlives it.
    let polled = unsafe { libc::poll(&raw mut request, 1, -1) };
    if polled == -1 {
        return io::Error::last_os_error().kind() == io::ErrorKind::Interrupted;
    }
    if request.revents & libc::POLLIN == 0 {
        return false;
    }
    // SAFETY: plain data, for which zeros are a valid value; the kernel wants them.
    let mut call: libc::seccomp_notif = unsafe { std::mem::zeroed() };
    // SAFETY: the call writes to `call`, which outlives it.
    if unsafe { libc::ioctl(listener.as_raw_fd(), RECEIVE as _, &raw mut call) } == -1 {
        // The caller has gone meanwhile, or a signal came.
        let error = io::Error::last_os_error().raw_os_error();
        return matches!(error, Some(libc::ENOENT | libc::EINTR));
    }
    let [family, kind, protocol, ..] = call.data.args;
    match socket(family, kind, protocol) {
        Ok(socket) => give(listener, call.id, &socket, kind),
        Err(error) => refuse(listener, call.id, &error),
    }
    true
}

/// A socket of this kind on the loopback interface.
fn socket(family: u64, kind: u64, protocol: u64) -> io::Result<OwnedFd> {
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
        // An address outside answers to nobody here: this gives up on it soon.
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

/// Has the call return the socket, in the process's own numbering. That the
/// process has gone is no matter any more.
fn give(listener: &OwnedFd, id: u64, socket: &OwnedFd, kind: u64) {
    let close_on_exec = kind as u32 as libc::c_int & libc::SOCK_CLOEXEC != 0;
    let given = libc::seccomp_notif_addfd {
        id,
        flags: libc::SECCOMP_ADDFD_FLAG_SEND as u32,
        srcfd: socket.as_raw_fd() as u32,
        newfd: 0,
        newfd_flags: if close_on_exec {
            libc::O_CLOEXEC as u32
        } else {
            0
        },
    };
    // SAFETY: the call reads `given`, which outlives it.
    let added = unsafe { libc::ioctl(listener.as_raw_fd(), ADD as _, &raw const given) };
    if added == -1 {
        // It has too many open descriptors, say.
        refuse(listener, id, &io::Error::last_os_error());
    }
}

fn refuse(listener: &OwnedFd, id: u64, error: &io::Error) {
    let answer = libc::seccomp_notif_resp {
        id,
        val: 0,
        error: -error.raw_os_error().unwrap_or(libc::EPERM),
        flags: 0,
    };
    // SAFETY: the call reads the answer, which outlives it.
    unsafe { libc::ioctl(listener.as_raw_fd(), SEND as _, &raw const answer) };
}
