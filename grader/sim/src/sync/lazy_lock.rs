//! `std::sync::LazyLock`.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::panic::{RefUnwindSafe, UnwindSafe};

use super::Cell;
use super::once::{Once, Words};

/// See [`std::sync::LazyLock`].
pub struct LazyLock<T, F = fn() -> T> {
    once: Once,
    data: Cell<Data<T, F>>,
}

enum Data<T, F> {
    /// What makes the value.
    Function(F),
    Value(T),
    /// The function runs, or has panicked.
    Gone,
}

impl<T, F> Data<T, F> {
    fn value(&self) -> &T {
        match self {
            Data::Value(value) => value,
            Data::Function(_) | Data::Gone => unreachable!("only a complete cell is read"),
        }
    }
}

// SAFETY: a thread may make the value, by the function (`Send`), that another
// drops (`Send`), and many threads may get shared references to it (`Sync`);
// nobody gets a reference to the function.
unsafe impl<T: Sync + Send, F: Send> Sync for LazyLock<T, F> {}
impl<T: RefUnwindSafe + UnwindSafe, F: UnwindSafe> RefUnwindSafe for LazyLock<T, F> {}
impl<T: UnwindSafe, F: UnwindSafe> UnwindSafe for LazyLock<T, F> {}

impl<T, F: FnOnce() -> T> LazyLock<T, F> {
    /// See [`std::sync::LazyLock::new`].
    #[track_caller]
    pub const fn new(f: F) -> LazyLock<T, F> {
        LazyLock {
            once: Once::new(),
            data: Cell::new(Data::Function(f)),
        }
    }

    /// See [`std::sync::LazyLock::force`].
    ///
    /// # Panics
    /// When the function panics, or has panicked.
    #[track_caller]
    pub fn force(this: &LazyLock<T, F>) -> &T {
        let words = Words {
            call: "LazyLock::force",
            verb: "gets or makes the value of",
        };
        this.once.call(words, true, |_| {
            let value = make(this.data.replace(Data::Gone));
            this.data.set(Data::Value(value));
        });
        // SAFETY: the cell is complete, so nobody changes its value any more
        // but through an exclusive reference.
        unsafe { &*this.data.as_ptr() }.value()
    }

    /// See [`std::sync::LazyLock::force_mut`].
    ///
    /// # Panics
    /// When the function panics, or has panicked.
    #[track_caller]
    pub fn force_mut(this: &mut LazyLock<T, F>) -> &mut T {
        let data = this.data.get_mut();
        if !matches!(data, Data::Value(_)) {
            let function = std::mem::replace(data, Data::Gone);
            *data = Data::Value(make(function));
            this.once.set_complete(true);
        }
        match data {
            Data::Value(value) => value,
            Data::Function(_) | Data::Gone => unreachable!("the value was just made"),
        }
    }
}

/// Runs the function.
#[track_caller]
fn make<T, F: FnOnce() -> T>(data: Data<T, F>) -> T {
    match data {
        Data::Function(function) => function(),
        Data::Value(value) => value,
        Data::Gone => panic!("LazyLock instance has previously been poisoned"),
    }
}

impl<T, F> LazyLock<T, F> {
    /// See [`std::sync::LazyLock::get_mut`].
    pub fn get_mut(this: &mut LazyLock<T, F>) -> Option<&mut T> {
        match this.data.get_mut() {
            Data::Value(value) => Some(value),
            Data::Function(_) | Data::Gone => None,
        }
    }

    /// See [`std::sync::LazyLock::get`].
    #[track_caller]
    pub fn get(this: &LazyLock<T, F>) -> Option<&T> {
        let words = Words {
            call: "LazyLock::get",
            verb: "looks into",
        };
        // SAFETY: where the cell is complete, nobody changes its value any
        // more but through an exclusive reference.
        let value = || unsafe { &*this.data.as_ptr() }.value();
        this.once.look(words).then(value)
    }
}

impl<T, F: FnOnce() -> T> Deref for LazyLock<T, F> {
    type Target = T;

    #[track_caller]
    fn deref(&self) -> &T {
        LazyLock::force(self)
    }
}

impl<T, F: FnOnce() -> T> DerefMut for LazyLock<T, F> {
    #[track_caller]
    fn deref_mut(&mut self) -> &mut T {
        LazyLock::force_mut(self)
    }
}

impl<T: Default> Default for LazyLock<T> {
    #[track_caller]
    fn default() -> LazyLock<T> {
        LazyLock::new(T::default)
    }
}

impl<T: fmt::Debug, F> fmt::Debug for LazyLock<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_tuple("LazyLock");
        match LazyLock::get(self) {
            Some(value) => shown.field(value),
            None => shown.field(&format_args!("<uninit>")),
        };
        shown.finish()
    }
}
