//! `std::sync::RwLock`.

use std::fmt;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::ptr::NonNull;
use std::sync::{LockResult, TryLockError, TryLockResult};

use verdict::record::Holder;

use super::mutex::Hold;
use super::{Cell, poison};
use crate::kernel;
use crate::op::{Kind, Made, Object, Op};

/// See [`std::sync::RwLock`].
///
/// While a writer waits for readers, no other reader is let in, as on Linux:
/// so a thread that reads again what it already reads may wait for ever. Who
/// is next once the lock is free is open, as std's documentation leaves it.
pub struct RwLock<T: ?Sized> {
    lock: Raw,
    poisoned: poison::Flag,
    data: Cell<T>,
}

/// The lock without its value.
struct Raw {
    made: Made,
    writer: Cell<Option<Hold>>,
    readers: Cell<Vec<Hold>>,
    /// Writers that wait for the lock.
    waiting: Cell<usize>,
    /// Whether they keep new readers out.
    barred: Cell<bool>,
}

// SAFETY: the value moves between threads only when the lock does.
unsafe impl<T: ?Sized + Send> Send for RwLock<T> {}
// SAFETY: a shared lock gives one thread the value (`Send`), or many threads
// shared references to it (`Sync`).
unsafe impl<T: ?Sized + Send + Sync> Sync for RwLock<T> {}
impl<T: ?Sized> UnwindSafe for RwLock<T> {}
impl<T: ?Sized> RefUnwindSafe for RwLock<T> {}
impl RefUnwindSafe for Raw {}

/// See [`std::sync::RwLockReadGuard`].
#[must_use = "if unused the RwLock will immediately unlock"]
pub struct RwLockReadGuard<'a, T: ?Sized + 'a> {
    /// Not a reference to the lock, so that the guard is covariant, as std's.
    data: NonNull<T>,
    lock: &'a Raw,
    place: &'static Location<'static>,
}

// SAFETY: a shared guard gives no more than a shared reference to the value.
unsafe impl<T: ?Sized + Sync> Sync for RwLockReadGuard<'_, T> {}

/// See [`std::sync::RwLockWriteGuard`].
#[must_use = "if unused the RwLock will immediately unlock"]
pub struct RwLockWriteGuard<'a, T: ?Sized + 'a> {
    lock: &'a RwLock<T>,
    was_panicking: bool,
    place: &'static Location<'static>,
    not_send: PhantomData<*const ()>,
}

// SAFETY: a shared guard gives no more than a shared reference to the value.
unsafe impl<T: ?Sized + Sync> Sync for RwLockWriteGuard<'_, T> {}

impl Raw {
    fn object(&self) -> Object {
        Object::at(Kind::RwLock, self, Some(&self.made))
    }

    fn is_free(&self) -> bool {
        self.writer.get().is_none() && self.readers.with_mut(|readers| readers.is_empty())
    }

    fn can_be_read(&self) -> bool {
        self.is_free() || self.writer.get().is_none() && !self.barred.get()
    }

    fn holders(&self) -> Vec<Holder> {
        let writer = self.writer.get().map(Hold::told);
        self.readers.with_mut(|readers| {
            let readers = readers.iter().map(|hold| hold.told());
            writer.into_iter().chain(readers).collect()
        })
    }

    fn read(&self, place: &'static Location<'static>) {
        kernel::step(
            &Op::new("RwLock::read", "read-locks", self.object())
                .at(place)
                .when(&|| self.can_be_read())
                .held_by(&|| self.holders()),
        );
        self.begin_to_read(place);
    }

    fn begin_to_read(&self, place: &'static Location<'static>) {
        let thread = kernel::current();
        self.readers
            .with_mut(|readers| readers.push(Hold { thread, place }));
    }

    fn write(&self, place: &'static Location<'static>) {
        let op = Op::new("RwLock::write", "write-locks", self.object()).at(place);
        // To begin to wait is a step: other readers may come before it, but
        // not after it.
        kernel::step(&op);
        if !self.is_free() {
            kernel::value(|| "it is held");
            self.waiting.set(self.waiting.get() + 1);
            self.barred.set(true);
            kernel::step(&op.when(&|| self.is_free()).held_by(&|| self.holders()));
            self.waiting.set(self.waiting.get() - 1);
            if self.waiting.get() == 0 {
                self.barred.set(false);
            }
        }
        self.begin_to_write(place);
    }

