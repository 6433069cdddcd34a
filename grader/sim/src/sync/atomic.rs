//! `std::sync::atomic`: each access is a step, in the order in which the
//! steps are taken (sequential consistency, whatever `Ordering` says).
//!
//! Each type wraps std's own, so that values, overflow and the panics on
//! impossible orderings are std's.

use std::fmt;
use std::panic::Location;
use std::sync::atomic as real;
pub use std::sync::atomic::Ordering;

use crate::kernel;
use crate::op::{Kind, Object, Op};

/// Takes a step on an atomic, then accesses it; the timeline shows the result.
fn access<A, R: Copy + Into<kernel::Value>>(
    atomic: &A,
    call: &'static str,
    verb: &'static str,
    place: &'static Location<'static>,
    f: impl FnOnce() -> R,
) -> R {
    let op = Op::new(call, verb, Object::at(Kind::Atomic, atomic, None)).at(place);
    kernel::step(&if verb == "loads" { op.looking() } else { op });
    let result = kernel::unwatched(f);
    kernel::value(|| result);
    result
}

/// See [`std::sync::atomic::fence`]. Accesses are sequentially consistent
/// already.
#[track_caller]
pub fn fence(order: Ordering) {
    real::fence(order);
    kernel::step(&Op::new("atomic::fence", "fences", Object::NONE));
}

/// See [`std::sync::atomic::compiler_fence`].
pub fn compiler_fence(order: Ordering) {
    real::compiler_fence(order);
}

/// See [`std::sync::atomic::spin_loop_hint`].
#[track_caller]
pub fn spin_loop_hint() {
    crate::thread::spin_loop();
}

/// Panics as std does on orderings that a compare-exchange cannot have, also
/// where none takes place.
#[track_caller]
fn possible(success: Ordering, failure: Ordering) {
    let _ = real::AtomicBool::new(false).compare_exchange(true, true, success, failure);
}

/// What all atomics have.
macro_rules! common {
    ($name:ident $(<$generic:ident>)?, $value:ty) => {
        impl$(<$generic>)? $name$(<$generic>)? {
            /// See std's type of this name.
            #[must_use]
            pub const fn new(value: $value) -> Self {
                Self(real::$name::new(value))
            }

            /// See std's type of this name.
            pub fn get_mut(&mut self) -> &mut $value {
                self.0.get_mut()
            }

            /// See std's type of this name.
            #[must_use]
            pub const fn into_inner(self) -> $value {
                self.0.into_inner()
            }

            /// See std's type of this name.
            #[must_use]
            pub const fn as_ptr(&self) -> *mut $value {
                self.0.as_ptr()
            }

            /// See std's type of this name.
            ///
            /// # Safety
            /// See std's type of this name.
            pub const unsafe fn from_ptr<'a>(pointer: *mut $value) -> &'a Self {
                // SAFETY: the caller's promise; the wrapper is transparent.
                unsafe { &*pointer.cast::<Self>() }
            }

            /// See std's type of this name.
            #[track_caller]
            pub fn load(&self, order: Ordering) -> $value {
                let call = concat!(stringify!($name), "::load");
                access(self, call, "loads", Location::caller(), || self.0.load(order))
            }

            /// See std's type of this name.
            #[track_caller]
            pub fn store(&self, value: $value, order: Ordering) {
                let call = concat!(stringify!($name), "::store");
                kernel::step(&Op::new(call, "stores to", Object::at(Kind::Atomic, self, None)));
                kernel::value(|| value);
                kernel::unwatched(|| self.0.store(value, order));
            }

            /// See std's type of this name.
            #[track_caller]
            pub fn swap(&self, value: $value, order: Ordering) -> $value {
                let call = concat!(stringify!($name), "::swap");
                access(self, call, "swaps", Location::caller(), || self.0.swap(value, order))
            }

            /// See std's type of this name.
            #[track_caller]
            #[deprecated = "Use `compare_exchange` or `compare_exchange_weak` instead"]
            pub fn compare_and_swap(&self, current: $value, new: $value, order: Ordering) -> $value {
                let failure = match order {
                    Ordering::Release => Ordering::Relaxed,
                    Ordering::AcqRel => Ordering::Acquire,
                    other => other,
                };
                self.compare_exchange(current, new, order, failure).unwrap_or_else(|value| value)
            }

            /// See std's type of this name.
            ///
            /// # Errors
            /// The value, where it is not `current`.
            #[track_caller]
            pub fn compare_exchange(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                let call = concat!(stringify!($name), "::compare_exchange");
                access(self, call, "compares and exchanges", Location::caller(), || {
                    self.0.compare_exchange(current, new, success, failure)
                })
            }

            /// See std's type of this name.
            ///
            /// # Errors
            /// The value, where it is not `current`, or for no reason.
            #[track_caller]
            pub fn compare_exchange_weak(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                let call = concat!(stringify!($name), "::compare_exchange_weak");
                access(self, call, "compares and exchanges", Location::caller(), || {
                    let value = self.0.load(Ordering::SeqCst);
                    if value == current && kernel::fails_weakly() {
                        possible(success, failure);
                        return Err(value);
                    }
                    self.0.compare_exchange(current, new, success, failure)
                })
            }

            /// See std's type of this name.
            ///
            /// # Errors
            /// The value for which `f` gave nothing.
            #[track_caller]
            pub fn fetch_update<F>(&self, set: Ordering, fetch: Ordering, mut f: F) -> Result<$value, $value>
            where
                F: FnMut($value) -> Option<$value>,
            {
                let mut value = self.load(fetch);
                while let Some(next) = f(value) {
                    match self.compare_exchange_weak(value, next, set, fetch) {
                        Ok(before) => return Ok(before),
                        Err(other) => value = other,
                    }
                }
                Err(value)
            }

            /// See std's type of this name.
            ///
            /// # Errors
            /// The value for which `f` gave nothing.
            #[track_caller]
            pub fn try_update(
                &self,
                set: Ordering,
                fetch: Ordering,
                f: impl FnMut($value) -> Option<$value>,
            ) -> Result<$value, $value> {
                self.fetch_update(set, fetch, f)
            }

            /// See std's type of this name.
            #[track_caller]
            pub fn update(&self, set: Ordering, fetch: Ordering, mut f: impl FnMut($value) -> $value) -> $value {
                let mut value = self.load(fetch);
                loop {
                    match self.compare_exchange_weak(value, f(value), set, fetch) {
                        Ok(before) => return before,
                        Err(other) => value = other,
                    }
                }
            }
        }

        impl$(<$generic>)? fmt::Debug for $name$(<$generic>)? {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.load(Ordering::Relaxed), f)
            }
        }

        impl$(<$generic>)? From<$value> for $name$(<$generic>)? {
            fn from(value: $value) -> Self {
                Self::new(value)
            }
        }

        impl$(<$generic>)? std::panic::RefUnwindSafe for $name$(<$generic>)? {}
    };
}

