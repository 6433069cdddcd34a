//! What has a descriptor. To change a file is a step, and so is to look at one.

use libc::{c_int, c_long, c_void, iovec, off64_t, size_t, ssize_t};

use super::descriptors::{self, Thing};
use super::files::fail;
use super::pipe::End;
use super::{disk, folder, here, identity, lock, socket};
use crate::op::{Object, Op};
use crate::sync::Cell;
use crate::{io, kernel};

/// Looks at files of one execution that are each a step. Who reads a file byte by
/// byte would soon have used up all steps that an execution may have, so after
/// these only one of [`EACH`] is.
const LOOKS: u32 = 256;
const EACH: u32 = 64;

static LOOKED: Cell<u32> = Cell::new(0);

/// Whether a simulated thread may not use this descriptor: the standard ones
/// belong to the simulation.
pub(super) fn is_barred(descriptor: c_int) -> bool {
    kernel::is_simulated() && matches!(descriptor, 0..=2)
}

/// Writes to what is not the system's.
fn put(thing: Thing, bytes: &[u8]) -> ssize_t {
    match thing {
        Thing::Pipe(pipe, End::Writing) => match pipe.write(bytes) {
            Ok(written) => written as ssize_t,
            Err(error) => fail(error) as ssize_t,
        },
        Thing::Stream(stream @ 1..=2) => {
            let step = |object: Object| here::take(Op::new("File::write", "writes to", object));
            io::write_past_the_lock(stream, bytes, step);
            bytes.len() as ssize_t
        }
        Thing::Socket(socket) => socket::put(socket, bytes, 0),
        Thing::Pipe(_, End::Reading) | Thing::Stream(_) => fail(libc::EBADF) as ssize_t,
    }
}

/// Reads from what is not the system's.
fn get(thing: Thing, buffer: &mut [u8]) -> ssize_t {
    match thing {
        Thing::Pipe(pipe, End::Reading) => pipe.read(buffer) as ssize_t,
        Thing::Stream(0) => {
            let step = |object: Object| here::take(Op::new("File::read", "reads from", object));
            io::read_past_the_lock(buffer, step) as ssize_t
        }
        Thing::Socket(_) if buffer.is_empty() => 0,
        Thing::Socket(socket) => socket::get(socket, buffer, 0),
        Thing::Pipe(_, End::Writing) | Thing::Stream(_) => fail(libc::EBADF) as ssize_t,
    }
}

/// The buffers of a call that has several.
///
/// # Safety
/// There must be that many.
unsafe fn buffers<'a>(buffers: *const iovec, count: c_int) -> &'a [iovec] {
    match usize::try_from(count) {
        // SAFETY: the caller's promise.
        Ok(count) if count > 0 => unsafe { std::slice::from_raw_parts(buffers, count) },
        _ => &[],
    }
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
        let result = disk::wrote(then());
        kernel::value(|| match result {
            1 => "1 byte".to_owned(),
            ..=-1 => "fails".to_owned(),
            bytes => format!("{bytes} bytes"),
        });
        return result;
    }
    then()
}

/// The step of a call that looks at an open file, or moves its position.
pub(super) fn looks(call: &'static str, verb: &'static str) {
    folder::begin();
    let before = LOOKED.replace(LOOKED.get().wrapping_add(1));
    if before < LOOKS || before.is_multiple_of(EACH) {
        here::step(call, verb);
    }
}

fn reading(descriptor: c_int, then: impl FnOnce() -> c_long) -> c_long {
    if is_barred(descriptor) {
        return fail(libc::EBADF);
    }
    if kernel::is_simulated() {
        looks("File::read", "reads from a file");
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
    if let Some(thing) = descriptors::thing(descriptor) {
        // SAFETY: the caller gives this many bytes.
        return put(thing, unsafe {
            std::slice::from_raw_parts(bytes.cast(), length)
        });
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
    if let Some(thing) = descriptors::thing(descriptor) {
        let mut all = Vec::new();
        // SAFETY: the caller's promise.
        for part in unsafe { self::buffers(buffers, count) } {
            // SAFETY: the caller gives buffers of these lengths.
            all.extend_from_slice(unsafe {
                std::slice::from_raw_parts(part.iov_base.cast(), part.iov_len)
            });
        }
        return put(thing, &all);
    }
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
    if descriptors::thing(descriptor).is_some() {
        return fail(libc::ESPIPE) as ssize_t;
    }
    // SAFETY: the caller's promise.
    let then = || unsafe { libc::syscall(libc::SYS_pwrite64, descriptor, bytes, length, offset) };
    changing(descriptor, ("File::write_at", "writes to a file"), then) as ssize_t
}

/// Whether one of these is not the system's; std then copies by hand.
fn are_not_files(from: c_int, to: c_int) -> bool {
    descriptors::thing(from).is_some() || descriptors::thing(to).is_some()
}

/// `splice`, which `io::copy` may call for pipes.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn splice(
    from: c_int,
    from_offset: *mut off64_t,
    to: c_int,
    to_offset: *mut off64_t,
    length: size_t,
    flags: libc::c_uint,
) -> ssize_t {
    if kernel::is_simulated() {
        // One of them is a pipe, and so not the system's.
        return fail(libc::EINVAL) as ssize_t;
    }
    // SAFETY: the caller's promise.
    unsafe {
        libc::syscall(
            libc::SYS_splice,
            from,
            from_offset,
            to,
            to_offset,
            length,
            flags,
        ) as ssize_t
    }
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
    if are_not_files(from, to) {
        return fail(libc::EINVAL) as ssize_t;
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
    if are_not_files(from, to) {
        return fail(libc::EINVAL) as ssize_t;
    }
    // SAFETY: the caller's promise.
    let then = || unsafe { libc::syscall(libc::SYS_sendfile, to, from, offset, length) };
    changing(to, ("fs::copy", "copies to a file"), then) as ssize_t
}

/// `ftruncate64`.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn ftruncate64(descriptor: c_int, length: off64_t) -> c_int {
    if descriptors::thing(descriptor).is_some() {
        return fail(libc::EINVAL) as c_int;
    }
    if kernel::is_simulated() {
        folder::begin();
        here::step("File::set_len", "sets the length of a file");
        disk::holds(length);
    }
    // SAFETY: ftruncate has no preconditions.
    disk::wrote(unsafe { libc::syscall(libc::SYS_ftruncate, descriptor, length) }) as c_int
}

/// Takes the step of a call that changes what is known of an open file, and does
/// it.
fn marking(
    descriptor: c_int,
    (call, verb): (&'static str, &'static str),
    then: impl FnOnce() -> c_long,
) -> c_int {
    if is_barred(descriptor) {
        return fail(libc::EBADF) as c_int;
    }
    if kernel::is_simulated() && descriptors::thing(descriptor).is_none() {
        folder::begin();
        here::step(call, verb);
    }
    then() as c_int
}

/// `fchmod`.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn fchmod(descriptor: c_int, mode: libc::mode_t) -> c_int {
    let step = ("File::set_permissions", "changes permissions of a file");
    // SAFETY: fchmod has no preconditions.
    marking(descriptor, step, || unsafe {
        libc::syscall(libc::SYS_fchmod, descriptor, mode)
    })
}