    fn begin_to_write(&self, place: &'static Location<'static>) {
        let thread = kernel::current();
        self.writer.set(Some(Hold { thread, place }));
    }

    /// Tries to lock; `could` is asked when it is this thread's turn.
    fn attempt(
        &self,
        call: &'static str,
        verb: &'static str,
        could: fn(&Raw) -> bool,
        place: &'static Location<'static>,
    ) -> bool {
        kernel::looks_at_locks();
        kernel::step(&Op::new(call, verb, self.object()).at(place));
        let locked = could(self);
        let told = if locked { "locked" } else { "it is held" };
        kernel::value(|| told);
        locked
    }

    /// Announces a release, which is a step only in searches in which somebody
    /// looks at locks without waiting for them.
    fn release(&self, call: &'static str, verb: &'static str, place: &'static Location<'static>) {
        if kernel::releases_are_steps() {
            kernel::step(&Op::new(call, verb, self.object()).at(place));
        } else {
            kernel::row(verb, self.object(), place);
        }
    }

    fn end_to_read(&self, place: &'static Location<'static>) {
        self.release("RwLock::unlock", "read-unlocks", place);
        let thread = kernel::current();
        self.readers.with_mut(|readers| {
            let own = readers
                .iter()
                .position(|hold| hold.thread == thread && hold.place == place);
            // Guards are not `Send`: it was this thread that locked.
            if let Some(own) = own {
                readers.remove(own);
            }
        });
    }

    fn end_to_write(&self, place: &'static Location<'static>) {
        self.release("RwLock::unlock", "write-unlocks", place);
        self.writer.set(None);
    }

    /// The writer becomes a reader. The other readers are let in, even before
    /// writers that wait already.
    fn downgrade(&self, place: &'static Location<'static>) {
        self.release("RwLockWriteGuard::downgrade", "goes on to read", place);
        self.writer.set(None);
        self.begin_to_read(place);
        self.barred.set(false);
    }
}

impl<T> RwLock<T> {
    /// See [`std::sync::RwLock::new`].
    #[track_caller]
    pub const fn new(value: T) -> RwLock<T> {
        RwLock {
            lock: Raw {
                made: Made::at(Location::caller()),
                writer: Cell::new(None),
                readers: Cell::new(Vec::new()),
                waiting: Cell::new(0),
                barred: Cell::new(false),
            },
            poisoned: poison::Flag::new(),
            data: Cell::new(value),
        }
    }

    /// See [`std::sync::RwLock::into_inner`].
    ///
    /// # Errors
    /// When the lock is poisoned.
    pub fn into_inner(self) -> LockResult<T> {
        let RwLock { poisoned, data, .. } = self;
        poisoned.guard(data.into_inner())
    }
}

