//! `thread_local!` and `LocalKey`.

use std::any::Any;
use std::error::Error;
use std::fmt;

use crate::kernel;
use crate::sync::Cell;

/// The values of each thread, by number of the thread, in the order in which
/// they were made: the address of the key, and the value until it is dropped.
static LOCALS: Cell<Vec<Vec<(usize, Slot)>>> = Cell::new(Vec::new());

enum Slot {
    /// Boxed, so that it stays where it is while the list grows.
    Alive(Box<dyn Any>),
    /// Has nothing to drop, and so is there to the very end.
    Plain(Box<dyn Any>),
    Dropped,
}

/// See [`std::thread::LocalKey`]. Made by `thread_local!`.
pub struct LocalKey<T: 'static> {
    init: fn() -> T,
    /// Keys must differ in their addresses.
    _identity: u8,
}

/// See [`std::thread::AccessError`].
#[non_exhaustive]
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct AccessError;

impl fmt::Debug for AccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessError").finish()
    }
}

impl fmt::Display for AccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("already destroyed")
    }
}

impl Error for AccessError {}

impl<T: 'static> LocalKey<T> {
    /// For `thread_local!` only. A name that a submission has for something of its own
    /// is not hidden by it.
    #[doc(hidden)]
    pub const fn __of_thread_local(init: fn() -> T) -> LocalKey<T> {
        LocalKey { init, _identity: 0 }
    }

    /// The value of the current thread, made with `init` at first use.
    fn value(&'static self, init: impl FnOnce() -> T) -> Result<&'static T, AccessError> {
        let key = std::ptr::from_ref(self).addr();
        let thread = kernel::current() as usize;
        let find = || {
            LOCALS.apart(|locals| {
                if locals.len() <= thread {
                    locals.resize_with(thread + 1, Vec::new);
                }
                let mut of_key = locals[thread].iter().filter(|(other, _)| *other == key);
                // Two keys that are constants may lie in one place.
                of_key.find_map(|(_, slot)| match slot {
                    Slot::Alive(value) | Slot::Plain(value) => value
                        .downcast_ref()
                        .map(|value: &T| Ok(std::ptr::from_ref(value))),
                    Slot::Dropped => Some(Err(AccessError)),
                })
            })
        };
        let found = match find() {
            Some(found) => found?,
            None => {
                let value = Box::new(init());
                // The initial value may itself have used the key.
                match find() {
                    Some(found) => found?,
                    None => {
                        let place = std::ptr::from_ref(&*value);
                        let slot = match std::mem::needs_drop::<T>() {
                            true => Slot::Alive(value),
                            false => Slot::Plain(value),
                        };
                        LOCALS.apart(|locals| locals[thread].push((key, slot)));
                        place
                    }
                }
            }
        };
        // SAFETY: the value was made from a `T` under this key; it lives in a
        // box until the thread ends, and callers do not keep the reference
        // beyond the closure that they pass it to.
        Ok(unsafe { &*found })
    }

    /// See [`std::thread::LocalKey::with`].
    ///
    /// # Panics
    /// When the thread is ending and the value is gone.
    pub fn with<F, R>(&'static self, f: F) -> R
    where
        F: FnOnce(&T) -> R,
    {
        self.try_with(f)
            .expect("cannot access a Thread Local Storage value during or after destruction")
    }

    /// See [`std::thread::LocalKey::try_with`].
    ///
    /// # Errors
    /// When the thread is ending and the value is gone.
    pub fn try_with<F, R>(&'static self, f: F) -> Result<R, AccessError>
    where
        F: FnOnce(&T) -> R,
    {
        self.value(self.init).map(f)
    }
}

impl<T: 'static> LocalKey<std::cell::Cell<T>> {
    /// See [`std::thread::LocalKey::set`].
    pub fn set(&'static self, value: T) {
        let mut value = Some(std::cell::Cell::new(value));
        let used = self.value(|| value.take().expect("the initial value is asked for once"));
        let place =
            used.expect("cannot access a Thread Local Storage value during or after destruction");
        if let Some(value) = value {
            place.set(value.into_inner());
        }
    }

    /// See [`std::thread::LocalKey::get`].
    pub fn get(&'static self) -> T
    where
        T: Copy,
    {
        self.with(std::cell::Cell::get)
    }

    /// See [`std::thread::LocalKey::take`].
    pub fn take(&'static self) -> T
    where
        T: Default,
    {
        self.with(std::cell::Cell::take)
    }

    /// See [`std::thread::LocalKey::replace`].
    pub fn replace(&'static self, value: T) -> T {
        self.with(|cell| cell.replace(value))
    }
}

impl<T: 'static> LocalKey<std::cell::RefCell<T>> {
    /// See [`std::thread::LocalKey::with_borrow`].
    pub fn with_borrow<F, R>(&'static self, f: F) -> R
    where
        F: FnOnce(&T) -> R,
    {
        self.with(|cell| f(&cell.borrow()))
    }

    /// See [`std::thread::LocalKey::with_borrow_mut`].
    pub fn with_borrow_mut<F, R>(&'static self, f: F) -> R
    where
        F: FnOnce(&mut T) -> R,
    {
        self.with(|cell| f(&mut cell.borrow_mut()))
    }

    /// See [`std::thread::LocalKey::set`].
    pub fn set(&'static self, value: T) {
        let mut value = Some(std::cell::RefCell::new(value));
        let used = self.value(|| value.take().expect("the initial value is asked for once"));
        let place =
            used.expect("cannot access a Thread Local Storage value during or after destruction");
        if let Some(value) = value {
            *place.borrow_mut() = value.into_inner();
        }
    }

    /// See [`std::thread::LocalKey::take`].
    pub fn take(&'static self) -> T
    where
        T: Default,
    {
        self.with(std::cell::RefCell::take)
    }

    /// See [`std::thread::LocalKey::replace`].
    pub fn replace(&'static self, value: T) -> T {
        self.with(|cell| cell.replace(value))
    }
}

impl<T: 'static> fmt::Debug for LocalKey<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalKey").finish_non_exhaustive()
    }
}

/// Drops the values of the current thread, the last one first, as at its end.
/// A value that is made meanwhile is dropped too.
pub(crate) fn drop_all() {
    let thread = kernel::current() as usize;
    loop {
        let last = LOCALS.apart(|locals| {
            let slots = locals.get_mut(thread)?;
            let (_, slot) = slots
                .iter_mut()
                .rev()
                .find(|(_, slot)| matches!(slot, Slot::Alive(_)))?;
            Some(std::mem::replace(slot, Slot::Dropped))
        });
        match last {
            Some(value) => drop(value),
            None => return,
        }
    }
}
