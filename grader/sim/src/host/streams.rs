//! What has a descriptor. To change a file is a step; to read one is none,
//! since it is as good as done right after the step before.

use libc::{c_int, c_long, c_void, iovec, off64_t, size_t, ssize_t};

use super::files::fail;
use super::{folder, here};
use crate::sync::Cell;
use crate::{io, kernel};

/// Reads in a row without a step, until one is a step after all: so an endless
/// loop that reads is seen to be one.
const PATIENCE: u32 = 64;

static READS: Cell<u32> = Cell::new(0);

/// Whether a simulated thread may not use this descriptor: the standard ones
/// belong to the simulation.
fn is_barred(descriptor: c_int) -> bool {
    kernel::is_simulated() && matches!(descriptor, 0..=2)
}

fn changing(
    descriptor: c_int,
    (call, verb): (&'static str, &'static str),
    then: impl FnOnce() -> c_long,
) -> c_long {
    if is_barred(descriptor) {
        return fail(libc::EBADF);
    }
    if kernel::is_simulated() {
        folder::begin();
        here::step(call, verb);
        let result = then();
        kernel::value(|| match result {
            1 => "1 byte".to_owned(),
            ..=-1 => "fails".to_owned(),
            bytes => format!("{bytes} bytes"),
        });
        return result;
    }
    then()
}

fn reading(descriptor: c_int, then: impl FnOnce() -> c_long) -> c_long {
    if is_barred(descriptor) {
        return fail(libc::EBADF);
    }
    if kernel::is_simulated() {
        READS.set(READS.get().wrapping_add(1));
        if READS.get().is_multiple_of(PATIENCE) {
            here::step("File::read", "reads from a file");
        }
    }
    then()
}

/// `write`.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn write(
    descriptor: c_int,
    bytes: *const c_void,
    length: size_t,
) -> ssize_t {
    if descriptor == 2 && kernel::is_simulated() {
        // What std says on its own, such as the error that `main` returned.
        // SAFETY: the caller gives this many bytes.
        io::from_std(unsafe { std::slice::from_raw_parts(bytes.cast(), length) });
        return length as ssize_t;
    }
    // SAFETY: the caller's promise.
    let then = || unsafe { libc::syscall(libc::SYS_write, descriptor, bytes, length) };
    changing(descriptor, ("File::write", "writes to a file"), then) as ssize_t
}

/// `writev`.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn writev(
    descriptor: c_int,
    buffers: *const iovec,
    count: c_int,
) -> ssize_t {
    // SAFETY: the caller's promise.
    let then = || unsafe { libc::syscall(libc::SYS_writev, descriptor, buffers, count) };
    changing(descriptor, ("File::write", "writes to a file"), then) as ssize_t
}

/// `pwrite64`.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn pwrite64(
    descriptor: c_int,
    bytes: *const c_void,
    length: size_t,
    offset: off64_t,
) -> ssize_t {
    // SAFETY: the caller's promise.
    let then = || unsafe { libc::syscall(libc::SYS_pwrite64, descriptor, bytes, length, offset) };
    changing(descriptor, ("File::write_at", "writes to a file"), then) as ssize_t
}

/// `copy_file_range`, which `fs::copy` calls.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn copy_file_range(
    from: c_int,
    from_offset: *mut off64_t,
    to: c_int,
    to_offset: *mut off64_t,
    length: size_t,
    flags: libc::c_uint,
) -> ssize_t {
    if is_barred(from) {
        return fail(libc::EBADF) as ssize_t;
    }
    // SAFETY: the caller's promise.
    let then = || unsafe {
        libc::syscall(
            libc::SYS_copy_file_range,
            from,
            from_offset,
            to,
            to_offset,
            length,
            flags,
        )
    };
    changing(to, ("fs::copy", "copies to a file"), then) as ssize_t
}

/// `sendfile64`, for file systems without `copy_file_range`.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn sendfile64(
    to: c_int,
    from: c_int,
    offset: *mut off64_t,
    length: size_t,
) -> ssize_t {
    if is_barred(from) {
        return fail(libc::EBADF) as ssize_t;
    }
    // SAFETY: the caller's promise.
    let then = || unsafe { libc::syscall(libc::SYS_sendfile, to, from, offset, length) };
    changing(to, ("fs::copy", "copies to a file"), then) as ssize_t
}

/// `ftruncate64`.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn ftruncate64(descriptor: c_int, length: off64_t) -> c_int {
    if kernel::is_simulated() {
        folder::begin();
        here::step("File::set_len", "sets the length of a file");
    }
    // SAFETY: ftruncate has no preconditions.
    unsafe { libc::syscall(libc::SYS_ftruncate, descriptor, length) as c_int }
}

/// `read`.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn read(
    descriptor: c_int,
    bytes: *mut c_void,
    length: size_t,
) -> ssize_t {
    // SAFETY: the caller's promise.
    let then = || unsafe { libc::syscall(libc::SYS_read, descriptor, bytes, length) };
    reading(descriptor, then) as ssize_t
}

/// `readv`.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn readv(
    descriptor: c_int,
    buffers: *const iovec,
    count: c_int,
) -> ssize_t {
    // SAFETY: the caller's promise.
    let then = || unsafe { libc::syscall(libc::SYS_readv, descriptor, buffers, count) };
    reading(descriptor, then) as ssize_t
}

/// `fcntl`, with the third argument that it does not always have. Duplicates
/// of the standard descriptors would be a way to the record.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn fcntl(
    descriptor: c_int,
    command: c_int,
    argument: libc::c_ulong,
) -> c_int {
    let duplicates = matches!(command, libc::F_DUPFD | libc::F_DUPFD_CLOEXEC);
    if duplicates && descriptor <= 2 && kernel::is_simulated() {
        kernel::unsupported("it duplicates the descriptor of a standard stream");
    }
    // SAFETY: the caller's promise.
    unsafe { libc::syscall(libc::SYS_fcntl, descriptor, command, argument) as c_int }
}

/// `flock`, which `File::lock` and `File::try_lock` call.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn flock(descriptor: c_int, operation: c_int) -> c_int {
    if kernel::is_simulated() {
        if operation & (libc::LOCK_NB | libc::LOCK_UN) == 0 {
            kernel::unsupported("it waits for the lock of a file, which is not simulated");
        }
        here::step("File::try_lock", "tries to lock a file");
    }
    // SAFETY: flock has no preconditions.
    unsafe { libc::syscall(libc::SYS_flock, descriptor, operation) as c_int }
}
