//! What can be set of a socket.

use std::time::Duration;

use libc::{c_int, c_ulong, c_void, socklen_t, timeval};

use super::{Error, fail, is_real, number, socket_of};
use crate::host::descriptors;
use crate::host::refused::not_simulated;
use crate::net::{Id, Options, Socket, Transport};

/// A value of an option that was given.
///
/// # Safety
/// There must be `length` bytes of it, and any of these must do for `T`.
unsafe fn given<T: Copy>(value: *const c_void, length: socklen_t) -> Option<T> {
    // SAFETY: the caller's promise.
    (length as usize >= size_of::<T>()).then(|| unsafe { value.cast::<T>().read_unaligned() })
}

/// Tells the value of an option.
///
/// # Safety
/// There must be room for `length` bytes.
unsafe fn tell<T: Copy>(told: T, value: *mut c_void, length: *mut socklen_t) -> c_int {
    // SAFETY: the caller's promise; no more is written than there is room for.
    unsafe {
        if (*length as usize) < size_of::<T>() {
            return fail(libc::EINVAL) as c_int;
        }
        value.cast::<T>().write_unaligned(told);
        *length = size_of::<T>() as socklen_t;
    }
    0
}

/// `setsockopt`.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn setsockopt(
    descriptor: c_int,
    level: c_int,
    name: c_int,
    value: *const c_void,
    length: socklen_t,
) -> c_int {
    if is_real() {
        // SAFETY: the caller's promise.
        return unsafe {
            libc::syscall(libc::SYS_setsockopt, descriptor, level, name, value, length) as c_int
        };
    }
    let socket = match socket_of(descriptor) {
        Ok(socket) => socket,
        Err(failed) => return failed,
    };
    if let (libc::IPPROTO_IP, libc::IP_ADD_MEMBERSHIP | libc::IP_DROP_MEMBERSHIP)
    | (libc::IPPROTO_IPV6, libc::IPV6_ADD_MEMBERSHIP | libc::IPV6_DROP_MEMBERSHIP) =
        (level, name)
    {
        not_simulated("multicast");
    }
    // SAFETY: the caller's promise; any bytes will do for numbers.
    let change = unsafe {
        match (level, name) {
            (libc::SOL_SOCKET, libc::SO_RCVTIMEO | libc::SO_SNDTIMEO) => {
                given::<timeval>(value, length).and_then(time).map(|time| {
                    Change(Box::new(move |options: &mut Options| {
                        match name == libc::SO_RCVTIMEO {
                            true => options.read_timeout = time,
                            false => options.write_timeout = time,
                        }
                    }))
                })
            }
            (libc::SOL_SOCKET, libc::SO_LINGER) => {
                given::<libc::linger>(value, length).map(|linger| {
                    Change(Box::new(move |options: &mut Options| {
                        options.linger = (linger.l_onoff != 0).then_some(linger.l_linger);
                    }))
                })
            }
            _ => given::<c_int>(value, length).map(|given| {
                Change(Box::new(move |options: &mut Options| match (level, name) {
                    (libc::SOL_SOCKET, libc::SO_REUSEADDR) => options.shares = given != 0,
                    (libc::SOL_SOCKET, libc::SO_BROADCAST) => options.broadcasts = given != 0,
                    (libc::IPPROTO_IPV6, libc::IPV6_V6ONLY) => options.only_v6 = given != 0,
                    _ => {
                        options.others.retain(|(known, _)| *known != (level, name));
                        options.others.push(((level, name), given));
                    }
                }))
            }),
        }
    };
    match change {
        Some(Change(change)) if is_allowed(socket, level, name, value, length) => {
            match name {
                // What std does with a new socket.
                libc::SO_REUSEADDR if level == libc::SOL_SOCKET => socket.begins_with(change),
                _ => socket.set(change),
            }
            0
        }
        Some(_) => fail(libc::EINVAL) as c_int,
        None if matches!(name, libc::SO_RCVTIMEO | libc::SO_SNDTIMEO) => fail(libc::EDOM) as c_int,
        None => fail(libc::EINVAL) as c_int,
    }
}

/// What setting an option does.
struct Change(Box<dyn FnOnce(&mut Options)>);

/// Whether the system takes this value.
fn is_allowed(
    socket: Id<Socket>,
    level: c_int,
    name: c_int,
    value: *const c_void,
    length: socklen_t,
) -> bool {
    // SAFETY: the caller of the caller gives this many bytes.
    let value = unsafe { given::<c_int>(value, length) };
    match (level, name) {
        (libc::IPPROTO_IP, libc::IP_TTL) => {
            value.is_some_and(|ttl| ttl == -1 || (1..=255).contains(&ttl))
        }
        (libc::IPPROTO_IP, libc::IP_MULTICAST_TTL) => {
            value.is_some_and(|ttl| (-1..=255).contains(&ttl))
        }
        (libc::IPPROTO_IPV6, libc::IPV6_V6ONLY) => {
            socket.family() == crate::net::Family::V6 && !socket.is_bound()
        }
        _ => true,
    }
}

