//! `Builder` and `spawn`.

use std::io;
use std::panic::Location;

use super::scoped::{Scope, ScopedJoinHandle};
use super::{JoinHandle, start};

/// See [`std::thread::Builder`].
#[must_use = "must eventually spawn the thread"]
#[derive(Debug)]
pub struct Builder {
    name: Option<String>,
    stack_size: Option<usize>,
    /// Shown by `Debug`, as std's is.
    #[expect(dead_code, reason = "std can be told otherwise on nightly only")]
    no_hooks: bool,
}

impl Builder {
    /// See [`std::thread::Builder::new`].
    #[expect(clippy::new_without_default, reason = "std's has no Default")]
    pub fn new() -> Builder {
        Builder {
            name: None,
            stack_size: None,
            no_hooks: false,
        }
    }

    /// See [`std::thread::Builder::name`].
    pub fn name(mut self, name: String) -> Builder {
        assert!(
            !name.as_bytes().contains(&0),
            "thread name may not contain interior null bytes"
        );
        self.name = Some(name);
        self
    }

    /// See [`std::thread::Builder::stack_size`]. A thread has at least
    /// the usual 2 MiB.
    pub fn stack_size(mut self, size: usize) -> Builder {
        self.stack_size = Some(size);
        self
    }

    /// See [`std::thread::Builder::spawn`].
    ///
    /// # Errors
    /// When there are too many threads, or no memory for the stack.
    #[track_caller]
    pub fn spawn<F, T>(self, f: F) -> io::Result<JoinHandle<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        // SAFETY: neither the body nor its result borrows anything.
        unsafe { self.spawn_unchecked(f) }
    }

    /// See [`std::thread::Builder::spawn_unchecked`].
    ///
    /// # Errors
    /// When there are too many threads, or no memory for the stack.
    ///
    /// # Safety
    /// What the body and its result borrow outlives the thread, which is joined
    /// before that ends.
    #[track_caller]
    pub unsafe fn spawn_unchecked<F, T>(self, f: F) -> io::Result<JoinHandle<T>>
    where
        F: FnOnce() -> T + Send,
        T: Send,
    {
        // SAFETY: the caller promises it.
        unsafe {
            start(
                f,
                self.name,
                self.stack_size.unwrap_or(0),
                None,
                Location::caller(),
            )
        }
        .map(JoinHandle)
    }

    /// See [`std::thread::Builder::spawn_scoped`].
    ///
    /// # Errors
    /// When there are too many threads, or no memory for the stack.
    #[track_caller]
    pub fn spawn_scoped<'scope, 'env, F, T>(
        self,
        scope: &'scope Scope<'scope, 'env>,
        f: F,
    ) -> io::Result<ScopedJoinHandle<'scope, T>>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        scope.start(
            f,
            self.name,
            self.stack_size.unwrap_or(0),
            Location::caller(),
        )
    }
}

/// See [`std::thread::spawn`].
///
/// # Panics
/// When there are too many threads.
#[track_caller]
pub fn spawn<F, T>(f: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    Builder::new().spawn(f).expect("failed to spawn thread")
}
