//! `std::sync::Mutex`.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::sync::{LockResult, TryLockError, TryLockResult};

use verdict::record::Holder;

use super::{Cell, poison};
use crate::kernel::{self, Run};
use crate::op::{Kind, Made, Object, Op};

/// Who holds a lock, and where it was taken.
#[derive(Clone, Copy)]
pub(crate) struct Hold {
    pub(crate) thread: u32,
    pub(crate) place: &'static Location<'static>,
}

impl Hold {
    pub(crate) fn told(self) -> Holder {
        Holder {
            thread: self.thread,
            place: Run::place_of(self.place),
        }
    }
}

/// See [`std::sync::Mutex`].
pub struct Mutex<T: ?Sized> {
    made: Made,
    holder: Cell<Option<Hold>>,
    poisoned: poison::Flag,
    data: Cell<T>,
}

// SAFETY: the value is only reached through a guard, of which there is one at
// a time, or through `&mut self`; so it moves between threads (`Send`) but is
// never shared by them.
unsafe impl<T: ?Sized + Send> Send for Mutex<T> {}
// SAFETY: as above.
unsafe impl<T: ?Sized + Send> Sync for Mutex<T> {}
impl<T: ?Sized> UnwindSafe for Mutex<T> {}
impl<T: ?Sized> RefUnwindSafe for Mutex<T> {}

/// See [`std::sync::MutexGuard`].
#[must_use = "if unused the Mutex will immediately unlock"]
pub struct MutexGuard<'a, T: ?Sized + 'a> {
    lock: &'a Mutex<T>,
    was_panicking: bool,
    place: &'static Location<'static>,
    not_send: PhantomData<*const ()>,
}

// SAFETY: a shared guard gives no more than a shared reference to the value.
unsafe impl<T: ?Sized + Sync> Sync for MutexGuard<'_, T> {}

impl<T> Mutex<T> {
    /// See [`std::sync::Mutex::new`].
    #[track_caller]
    pub const fn new(value: T) -> Mutex<T> {
        Mutex {
            made: Made::at(Location::caller()),
            holder: Cell::new(None),
            poisoned: poison::Flag::new(),
            data: Cell::new(value),
        }
    }

    /// See [`std::sync::Mutex::into_inner`].
    ///
    /// # Errors
    /// When the mutex is poisoned.
    pub fn into_inner(self) -> LockResult<T> {
        let Mutex { poisoned, data, .. } = self;
        poisoned.guard(data.into_inner())
    }
}

impl<T: ?Sized> Mutex<T> {
    fn object(&self) -> Object {
        Object::at(Kind::Mutex, &self.holder, Some(&self.made))
    }

    /// See [`std::sync::Mutex::lock`].
    ///
    /// # Errors
    /// When the mutex is poisoned.
    #[track_caller]
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        self.lock_at(Location::caller())
    }

    fn lock_at(&self, place: &'static Location<'static>) -> LockResult<MutexGuard<'_, T>> {
        acquire(&self.holder, self.object(), place);
        self.poisoned.guard(self.guard(place))
    }

    /// See [`std::sync::Mutex::try_lock`].
    ///
    /// # Errors
    /// When the mutex is held, or poisoned.
    #[track_caller]
    pub fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
        let place = Location::caller();
        kernel::looks_at_locks();
        kernel::step(&Op::new("Mutex::try_lock", "tries to lock", self.object()).at(place));
        let free = self.holder.get().is_none();
        kernel::value(|| if free { "locked" } else { "it is held" });
        if free {
            self.holder.set(Some(Hold {
                thread: kernel::current(),
                place,
            }));
        }
        self.poisoned.try_guard(free.then(|| self.guard(place)))
    }

    /// See [`std::sync::Mutex::is_poisoned`].
    #[track_caller]
    pub fn is_poisoned(&self) -> bool {
        kernel::looks_at_locks();
        kernel::step(&Op::new(
            "Mutex::is_poisoned",
            "looks whether a panic poisoned",
            self.object(),
        ));
        self.poisoned.get()
    }

    /// See [`std::sync::Mutex::clear_poison`].
    #[track_caller]
    pub fn clear_poison(&self) {
        kernel::looks_at_locks();
        kernel::step(&Op::new(
            "Mutex::clear_poison",
            "clears the poison of",
            self.object(),
        ));
        self.poisoned.clear();
    }

    /// See [`std::sync::Mutex::get_mut`].
    ///
    /// # Errors
    /// When the mutex is poisoned.
    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        let Mutex { poisoned, data, .. } = self;
        poisoned.guard(data.get_mut())
    }

    /// A guard for the lock that was just taken.
    fn guard(&self, place: &'static Location<'static>) -> MutexGuard<'_, T> {
        MutexGuard {
            lock: self,
            was_panicking: kernel::is_panicking(),
            place,
            not_send: PhantomData,
        }
    }
}

/// Takes a lock; waits for as long as it is held.
pub(crate) fn acquire(
    holder: &Cell<Option<Hold>>,
    object: Object,
    place: &'static Location<'static>,
) {
    let free = || holder.get().is_none();
    let holders = || holder.get().map(Hold::told).into_iter().collect();
    kernel::step(
        &Op::new("Mutex::lock", "locks", object)
            .at(place)
            .when(&free)
            .held_by(&holders),
    );
    holder.set(Some(Hold {
        thread: kernel::current(),
        place,
    }));
}

/// Gives a lock back. That is a step only in searches in which somebody looks
/// at locks without waiting for them: to everybody else, it makes no
/// difference when exactly it happens between two other steps.
pub(crate) fn release(
    holder: &Cell<Option<Hold>>,
    object: Object,
    place: &'static Location<'static>,
) {
    if kernel::releases_are_steps() {
        kernel::step(&Op::new("Mutex::unlock", "unlocks", object).at(place));
    } else {
        kernel::row("unlocks", object, place);
    }
    holder.set(None);
}

impl<'a, T: ?Sized> MutexGuard<'a, T> {
    /// The parts that a condition variable works with: it gives the lock back
    /// and takes it again.
    pub(crate) fn parts(&self) -> (&'a Cell<Option<Hold>>, Object) {
        (&self.lock.holder, self.lock.object())
    }

    /// The guard again, as an error where the lock was poisoned meanwhile.
    pub(crate) fn checked(self) -> LockResult<Self> {
        let poisoned = &self.lock.poisoned;
        poisoned.guard(self)
    }
}

impl<T: ?Sized> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        release(&self.lock.holder, self.lock.object(), self.place);
        // Part of the release: it may be a step, and comes first then.
        self.lock.poisoned.done(self.was_panicking);
    }
}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: there is one guard at a time, and this is it.
        unsafe { &*self.lock.data.as_ptr() }
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: there is one guard at a time, and this is it.
        unsafe { &mut *self.lock.data.as_ptr() }
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T> From<T> for Mutex<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        Mutex::new(value)
    }
}

impl<T: Default> Default for Mutex<T> {
    #[track_caller]
    fn default() -> Self {
        Mutex::new(T::default())
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Mutex");
        match self.try_lock() {
            Ok(guard) => shown.field("data", &&*guard),
            Err(TryLockError::Poisoned(error)) => shown.field("data", &&**error.get_ref()),
            Err(TryLockError::WouldBlock) => shown.field("data", &"<locked>"),
        };
        shown.field("poisoned", &self.poisoned.get());
        shown.finish_non_exhaustive()
    }
}