/// A timeout in nanoseconds; none at all where it is zero. `None` for what is
/// no time.
fn time(time: timeval) -> Option<Option<u64>> {
    if !(0..1_000_000).contains(&time.tv_usec) {
        return None;
    }
    let Ok(seconds) = u64::try_from(time.tv_sec) else {
        // As the system has it: not to wait at all.
        return Some(Some(1));
    };
    let nanos = seconds
        .saturating_mul(1_000_000_000)
        // Less than a million, as was checked.
        .saturating_add(time.tv_usec as u64 * 1_000);
    Some((nanos > 0).then_some(nanos))
}

fn timeval(time: Option<u64>) -> timeval {
    let time = Duration::from_nanos(time.unwrap_or(0));
    timeval {
        tv_sec: libc::time_t::try_from(time.as_secs()).unwrap_or(libc::time_t::MAX),
        // Less than a million.
        tv_usec: time.subsec_micros() as libc::suseconds_t,
    }
}

/// `getsockopt`.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn getsockopt(
    descriptor: c_int,
    level: c_int,
    name: c_int,
    value: *mut c_void,
    length: *mut socklen_t,
) -> c_int {
    if is_real() {
        // SAFETY: the caller's promise.
        return unsafe {
            libc::syscall(libc::SYS_getsockopt, descriptor, level, name, value, length) as c_int
        };
    }
    let socket = match socket_of(descriptor) {
        Ok(socket) => socket,
        Err(failed) => return failed,
    };
    if !matches!(
        (level, name),
        (libc::SOL_SOCKET, libc::SO_ERROR | libc::SO_TYPE)
    ) {
        socket.looks("getsockopt", "looks at an option of");
    }
    let flag = |flag: bool| c_int::from(flag);
    // SAFETY: the caller gives room for the value.
    unsafe {
        match (level, name) {
            (libc::SOL_SOCKET, libc::SO_ERROR) => {
                let error = socket.take_error().map_or(0, |error: Error| number(error));
                tell(error, value, length)
            }
            (libc::SOL_SOCKET, libc::SO_RCVTIMEO) => {
                let time = socket.option(|options| options.read_timeout);
                tell(timeval(time), value, length)
            }
            (libc::SOL_SOCKET, libc::SO_SNDTIMEO) => {
                let time = socket.option(|options| options.write_timeout);
                tell(timeval(time), value, length)
            }
            (libc::SOL_SOCKET, libc::SO_LINGER) => {
                let linger = socket.option(|options| options.linger);
                let told = libc::linger {
                    l_onoff: flag(linger.is_some()),
                    l_linger: linger.unwrap_or(0),
                };
                tell(told, value, length)
            }
            (libc::SOL_SOCKET, libc::SO_BROADCAST) => {
                let broadcasts = socket.option(|options| options.broadcasts);
                tell(flag(broadcasts), value, length)
            }
            (libc::SOL_SOCKET, libc::SO_REUSEADDR) => {
                tell(flag(socket.option(|options| options.shares)), value, length)
            }
            (libc::IPPROTO_IPV6, libc::IPV6_V6ONLY) => tell(
                flag(socket.option(|options| options.only_v6)),
                value,
                length,
            ),
            (libc::SOL_SOCKET, libc::SO_TYPE) => {
                let kind = match socket.transport() {
                    Transport::Stream => libc::SOCK_STREAM,
                    Transport::Datagram => libc::SOCK_DGRAM,
                };
                tell(kind, value, length)
            }
            _ => {
                let set = socket.option(|options| {
                    let set = options
                        .others
                        .iter()
                        .find(|(known, _)| *known == (level, name));
                    set.map(|(_, value)| *value)
                });
                tell(set.unwrap_or(default(level, name)), value, length)
            }
        }
    }
}

/// The value of an option that was not set.
fn default(level: c_int, name: c_int) -> c_int {
    match (level, name) {
        (libc::IPPROTO_IP, libc::IP_TTL) => 64,
        (libc::IPPROTO_IP, libc::IP_MULTICAST_TTL | libc::IP_MULTICAST_LOOP)
        | (libc::IPPROTO_IPV6, libc::IPV6_MULTICAST_LOOP)
        | (libc::IPPROTO_TCP, libc::TCP_QUICKACK) => 1,
        _ => 0,
    }
}

/// `ioctl`, with the third argument that it does not always have: for sockets,
/// whether they wait.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn ioctl(
    descriptor: c_int,
    request: c_ulong,
    argument: *mut c_int,
) -> c_int {
    if descriptors::thing(descriptor).is_none() {
        // SAFETY: the caller's promise.
        return unsafe { libc::syscall(libc::SYS_ioctl, descriptor, request, argument) as c_int };
    }
    match (socket_of(descriptor), request) {
        (Ok(socket), libc::FIONBIO) => {
            // SAFETY: the caller gives a number.
            let nonblocking = unsafe { *argument } != 0;
            socket.set(|options| options.nonblocking = nonblocking);
            0
        }
        (Ok(_), _) => fail(libc::EINVAL) as c_int,
        (Err(_), _) => fail(libc::ENOTTY) as c_int,
    }
}
