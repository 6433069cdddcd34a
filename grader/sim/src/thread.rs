//! `std::thread`.

mod builder;
mod handle;
mod local;
mod park;
mod scoped;

use crate::sync::Shared;
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::time::Duration;

pub use builder::{Builder, spawn};
pub use handle::{Thread, ThreadId, current};
pub(crate) use local::drop_all as drop_locals;
pub use local::{AccessError, LocalKey};
pub use park::{park, park_timeout, park_timeout_ms};
pub use scoped::{Scope, ScopedJoinHandle, scope};
pub use std::thread::Result;

use crate::kernel;
use crate::op::{Object, Op};
use crate::sync::Cell;
use crate::time::deadline;
use crate::{io, panics};

/// The result of a thread, on its way to whoever joins it.
struct Packet<T> {
    result: Cell<Option<std::result::Result<T, panics::Stopped>>>,
    scope: Option<Shared<scoped::Data>>,
}

impl<T> Drop for Packet<T> {
    /// The end of a scoped thread: its scope may go on once its result, with
    /// all that it borrows, is gone.
    fn drop(&mut self) {
        let unhandled = matches!(self.result.get_mut(), Some(Err(_)));
        // As with the real std: it may be any thread that drops it.
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(self.result.take())));
        if dropped.is_err() {
            io::from_std(b"fatal runtime error: thread result panicked on drop, aborting\n");
            std::process::abort();
        }
        if let Some(scope) = &self.scope {
            scope.ended(unhandled);
        }
    }
}

/// What every kind of join handle is made of.
struct Joinable<T> {
    thread: Thread,
    packet: Shared<Packet<T>>,
}

// SAFETY: simulated threads run on one thread of the system, and a result that
// passes from one to another is `Send` (the bounds of `spawn`).
unsafe impl<T: Send> Send for Joinable<T> {}
// SAFETY: a shared handle gives no access to the result.
unsafe impl<T: Send> Sync for Joinable<T> {}

impl<T> Joinable<T> {
    fn join(self, place: &'static Location<'static>) -> Result<T> {
        let ended = || self.thread.has_ended();
        let whom = || {
            vec![verdict::record::Holder {
                thread: self.thread.number(),
                place: None,
            }]
        };
        let op = Op::new(
            "JoinHandle::join",
            "joins",
            Object::thread(self.thread.number()),
        );
        kernel::step(&op.at(place).when(&ended).held_by(&whom));
        kernel::see_end(self.thread.number());
        match self.packet.result.take() {
            Some(result) => result.map_err(panics::Stopped::caught),
            None => unreachable!(
                "a thread that has ended has left its result, and a handle is joined once"
            ),
        }
    }

    #[track_caller]
    fn is_finished(&self) -> bool {
        let object = Object::thread(self.thread.number());
        kernel::looks_at_locks();
        kernel::step(&Op::new(
            "JoinHandle::is_finished",
            "looks whether it has ended:",
            object,
        ));
        let ended = self.packet.is_alone();
        if ended {
            kernel::see_end(self.thread.number());
        }
        ended
    }
}

/// Starts a thread. The body may borrow: the caller promises, by joining or by
/// a scope, that what is borrowed outlives it.
///
/// # Safety
/// `f` and `T` must outlive the thread.
unsafe fn start<F, T>(
    f: F,
    name: Option<String>,
    stack: usize,
    scope: Option<Shared<scoped::Data>>,
    place: &'static Location<'static>,
) -> std::io::Result<Joinable<T>>
where
    F: FnOnce() -> T,
{
    let packet = Shared::new(Packet {
        result: Cell::new(None),
        scope,
    });
    if kernel::lanes_are_short() {
        let op = Op::new(
            "thread::spawn",
            "spawns one of very many threads",
            Object::NONE,
        );
        kernel::step(&op.at(place));
    }
    // All that can fail does so before there is a handle: who fails drops `f`, which
    // may spawn threads of its own. It has its number before that, as with the real std.
    let id = kernel::next_id();
    let reserved = kernel::reserve(stack)?;
    let thread = handle::expect_next(id, name.clone());
    let (theirs, me) = (packet.clone(), thread.clone());
    let body = move || {
        let result = panics::stop(AssertUnwindSafe(f));
        theirs.result.set(Some(result));
        if kernel::releases_are_steps() {
            // Somebody looks whether threads have ended without waiting.
            let itself = Object::thread(kernel::current());
            kernel::step(&Op::new("thread end", "ends, as", itself).at(place));
        }
        drop(theirs);
        local::drop_all();
        me.set_ended();
    };
    let body: Box<dyn FnOnce() + '_> = Box::new(body);
    // SAFETY: the caller promises that what the body borrows outlives it.
    let body: Box<dyn FnOnce() + 'static> = unsafe { std::mem::transmute(body) };
    let number = kernel::spawn(name, id, reserved, place, body);
    debug_assert_eq!(number, thread.number());
    Ok(Joinable { thread, packet })
}

/// See [`std::thread::JoinHandle`].
pub struct JoinHandle<T>(Joinable<T>);

// SAFETY: as for `Joinable`; that its thread could be spawned says that `T` is
// `Send`.
unsafe impl<T> Send for JoinHandle<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for JoinHandle<T> {}

impl<T> JoinHandle<T> {
    /// See [`std::thread::JoinHandle::thread`].
    #[must_use]
    pub fn thread(&self) -> &Thread {
        &self.0.thread
    }

    /// See [`std::thread::JoinHandle::join`].
    ///
    /// # Errors
    /// The payload of the thread's panic.
    #[track_caller]
    pub fn join(self) -> Result<T> {
        self.0.join(Location::caller())
    }

    /// See [`std::thread::JoinHandle::is_finished`].
    #[track_caller]
    pub fn is_finished(&self) -> bool {
        self.0.is_finished()
    }
}

impl<T> std::fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JoinHandle").finish_non_exhaustive()
    }
}

/// See [`std::thread::yield_now`].
#[track_caller]
pub fn yield_now() {
    kernel::step(&Op::new("thread::yield_now", "yields", Object::NONE).yielding());
}

/// See [`std::hint::spin_loop`].
#[track_caller]
pub fn spin_loop() {
    kernel::step(&Op::new("hint::spin_loop", "spins", Object::NONE).yielding());
}

/// See [`std::thread::sleep`]. The thread sleeps for no less than that, and
/// may be late by any amount.
#[track_caller]
pub fn sleep(duration: Duration) {
    if duration.is_zero() {
        kernel::step(&Op::new("thread::sleep", "sleeps for no time", Object::NONE).yielding());
        return;
    }
    let never = || false;
    kernel::step(
        &Op::new("thread::sleep", "sleeps", Object::NONE)
            .when(&never)
            .until(Some(deadline(duration)), None),
    );
}

/// See [`std::thread::sleep_ms`].
#[track_caller]
pub fn sleep_ms(ms: u32) {
    sleep(Duration::from_millis(u64::from(ms)));
}

/// See [`std::thread::panicking`].
#[must_use]
pub fn panicking() -> bool {
    kernel::is_panicking()
}

/// See [`std::thread::available_parallelism`]. The same on every machine.
///
/// # Errors
/// Never.
pub fn available_parallelism() -> std::io::Result<NonZero<usize>> {
    const TWO: NonZero<usize> = NonZero::new(2).expect("two is not zero");
    Ok(TWO)
}