/// `fchown`.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn fchown(
    descriptor: c_int,
    owner: libc::uid_t,
    group: libc::gid_t,
) -> c_int {
    let step = ("fs::fchown", "changes the owner of a file");
    marking(descriptor, step, || match kernel::is_simulated() {
        true => identity::gives(owner, group),
        // SAFETY: fchown has no preconditions.
        false => unsafe { libc::syscall(libc::SYS_fchown, descriptor, owner, group) },
    })
}

/// `futimens`.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn futimens(descriptor: c_int, times: *const libc::timespec) -> c_int {
    let step = ("File::set_times", "sets the times of a file");
    let no_path = std::ptr::null::<libc::c_char>();
    marking(descriptor, step, || {
        // SAFETY: the caller's promise.
        let result = unsafe { libc::syscall(libc::SYS_utimensat, descriptor, no_path, times, 0) };
        if result == 0 && kernel::is_simulated() {
            // SAFETY: the caller gives two times, or none.
            identity::sets_times(
                descriptor,
                unsafe { times.cast::<[libc::timespec; 2]>().as_ref() }.copied(),
            );
        }
        result
    })
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
    if let Some(thing) = descriptors::thing(descriptor) {
        // SAFETY: the caller gives room for that many bytes; they are only
        // written to.
        return get(thing, unsafe {
            std::slice::from_raw_parts_mut(bytes.cast(), length)
        });
    }
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
    if let Some(thing) = descriptors::thing(descriptor) {
        // SAFETY: the caller's promise.
        let buffers = unsafe { self::buffers(buffers, count) };
        let mut all = vec![0u8; buffers.iter().map(|buffer| buffer.iov_len).sum()];
        let length = get(thing, &mut all);
        let mut rest = all
            .get(..usize::try_from(length).unwrap_or(0))
            .unwrap_or(&[]);
        for buffer in buffers {
            let (part, after) = rest.split_at(rest.len().min(buffer.iov_len));
            // SAFETY: the caller gives room for that many bytes, which nobody
            // else uses.
            unsafe {
                std::ptr::copy_nonoverlapping(part.as_ptr(), buffer.iov_base.cast(), part.len());
            }
            rest = after;
        }
        return length;
    }
    // SAFETY: the caller's promise.
    let then = || unsafe { libc::syscall(libc::SYS_readv, descriptor, buffers, count) };
    reading(descriptor, then) as ssize_t
}

/// `pread64`.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn pread64(
    descriptor: c_int,
    bytes: *mut c_void,
    length: size_t,
    offset: off64_t,
) -> ssize_t {
    if descriptors::thing(descriptor).is_some() {
        return fail(libc::ESPIPE) as ssize_t;
    }
    // SAFETY: the caller's promise.
    let then = || unsafe { libc::syscall(libc::SYS_pread64, descriptor, bytes, length, offset) };
    reading(descriptor, then) as ssize_t
}

/// `fcntl`, with the third argument that it does not always have. A duplicate
/// of a standard descriptor is one of the simulated stream: the real one would
/// be a way to the record.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn fcntl(
    descriptor: c_int,
    command: c_int,
    argument: libc::c_ulong,
) -> c_int {
    let simulated = kernel::is_simulated();
    let duplicates = matches!(command, libc::F_DUPFD | libc::F_DUPFD_CLOEXEC);
    let thing = match descriptor {
        0..=2 if simulated && duplicates => Some(Thing::Stream(descriptor)),
        _ => descriptors::thing(descriptor),
    };
    if let Some(thing) = thing {
        return descriptors::control(thing, command);
    }
    // SAFETY: the caller's promise.
    let result = unsafe { libc::syscall(libc::SYS_fcntl, descriptor, command, argument) as c_int };
    if simulated && duplicates {
        match result {
            0.. => lock::duplicated(descriptor, result),
            _ => disk::has_descriptors_left(disk::last_error()),
        }
    }
    result
}
