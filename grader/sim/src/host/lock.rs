//! The locks of files: `File::lock`, `try_lock`, `unlock`.
//!
//! They are kept here and not by the system, so that to wait for one is a step
//! of a simulated thread. As on Linux (`flock(2)`), a lock belongs to what one
//! `open` has given: duplicates of a descriptor share it, and it is gone when
//! the last of them is closed.

use std::panic::Location;

use libc::c_int;
use verdict::record::Holder;

use super::files::{At, fail};
use super::{here, identity};
use crate::kernel::{self, Run};
use crate::op::{Kind, Object, Op};
use crate::sync::Cell;

/// Statics, and so empty in the next execution.
static OPENED: Cell<Vec<(c_int, Opened)>> = Cell::new(Vec::new());
static LOCKS: Cell<Vec<Lock>> = Cell::new(Vec::new());
static LAST: Cell<Opened> = Cell::new(0);

/// What one `open` gave, whatever its descriptors.
type Opened = u32;
/// Which file: the number that it is said to have.
type File = u64;

/// A lock that is held.
#[derive(Clone, Copy)]
struct Lock {
    file: File,
    by: Opened,
    exclusive: bool,
    thread: u32,
    place: Option<&'static Location<'static>>,
}

/// What a descriptor was opened as, as far as it is known.
fn known(descriptor: c_int) -> Option<Opened> {
    OPENED.with_mut(|opened| {
        let found = opened.iter().find(|(other, _)| *other == descriptor);
        found.map(|(_, opened)| *opened)
    })
}

fn opened(descriptor: c_int) -> Opened {
    known(descriptor).unwrap_or_else(|| {
        let new = LAST.get() + 1;
        LAST.set(new);
        OPENED.with_mut(|opened| opened.push((descriptor, new)));
        new
    })
}

/// A descriptor is a duplicate of another one.
pub(super) fn duplicated(from: c_int, to: c_int) {
    let opened = opened(from);
    OPENED.with_mut(|all| all.push((to, opened)));
}

/// A descriptor is about to be closed.
pub(super) fn closes(descriptor: c_int) {
    let Some(opened) = known(descriptor) else {
        return;
    };
    let last = OPENED.with_mut(|all| {
        all.retain(|(other, _)| *other != descriptor);
        all.iter().all(|(_, other)| *other != opened)
    });
    if last {
        release(opened);
    }
}

/// Gives back the lock that is held, if one is. That is a step only in searches
/// in which somebody looks at locks without waiting for them.
fn release(by: Opened) {
    let Some(lock) = LOCKS.with_mut(|locks| locks.iter().find(|lock| lock.by == by).copied())
    else {
        return;
    };
    if kernel::releases_are_steps() {
        here::take(Op::new("File::unlock", "unlocks", object(lock.file)));
    } else {
        here::row("unlocks", object(lock.file));
    }
    LOCKS.with_mut(|locks| locks.retain(|lock| lock.by != by));
}

fn object(file: File) -> Object {
    /// No other thing that is shared lies there.
    const FIRST: usize = 1 << 60;
    Object {
        kind: Kind::File,
        id: FIRST + file as usize,
        number: 0,
        made: None,
    }
}

/// The locks that stand in the way of one.
fn in_the_way(file: File, by: Opened, exclusive: bool) -> Vec<Lock> {
    LOCKS.with_mut(|locks| {
        let others = locks
            .iter()
            .filter(|lock| lock.file == file && lock.by != by && (lock.exclusive || exclusive));
        others.copied().collect()
    })
}

/// `flock`, which the methods of `File` call.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn flock(descriptor: c_int, operation: c_int) -> c_int {
    if !kernel::is_simulated() {
        // SAFETY: flock has no preconditions.
        return unsafe { libc::syscall(libc::SYS_flock, descriptor, operation) as c_int };
    }
    let file = match identity::number(At::open(descriptor)) {
        0 => return fail(libc::EBADF) as c_int,
        file => file,
    };
    let by = opened(descriptor);
    let exclusive = match operation & !libc::LOCK_NB {
        libc::LOCK_EX => true,
        libc::LOCK_SH => false,
        libc::LOCK_UN => {
            release(by);
            return 0;
        }
        _ => return fail(libc::EINVAL) as c_int,
    };
    let waits = operation & libc::LOCK_NB == 0;
    let (call, verb) = match (waits, exclusive) {
        (true, true) => ("File::lock", "locks"),
        (true, false) => ("File::lock_shared", "locks (shared)"),
        (false, true) => ("File::try_lock", "tries to lock"),
        (false, false) => ("File::try_lock_shared", "tries to lock (shared)"),
    };
    let own = LOCKS.with_mut(|locks| locks.iter().find(|lock| lock.by == by).copied());
    if own.is_some_and(|own| own.exclusive != exclusive) {
        // To change the kind of a lock is to give it back and take it again.
        release(by);
    }
    let free = || in_the_way(file, by, exclusive).is_empty();
    let holders = || {
        let told = |lock: Lock| Holder {
            thread: lock.thread,
            place: lock.place.and_then(Run::place_of),
        };
        let locks = in_the_way(file, by, exclusive);
        locks.into_iter().map(told).collect()
    };
    let op = Op::new(call, verb, object(file));
    if waits {
        here::take(op.when(&free).held_by(&holders));
    } else {
        kernel::looks_at_locks();
        here::take(op);
        let free = free();
        kernel::value(|| if free { "locked" } else { "it is held" });
        if !free {
            return fail(libc::EWOULDBLOCK) as c_int;
        }
    }
    LOCKS.with_mut(|locks| {
        locks.retain(|lock| lock.by != by);
        locks.push(Lock {
            file,
            by,
            exclusive,
            thread: kernel::current(),
            place: here::place(),
        });
    });
    0
}
