//! `std::sync::OnceLock`.

use std::fmt;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};

use super::Cell;
use super::once::{Once, Words};

/// See [`std::sync::OnceLock`].
pub struct OnceLock<T> {
    once: Once,
    /// There is a value once `once` is complete, and maybe a little earlier.
    value: Cell<Option<T>>,
}

// SAFETY: a thread may set the value that another drops (`Send`), and many
// threads may get shared references to it (`Sync`).
unsafe impl<T: Sync + Send> Sync for OnceLock<T> {}
// SAFETY: the cell moves with its value.
unsafe impl<T: Send> Send for OnceLock<T> {}
impl<T: RefUnwindSafe + UnwindSafe> RefUnwindSafe for OnceLock<T> {}
impl<T: UnwindSafe> UnwindSafe for OnceLock<T> {}

impl<T> OnceLock<T> {
    /// See [`std::sync::OnceLock::new`].
    #[must_use]
    #[track_caller]
    pub const fn new() -> OnceLock<T> {
        OnceLock {
            once: Once::new(),
            value: Cell::new(None),
        }
    }

    /// One that has its value, which nobody else can see yet.
    fn holding(value: T, made: &'static Location<'static>) -> OnceLock<T> {
        OnceLock {
            once: Once::completed(made),
            value: Cell::new(Some(value)),
        }
    }

    /// See [`std::sync::OnceLock::get`].
    #[track_caller]
    pub fn get(&self) -> Option<&T> {
        let words = Words {
            call: "OnceLock::get",
            verb: "looks into",
        };
        self.once.look(words).then(|| self.value())
    }

    /// The value, which there is.
    fn value(&self) -> &T {
        debug_assert!(self.once.is_complete(), "only a complete cell is read");
        // SAFETY: the cell is complete, so nobody changes its value any more
        // but through an exclusive reference.
        match unsafe { &*self.value.as_ptr() } {
            Some(value) => value,
            None => unreachable!("a cell is completed by setting its value"),
        }
    }

    /// See [`std::sync::OnceLock::get_mut`].
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.value.get_mut().as_mut()
    }

    /// See [`std::sync::OnceLock::wait`].
    #[track_caller]
    pub fn wait(&self) -> &T {
        let words = Words {
            call: "OnceLock::wait",
            verb: "waits for",
        };
        self.once.wait_for(words, true);
        self.value()
    }

    /// See [`std::sync::OnceLock::set`].
    ///
    /// # Errors
    /// The value, when there was one already.
    #[track_caller]
    pub fn set(&self, value: T) -> Result<(), T> {
        let words = Words {
            call: "OnceLock::set",
            verb: "sets",
        };
        let mut value = Some(value);
        self.once.call(words, true, |_| {
            self.value.set(value.take());
        });
        match value {
            None => Ok(()),
            Some(value) => Err(value),
        }
    }

    /// See [`std::sync::OnceLock::get_or_init`].
    #[track_caller]
    pub fn get_or_init<F>(&self, f: F) -> &T
    where
        F: FnOnce() -> T,
    {
        let words = Words {
            call: "OnceLock::get_or_init",
            verb: "gets or makes the value of",
        };
        self.once.call(words, true, |_| {
            self.value.set(Some(f()));
        });
        self.value()
    }

    /// See [`std::sync::OnceLock::into_inner`].
    pub fn into_inner(self) -> Option<T> {
        self.value.into_inner()
    }

    /// See [`std::sync::OnceLock::take`].
    pub fn take(&mut self) -> Option<T> {
        let value = self.value.get_mut().take()?;
        self.once.set_complete(false);
        Some(value)
    }
}

impl<T> Default for OnceLock<T> {
    #[track_caller]
    fn default() -> OnceLock<T> {
        OnceLock::new()
    }
}

impl<T: fmt::Debug> fmt::Debug for OnceLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_tuple("OnceLock");
        match self.get() {
            Some(value) => shown.field(value),
            None => shown.field(&format_args!("<uninit>")),
        };
        shown.finish()
    }
}

impl<T: Clone> Clone for OnceLock<T> {
    #[track_caller]
    fn clone(&self) -> OnceLock<T> {
        match self.get() {
            Some(value) => OnceLock::holding(value.clone(), Location::caller()),
            None => OnceLock::new(),
        }
    }
}

impl<T> From<T> for OnceLock<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        OnceLock::holding(value, Location::caller())
    }
}

impl<T: PartialEq> PartialEq for OnceLock<T> {
    #[track_caller]
    fn eq(&self, other: &OnceLock<T>) -> bool {
        self.get() == other.get()
    }
}

impl<T: Eq> Eq for OnceLock<T> {}
