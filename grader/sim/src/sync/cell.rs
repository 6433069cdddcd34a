//! A cell that simulated threads share.

use std::cell::UnsafeCell;

use crate::arena;
use crate::kernel::{self, Use};

/// A value that all simulated threads may use, one after another.
///
/// Like `std::cell::Cell`, but `Sync`: simulated threads run on one thread of
/// the system and change places only where a step is announced, never within
/// one of these methods. The kernel is told of each use: what threads share
/// they share through these cells.
#[derive(Default)]
pub struct Cell<T: ?Sized>(UnsafeCell<T>);

// SAFETY: see above; no two threads of the system ever use the same cell, since
// everything that is shared belongs to one simulation. Whether the value may
// change its (simulated) thread at all is for the types built on it to say.
unsafe impl<T: ?Sized> Sync for Cell<T> {}

impl<T> Cell<T> {
    /// Holds a value.
    pub const fn new(value: T) -> Cell<T> {
        Cell(UnsafeCell::new(value))
    }

    /// Replaces the value and returns the old one.
    pub fn replace(&self, value: T) -> T {
        self.used(Use::ALONE);
        // SAFETY: nobody else runs meanwhile, and nothing comes back here.
        std::mem::replace(unsafe { &mut *self.0.get() }, value)
    }

    /// Sets the value.
    pub fn set(&self, value: T) {
        drop(self.replace(value));
    }

    /// The value, out of the cell.
    pub fn into_inner(self) -> T {
        self.0.into_inner()
    }
}

impl<T: Copy> Cell<T> {
    /// The value.
    pub fn get(&self) -> T {
        self.used(Use::LOOK);
        // SAFETY: nobody else runs meanwhile.
        unsafe { *self.0.get() }
    }
}

impl<T: Default> Cell<T> {
    /// Takes the value and leaves the default.
    pub fn take(&self) -> T {
        self.replace(T::default())
    }
}

impl<T: ?Sized> Cell<T> {
    /// Does something with the value. `f` must neither take a step nor come
    /// back to this cell; it is code of the simulation, never of a submission.
    pub fn with_mut<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        self.used(Use::ALONE);
        self.apart(f)
    }

    /// Looks at the value. `f` must neither take a step nor come back to this
    /// cell; it is code of the simulation, never of a submission.
    pub fn look<R>(&self, f: impl FnOnce(&T) -> R) -> R {
        self.used(Use::LOOK);
        self.apart(|value| f(value))
    }

    /// The same for what is no news to any other thread: one's own part of the
    /// value, or something that never changes. What it allocates is nobody's.
    pub(crate) fn apart<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        // SAFETY: nobody else runs until `f` returns, and `f` does not come
        // back here, so this is the only reference to the value.
        arena::with_nobodys(|| f(unsafe { &mut *self.0.get() }))
    }

    fn used(&self, class: Use) {
        kernel::uses(self.0.get().cast::<()>().addr(), class);
    }

    /// Where the value is, for the guards that give access to it for longer.
    pub fn as_ptr(&self) -> *mut T {
        self.0.get()
    }

    /// The value, which nobody else can reach.
    pub fn get_mut(&mut self) -> &mut T {
        self.0.get_mut()
    }
}
