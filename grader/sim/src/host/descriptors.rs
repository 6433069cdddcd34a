//! Descriptors that the system knows nothing of: the ends of pipes, sockets, and
//! duplicates of the standard streams.
//!
//! They have numbers that the system does not give out, so that std's own types
//! hold them like any other (`OwnedFd`, `File::from`, `try_clone`), and what is
//! done to one of them is told from what is done to a file.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use libc::{c_int, off64_t};
use verdict::Limit;

use super::files::fail;
use super::pipe::{self, End};
use super::{lock, streams};
use crate::kernel::{self, Use};
use crate::net::{Id, Socket};
use crate::sync::Cell;

/// The first number: above what a process may open of the system.
const FIRST: c_int = 1 << 16;
/// The standard streams, which count as open.
const STREAMS: u64 = 3;
/// Numbers that each lane of threads gives out. From the system, a descriptor is the
/// lowest that is free; here it depends on nothing but what the thread itself
/// has opened before, so that it is no matter which of two threads comes first.
const EACH: c_int = 1 << 14;

/// The descriptors of this process. A static, and so none in the next one.
static OPEN: Cell<Open> = Cell::new(Open {
    things: BTreeMap::new(),
    given: BTreeMap::new(),
});

struct Open {
    things: BTreeMap<c_int, Thing>,
    /// How many numbers each lane has given out.
    given: BTreeMap<c_int, c_int>,
}

impl Open {
    fn add(&mut self, lane: c_int, thing: Thing) -> c_int {
        let given = self.given.entry(lane).or_default();
        loop {
            let number = FIRST + lane * EACH + *given % EACH;
            *given += 1;
            // There are fewer things than numbers.
            if let Entry::Vacant(free) = self.things.entry(number) {
                free.insert(thing);
                return number;
            }
        }
    }
}

/// What a descriptor stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Thing {
    /// An end of a pipe.
    Pipe(pipe::Number, End),
    /// A standard stream, by its own descriptor.
    Stream(c_int),
    /// A socket.
    Socket(Id<Socket>),
}

/// How many there are goes up or down. Nobody learns it while they are few.
fn counts() {
    let most = kernel::limits().open_files;
    let many = OPEN.apart(|open| open.things.len() as u64 > most / 2);
    let class = if many { Use::ALONE } else { Use::COUNT };
    kernel::uses(OPEN.as_ptr().addr(), class);
}

/// What a descriptor of a simulated thread stands for, if it is one of these.
pub(super) fn thing(descriptor: c_int) -> Option<Thing> {
    if descriptor < FIRST || !kernel::is_simulated() {
        return None;
    }
    // Who has its number has learnt it from who opened it, and who closes it is
    // the last one to have it.
    OPEN.apart(|open| open.things.get(&descriptor).copied())
}

/// A descriptor for something. An execution that has too many ends here.
pub(super) fn open(thing: Thing) -> c_int {
    counts();
    if OPEN.apart(|open| open.things.len() as u64 + STREAMS >= kernel::limits().open_files) {
        kernel::too_much(Limit::OpenFiles);
    }
    // There are fewer lanes than numbers for so many.
    let lane = kernel::lane_number(kernel::current()) as c_int;
    OPEN.apart(|open| open.add(lane, thing))
}

/// Another descriptor for what this one stands for.
pub(super) fn duplicate(thing: Thing) -> c_int {
    let descriptor = open(thing);
    match thing {
        _ if descriptor < 0 => {}
        Thing::Pipe(pipe, end) => pipe.open(end),
        Thing::Socket(socket) => socket.duplicated(),
        Thing::Stream(_) => {}
    }
    descriptor
}

/// What `fcntl` does with one of these.
pub(super) fn control(thing: Thing, command: c_int) -> c_int {
    match command {
        libc::F_DUPFD | libc::F_DUPFD_CLOEXEC => duplicate(thing),
        libc::F_GETFD => libc::FD_CLOEXEC,
        libc::F_GETFL => match thing {
            Thing::Pipe(_, End::Reading) | Thing::Stream(0) => libc::O_RDONLY,
            Thing::Pipe(_, End::Writing) | Thing::Stream(_) => libc::O_WRONLY,
            Thing::Socket(socket) if socket.option(|options| options.nonblocking) => {
                libc::O_RDWR | libc::O_NONBLOCK
            }
            Thing::Socket(_) => libc::O_RDWR,
        },
        libc::F_SETFD => 0,
        _ => fail(libc::EINVAL) as c_int,
    }
}

