//! What would tell one execution from another.

use super::here;
use crate::kernel;
use crate::op::{Object, Op};

/// The number of every simulated process.
const PID: libc::pid_t = 4_242;

/// `clock_gettime`, which `Instant::now` and `SystemTime::now` call. To look at
/// the clock is a step, so that a loop that waits for a time is seen.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn clock_gettime(
    clock: libc::clockid_t,
    time: *mut libc::timespec,
) -> libc::c_int {
    if !kernel::is_simulated() {
        // SAFETY: the caller's promise.
        return unsafe { libc::syscall(libc::SYS_clock_gettime, clock, time) } as libc::c_int;
    }
    let nanos = match here::place() {
        // A call of std's that has a time limit: only what it waits for is seen.
        Some(_) => kernel::now(),
        None => {
            kernel::step(&Op::new("Instant::now", "looks at the clock", Object::NONE));
            kernel::look_at_clock()
        }
    };
    let began = match clock {
        libc::CLOCK_REALTIME => kernel::epoch(),
        _ => 1,
    };
    // SAFETY: the caller gives a place for the time.
    unsafe {
        (*time).tv_sec = (began + nanos / 1_000_000_000) as libc::time_t;
        (*time).tv_nsec = (nanos % 1_000_000_000) as libc::c_long;
    }
    0
}

/// `getrandom`, from which `HashMap` has its keys: always the same bytes.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn getrandom(
    buffer: *mut libc::c_void,
    length: libc::size_t,
    flags: libc::c_uint,
) -> libc::ssize_t {
    if !kernel::is_simulated() {
        // SAFETY: the caller's promise.
        return unsafe { libc::syscall(libc::SYS_getrandom, buffer, length, flags) }
            as libc::ssize_t;
    }
    // SAFETY: the caller gives a buffer of this length.
    let bytes = unsafe { std::slice::from_raw_parts_mut(buffer.cast::<u8>(), length) };
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = random(index);
    }
    length as libc::ssize_t
}

/// The random byte at an index.
pub(super) const fn random(index: usize) -> u8 {
    (index as u8).wrapping_mul(0x9d) ^ 0x5a
}

/// The number of who has started it.
const PARENT: libc::pid_t = 4_241;

/// `getppid`, which `os::unix::process::parent_id` calls.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn getppid() -> libc::pid_t {
    if kernel::is_simulated() {
        return PARENT;
    }
    // SAFETY: getppid has no preconditions.
    unsafe { libc::syscall(libc::SYS_getppid) as libc::pid_t }
}

/// `getpid`, which `process::id` calls.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn getpid() -> libc::pid_t {
    if kernel::is_simulated() {
        return PID;
    }
    // SAFETY: getpid has no preconditions.
    unsafe { libc::syscall(libc::SYS_getpid) as libc::pid_t }
}
