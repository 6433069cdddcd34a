//! `scope` and the threads in it.

use crate::sync::Shared;
use std::fmt;
use std::io;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, Location, RefUnwindSafe};

use verdict::record::Holder;

use super::{Joinable, Result, Thread, start};
use crate::kernel;
use crate::op::{Object, Op};
use crate::panics;
use crate::sync::Cell;

/// See [`std::thread::Scope`].
pub struct Scope<'scope, 'env: 'scope> {
    data: Shared<Data>,
    scope: PhantomData<&'scope mut &'scope ()>,
    env: PhantomData<&'env mut &'env ()>,
}

/// See [`std::thread::ScopedJoinHandle`].
pub struct ScopedJoinHandle<'scope, T>(Joinable<T>, PhantomData<&'scope ()>);

/// The threads of a scope.
pub(super) struct Data {
    running: Cell<usize>,
    /// Whether one of them panicked and nobody joined it.
    panicked: Cell<bool>,
    /// All of them.
    threads: Cell<Vec<Thread>>,
}

// As std's, whose state is atomic: a panic cannot leave it torn.
impl RefUnwindSafe for Data {}

impl Data {
    pub(super) fn ended(&self, unhandled_panic: bool) {
        if unhandled_panic {
            self.panicked.set(true);
        }
        self.running.set(self.running.get() - 1);
    }
}

/// See [`std::thread::scope`].
#[track_caller]
pub fn scope<'env, F, T>(f: F) -> T
where
    F: for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> T,
{
    let place = Location::caller();
    let data = Shared::new(Data {
        running: Cell::new(0),
        panicked: Cell::new(false),
        threads: Cell::new(Vec::new()),
    });
    let scope = Scope {
        data,
        scope: PhantomData,
        env: PhantomData,
    };
    let result = panics::stop(AssertUnwindSafe(|| f(&scope)));
    // Whatever happened, the threads may borrow from the caller: wait for them.
    let ended = || scope.data.running.get() == 0;
    let whom = || {
        let threads = scope.data.threads.with_mut(|threads| threads.clone());
        let left = threads.iter().filter(|thread| !thread.has_ended());
        left.map(|thread| Holder {
            thread: thread.number(),
            place: None,
        })
        .collect()
    };
    if !ended() {
        kernel::step(
            &Op::new(
                "thread::scope",
                "waits for the threads of its scope",
                Object::NONE,
            )
            .at(place)
            .when(&ended)
            .held_by(&whom),
        );
    }
    // In which order several threads have spawned them is no news.
    let mut threads = scope.data.threads.take();
    threads.sort_by_key(|thread| kernel::lane_number(thread.number()));
    threads
        .into_iter()
        .for_each(|thread| kernel::see_end(thread.number()));
    match result {
        Err(panic) => panic.resume(),
        Ok(_) if scope.data.panicked.get() => panic!("a scoped thread panicked"),
        Ok(result) => result,
    }
}

impl<'scope> Scope<'scope, '_> {
    /// See [`std::thread::Scope::spawn`].
    ///
    /// # Panics
    /// When there are too many threads.
    #[track_caller]
    pub fn spawn<F, T>(&'scope self, f: F) -> ScopedJoinHandle<'scope, T>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        self.start(f, None, 0, Location::caller())
            .expect("failed to spawn thread")
    }

    pub(super) fn start<F, T>(
        &'scope self,
        f: F,
        name: Option<String>,
        stack: usize,
        place: &'static Location<'static>,
    ) -> io::Result<ScopedJoinHandle<'scope, T>>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        self.data.running.set(self.data.running.get() + 1);
        // SAFETY: the scope waits for the thread and for its result to be gone
        // before anything of `'scope` is.
        let joinable = unsafe { start(f, name, stack, Some(self.data.clone()), place) }?;
        let thread = joinable.thread.clone();
        self.data.threads.with_mut(|threads| threads.push(thread));
        Ok(ScopedJoinHandle(joinable, PhantomData))
    }
}

impl<T> ScopedJoinHandle<'_, T> {
    /// See [`std::thread::ScopedJoinHandle::thread`].
    #[must_use]
    pub fn thread(&self) -> &Thread {
        &self.0.thread
    }

    /// See [`std::thread::ScopedJoinHandle::join`].
    ///
    /// # Errors
    /// The payload of the thread's panic.
    #[track_caller]
    pub fn join(self) -> Result<T> {
        self.0.join(Location::caller())
    }

    /// See [`std::thread::ScopedJoinHandle::is_finished`].
    #[track_caller]
    pub fn is_finished(&self) -> bool {
        self.0.is_finished()
    }
}

impl fmt::Debug for Scope<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        kernel::looks_at_locks();
        kernel::step(&Op::new(
            "Scope::fmt",
            "looks how many threads of its scope run",
            Object::NONE,
        ));
        f.debug_struct("Scope")
            .field("num_running_threads", &self.data.running.get())
            .field("a_thread_panicked", &self.data.panicked.get())
            .field("main_thread", &super::current())
            .finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for ScopedJoinHandle<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScopedJoinHandle").finish_non_exhaustive()
    }
}