/// `pipe2`, which `std::io::pipe` calls.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn pipe2(descriptors: *mut c_int, flags: c_int) -> c_int {
    if !kernel::is_simulated() {
        // SAFETY: the caller's promise.
        return unsafe { libc::syscall(libc::SYS_pipe2, descriptors, flags) as c_int };
    }
    let pipe = pipe::new();
    let reading = open(Thing::Pipe(pipe, End::Reading));
    if reading < 0 {
        return reading;
    }
    let writing = open(Thing::Pipe(pipe, End::Writing));
    if writing < 0 {
        forget(reading);
        return fail(libc::EMFILE) as c_int;
    }
    // SAFETY: the caller gives room for two descriptors.
    unsafe {
        *descriptors = reading;
        *descriptors.add(1) = writing;
    }
    0
}

/// Closes all sockets of a process that ends, as the system does.
pub(crate) fn close_all() {
    let things = OPEN.apart(|open| std::mem::take(&mut open.things));
    for thing in things.into_values() {
        if let Thing::Socket(socket) = thing {
            socket.close();
        }
    }
}

fn forget(descriptor: c_int) {
    counts();
    OPEN.apart(|open| open.things.remove(&descriptor));
}

/// `close`. It is a step where others could notice.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn close(descriptor: c_int) -> c_int {
    if let Some(thing) = thing(descriptor) {
        if let Thing::Socket(socket) = thing {
            socket.announce_close();
        }
        // The number is free before anybody else could use it.
        forget(descriptor);
        match thing {
            Thing::Pipe(pipe, end) => pipe.close(end),
            Thing::Socket(socket) => socket.close(),
            Thing::Stream(_) => {}
        }
        return 0;
    }
    if kernel::is_simulated() {
        if streams::is_barred(descriptor) {
            return fail(libc::EBADF) as c_int;
        }
        lock::closes(descriptor);
    }
    // SAFETY: to close a descriptor has no preconditions.
    unsafe { libc::syscall(libc::SYS_close, descriptor) as c_int }
}

/// `lseek64`.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn lseek64(descriptor: c_int, offset: off64_t, whence: c_int) -> off64_t {
    if thing(descriptor).is_some() {
        return fail(libc::ESPIPE);
    }
    if kernel::is_simulated() {
        streams::looks("File::seek", "moves about in a file");
    }
    // SAFETY: lseek has no preconditions.
    unsafe { libc::syscall(libc::SYS_lseek, descriptor, offset, whence) }
}

/// Defines functions of libc that none of these has, but a file.
macro_rules! files_only {
    ($($name:ident = $system:ident, $error:ident;)*) => {
        $(
            #[doc = concat!("`", stringify!($name), "`.")]
            #[unsafe(no_mangle)]
            pub(crate) extern "C" fn $name(descriptor: c_int) -> c_int {
                if thing(descriptor).is_some() {
                    return fail(libc::$error) as c_int;
                }
                // SAFETY: the call has no preconditions.
                unsafe { libc::syscall(libc::$system, descriptor) as c_int }
            }
        )*
    };
}

files_only! {
    fsync = SYS_fsync, EINVAL;
    fdatasync = SYS_fdatasync, EINVAL;
}

/// `fstat64`, where there is no `statx`.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn fstat64(descriptor: c_int, told: *mut libc::stat64) -> c_int {
    if thing(descriptor).is_none() {
        // SAFETY: the caller's promise.
        return unsafe { libc::syscall(libc::SYS_fstat, descriptor, told) as c_int };
    }
    // SAFETY: the caller gives a place; all parts of it are numbers, for which
    // zero is a value.
    unsafe {
        told.write_bytes(0, 1);
        (*told).st_mode = MODE.into();
        (*told).st_nlink = 1;
    }
    0
}

/// What `statx` tells of one of these.
pub(super) fn told(place: &mut libc::statx) {
    // SAFETY: all parts of it are numbers, for which zero is a value.
    *place = unsafe { std::mem::zeroed() };
    place.stx_mask = libc::STATX_TYPE | libc::STATX_MODE | libc::STATX_NLINK;
    place.stx_mode = MODE;
    place.stx_nlink = 1;
}

/// A pipe that its owner may read and write. That fits: the type is 0o010000.
const MODE: u16 = libc::S_IFIFO as u16 | 0o600;