impl<T: ?Sized> RwLock<T> {
    /// See [`std::sync::RwLock::read`].
    ///
    /// # Errors
    /// When the lock is poisoned.
    #[track_caller]
    pub fn read(&self) -> LockResult<RwLockReadGuard<'_, T>> {
        let place = Location::caller();
        self.lock.read(place);
        self.poisoned.guard(self.read_guard(place))
    }

    /// See [`std::sync::RwLock::try_read`].
    ///
    /// # Errors
    /// When the lock is held by a writer or a writer waits for it, or when it
    /// is poisoned.
    #[track_caller]
    pub fn try_read(&self) -> TryLockResult<RwLockReadGuard<'_, T>> {
        let place = Location::caller();
        let locked = self.lock.attempt(
            "RwLock::try_read",
            "tries to read-lock",
            Raw::can_be_read,
            place,
        );
        let guard = locked.then(|| {
            self.lock.begin_to_read(place);
            self.read_guard(place)
        });
        self.poisoned.try_guard(guard)
    }

    /// See [`std::sync::RwLock::write`].
    ///
    /// # Errors
    /// When the lock is poisoned.
    #[track_caller]
    pub fn write(&self) -> LockResult<RwLockWriteGuard<'_, T>> {
        let place = Location::caller();
        self.lock.write(place);
        self.poisoned.guard(self.write_guard(place))
    }

    /// See [`std::sync::RwLock::try_write`].
    ///
    /// # Errors
    /// When the lock is held, or poisoned.
    #[track_caller]
    pub fn try_write(&self) -> TryLockResult<RwLockWriteGuard<'_, T>> {
        let place = Location::caller();
        let locked = self.lock.attempt(
            "RwLock::try_write",
            "tries to write-lock",
            Raw::is_free,
            place,
        );
        let guard = locked.then(|| {
            self.lock.begin_to_write(place);
            self.write_guard(place)
        });
        self.poisoned.try_guard(guard)
    }

    /// See [`std::sync::RwLock::is_poisoned`].
    #[track_caller]
    pub fn is_poisoned(&self) -> bool {
        kernel::looks_at_locks();
        kernel::step(&Op::new(
            "RwLock::is_poisoned",
            "looks whether a panic poisoned",
            self.lock.object(),
        ));
        self.poisoned.get()
    }

    /// See [`std::sync::RwLock::clear_poison`].
    #[track_caller]
    pub fn clear_poison(&self) {
        kernel::looks_at_locks();
        kernel::step(&Op::new(
            "RwLock::clear_poison",
            "clears the poison of",
            self.lock.object(),
        ));
        self.poisoned.clear();
    }

    /// See [`std::sync::RwLock::get_mut`].
    ///
    /// # Errors
    /// When the lock is poisoned.
    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        let RwLock { poisoned, data, .. } = self;
        poisoned.guard(data.get_mut())
    }

    /// A guard for the lock that was just taken.
    fn read_guard(&self, place: &'static Location<'static>) -> RwLockReadGuard<'_, T> {
        RwLockReadGuard {
            // SAFETY: the place of a value in a cell is not null.
            data: unsafe { NonNull::new_unchecked(self.data.as_ptr()) },
            lock: &self.lock,
            place,
        }
    }

    /// A guard for the lock that was just taken.
    fn write_guard(&self, place: &'static Location<'static>) -> RwLockWriteGuard<'_, T> {
        RwLockWriteGuard {
            lock: self,
            was_panicking: kernel::is_panicking(),
            place,
            not_send: PhantomData,
        }
    }
}

impl<'a, T: ?Sized> RwLockWriteGuard<'a, T> {
    /// See [`std::sync::RwLockWriteGuard::downgrade`].
    #[track_caller]
    pub fn downgrade(s: Self) -> RwLockReadGuard<'a, T> {
        let place = Location::caller();
        let lock = ManuallyDrop::new(s).lock;
        lock.lock.downgrade(place);
        lock.read_guard(place)
    }
}

impl<T: ?Sized> Drop for RwLockReadGuard<'_, T> {
    fn drop(&mut self) {
        self.lock.end_to_read(self.place);
    }
}

impl<T: ?Sized> Drop for RwLockWriteGuard<'_, T> {
    fn drop(&mut self) {
        self.lock.lock.end_to_write(self.place);
        self.lock.poisoned.done(self.was_panicking);
    }
}

impl<T: ?Sized> Deref for RwLockReadGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: while there are guards of readers, there is none of a writer.
        unsafe { self.data.as_ref() }
    }
}

impl<T: ?Sized> Deref for RwLockWriteGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: while there is a guard of a writer, there is no other.
        unsafe { &*self.lock.data.as_ptr() }
    }
}

impl<T: ?Sized> DerefMut for RwLockWriteGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: while there is a guard of a writer, there is no other.
        unsafe { &mut *self.lock.data.as_ptr() }
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLockReadGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for RwLockReadGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLockWriteGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for RwLockWriteGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T> From<T> for RwLock<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        RwLock::new(value)
    }
}

impl<T: Default> Default for RwLock<T> {
    #[track_caller]
    fn default() -> Self {
        RwLock::new(T::default())
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("RwLock");
        match self.try_read() {
            Ok(guard) => shown.field("data", &&*guard),
            Err(TryLockError::Poisoned(error)) => shown.field("data", &&**error.get_ref()),
            Err(TryLockError::WouldBlock) => shown.field("data", &format_args!("<locked>")),
        };
        shown.field("poisoned", &self.poisoned.get());
        shown.finish_non_exhaustive()
    }
}