/// A read-modify-write that gives back the value from before.
macro_rules! fetch {
    ($name:ident, $value:ty, $($method:ident: $verb:literal),*) => {
        impl $name {
            $(
                /// See std's type of this name.
                #[track_caller]
                pub fn $method(&self, value: $value, order: Ordering) -> $value {
                    let call = concat!(stringify!($name), "::", stringify!($method));
                    access(self, call, $verb, Location::caller(), || self.0.$method(value, order))
                }
            )*
        }
    };
}

macro_rules! integers {
    ($($name:ident: $value:ty),*) => {
        $(
            /// See std's type of this name.
            #[derive(Default)]
            #[repr(transparent)]
            pub struct $name(real::$name);

            common!($name, $value);
            fetch!($name, $value,
                fetch_add: "adds to", fetch_sub: "subtracts from", fetch_and: "ands", fetch_nand: "nands",
                fetch_or: "ors", fetch_xor: "xors", fetch_max: "raises", fetch_min: "lowers");
        )*
    };
}

integers!(
    AtomicI8: i8, AtomicU8: u8, AtomicI16: i16, AtomicU16: u16, AtomicI32: i32, AtomicU32: u32,
    AtomicI64: i64, AtomicU64: u64, AtomicIsize: isize, AtomicUsize: usize
);

/// See [`std::sync::atomic::AtomicBool`].
#[derive(Default)]
#[repr(transparent)]
pub struct AtomicBool(real::AtomicBool);

common!(AtomicBool, bool);
fetch!(AtomicBool, bool, fetch_and: "ands", fetch_nand: "nands", fetch_or: "ors", fetch_xor: "xors");

impl AtomicBool {
    /// See [`std::sync::atomic::AtomicBool::fetch_not`].
    #[track_caller]
    pub fn fetch_not(&self, order: Ordering) -> bool {
        self.fetch_xor(true, order)
    }
}

/// See [`std::sync::atomic::AtomicPtr`].
#[repr(transparent)]
pub struct AtomicPtr<T>(real::AtomicPtr<T>);

common!(AtomicPtr<T>, *mut T);

/// Changes of a pointer that give back the one from before. Each is std's own.
macro_rules! fetch_pointer {
    ($($method:ident: $verb:literal),*) => {
        impl<T> AtomicPtr<T> {
            $(
                /// See std's type of this name.
                #[track_caller]
                pub fn $method(&self, value: usize, order: Ordering) -> *mut T {
                    let call = concat!("AtomicPtr::", stringify!($method));
                    access(self, call, $verb, Location::caller(), || self.0.$method(value, order))
                }
            )*
        }
    };
}

fetch_pointer!(
    fetch_ptr_add: "adds to", fetch_ptr_sub: "subtracts from", fetch_byte_add: "adds to",
    fetch_byte_sub: "subtracts from", fetch_and: "ands", fetch_or: "ors", fetch_xor: "xors"
);

impl<T> Default for AtomicPtr<T> {
    fn default() -> Self {
        AtomicPtr::new(std::ptr::null_mut())
    }
}

impl<T> fmt::Pointer for AtomicPtr<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Pointer::fmt(&self.load(Ordering::Relaxed), f)
    }
}

/// See [`std::sync::atomic::ATOMIC_USIZE_INIT`] and its like.
macro_rules! initials {
    ($($name:ident: $type:ident = $value:expr),*) => {
        $(
            /// The initial value.
            #[deprecated = "the `new` function is now preferred"]
            #[expect(clippy::declare_interior_mutable_const, reason = "std has it")]
            pub const $name: $type = $type::new($value);
        )*
    };
}

initials!(
    ATOMIC_BOOL_INIT: AtomicBool = false,
    ATOMIC_ISIZE_INIT: AtomicIsize = 0,
    ATOMIC_USIZE_INIT: AtomicUsize = 0
);
