//! The counts of `Arc`, seen.
//!
//! `Arc` is part of the language as much as of the library (its coercions
//! cannot be had by another type), so it stays std's own. But whether a clone
//! was the last one is something that threads learn from each other. What
//! examines a program is therefore told: the grader compiles with LLVM's
//! ThreadSanitizer pass, which turns each atomic access in the submission's own
//! code (functions of std that are generic, and so are compiled with it,
//! included) into a call of the functions below.
//!
//! That a clone comes or goes is no step, as long as nobody looks at counts;
//! the first look (`strong_count`, `try_unwrap`, `get_mut`, `upgrade`) while
//! other threads live, or ended unseen, makes the search begin again with steps
//! for all of these.
//! So does the end of the last clone where it could have been another thread's:
//! who has it drops the value, and is who `into_inner` gives it to.

use std::sync::atomic::{
    AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering::SeqCst, compiler_fence, fence,
};

use crate::kernel::{self, Use};
use crate::op::{Kind, Object, Op};

/// A count goes up or down.
fn counts(address: usize, verb: &'static str) {
    if kernel::is_watched() && kernel::releases_are_steps() {
        kernel::step(&Op::new("Arc", verb, object(address)));
    }
}

/// A count is looked at.
fn looks(address: usize) {
    if kernel::is_watched() && kernel::not_seen_ended() > 1 {
        kernel::looks_at_locks();
        if !kernel::releases_are_steps() {
            // Without steps, to look until the count has changed is to look
            // for ever.
            kernel::abandon();
        }
        kernel::step(&Op::new("Arc", "looks at the count of", object(address)));
    }
}

fn object(address: usize) -> Object {
    Object {
        kind: Kind::Arc,
        id: address,
        number: 0,
        made: None,
    }
}

/// Defines the functions for one size. Each has the signature that LLVM's pass
/// calls: a place, values, and orderings, which are all taken as the strongest.
macro_rules! accesses {
    ($Atomic:ident, $value:ty, $load:ident, $store:ident, $exchange:ident, $compare:ident,
     $add:ident, $sub:ident, $($fetch:ident = $method:ident),*) => {
        accesses!(@one $Atomic, $value, $load(place) looks Use::LOOK, |atomic| atomic.load(SeqCst));
        accesses!(@one $Atomic, $value, $exchange(place, new: $value) looks Use::ALONE, |atomic| {
            atomic.swap(new, SeqCst)
        });
        $(accesses!(@one $Atomic, $value, $fetch(place, by: $value) looks Use::ALONE, |atomic| {
            atomic.$method(by, SeqCst)
        });)*

        #[unsafe(no_mangle)]
        unsafe extern "C" fn $store(place: *mut $value, value: $value, _order: i32) {
            looks(place.addr());
            kernel::uses(place.addr(), Use::ALONE);
            // SAFETY: the pass calls this where the program has a valid atomic.
            unsafe { $Atomic::from_ptr(place) }.store(value, SeqCst);
        }

        #[unsafe(no_mangle)]
        unsafe extern "C" fn $compare(
            place: *mut $value,
            expected: $value,
            new: $value,
            _success: i32,
            _failure: i32,
        ) -> $value {
            looks(place.addr());
            kernel::uses(place.addr(), Use::ALONE);
            // SAFETY: as above.
            unsafe { $Atomic::from_ptr(place) }
                .compare_exchange(expected, new, SeqCst, SeqCst)
                .unwrap_or_else(|value| value)
        }

        #[unsafe(no_mangle)]
        unsafe extern "C" fn $add(place: *mut $value, by: $value, _order: i32) -> $value {
            counts(place.addr(), "clones");
            kernel::uses(place.addr(), Use::COUNT);
            // SAFETY: as above.
            unsafe { $Atomic::from_ptr(place) }.fetch_add(by, SeqCst)
        }

        #[unsafe(no_mangle)]
        unsafe extern "C" fn $sub(place: *mut $value, by: $value, _order: i32) -> $value {
            counts(place.addr(), "drops a clone of");
            // SAFETY: as above.
            let before = unsafe { $Atomic::from_ptr(place) }.fetch_sub(by, SeqCst);
            if kernel::is_watched() {
                kernel::lowers(place.addr(), before == by);
            }
            // Whose clone was the last makes a difference.
            let class = if before == by { Use::ALONE } else { Use::COUNT };
            kernel::uses(place.addr(), class);
            before
        }
    };
    (@one $Atomic:ident, $value:ty, $name:ident($place:ident $(, $argument:ident: $type:ty)?)
     looks $class:expr, |$atomic:ident| $access:expr) => {
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $name($place: *mut $value $(, $argument: $type)?, _order: i32) -> $value {
            looks($place.addr());
            kernel::uses($place.addr(), $class);
            // SAFETY: the pass calls this where the program has a valid atomic.
            let $atomic = unsafe { $Atomic::from_ptr($place) };
            $access
        }
    };
}

accesses!(
    AtomicU8,
    u8,
    __tsan_atomic8_load,
    __tsan_atomic8_store,
    __tsan_atomic8_exchange,
    __tsan_atomic8_compare_exchange_val,
    __tsan_atomic8_fetch_add,
    __tsan_atomic8_fetch_sub,
    __tsan_atomic8_fetch_and = fetch_and,
    __tsan_atomic8_fetch_or = fetch_or,
    __tsan_atomic8_fetch_xor = fetch_xor,
    __tsan_atomic8_fetch_nand = fetch_nand
);
accesses!(
    AtomicU16,
    u16,
    __tsan_atomic16_load,
    __tsan_atomic16_store,
    __tsan_atomic16_exchange,
    __tsan_atomic16_compare_exchange_val,
    __tsan_atomic16_fetch_add,
    __tsan_atomic16_fetch_sub,
    __tsan_atomic16_fetch_and = fetch_and,
    __tsan_atomic16_fetch_or = fetch_or,
    __tsan_atomic16_fetch_xor = fetch_xor,
    __tsan_atomic16_fetch_nand = fetch_nand
);
accesses!(
    AtomicU32,
    u32,
    __tsan_atomic32_load,
    __tsan_atomic32_store,
    __tsan_atomic32_exchange,
    __tsan_atomic32_compare_exchange_val,
    __tsan_atomic32_fetch_add,
    __tsan_atomic32_fetch_sub,
    __tsan_atomic32_fetch_and = fetch_and,
    __tsan_atomic32_fetch_or = fetch_or,
    __tsan_atomic32_fetch_xor = fetch_xor,
    __tsan_atomic32_fetch_nand = fetch_nand
);
accesses!(
    AtomicU64,
    u64,
    __tsan_atomic64_load,
    __tsan_atomic64_store,
    __tsan_atomic64_exchange,
    __tsan_atomic64_compare_exchange_val,
    __tsan_atomic64_fetch_add,
    __tsan_atomic64_fetch_sub,
    __tsan_atomic64_fetch_and = fetch_and,
    __tsan_atomic64_fetch_or = fetch_or,
    __tsan_atomic64_fetch_xor = fetch_xor,
    __tsan_atomic64_fetch_nand = fetch_nand
);

#[unsafe(no_mangle)]
extern "C" fn __tsan_atomic_thread_fence(_order: i32) {
    fence(SeqCst);
}

#[unsafe(no_mangle)]
extern "C" fn __tsan_atomic_signal_fence(_order: i32) {
    compiler_fence(SeqCst);
}

/// The pass also marks where functions begin and end, for stack traces.
#[unsafe(no_mangle)]
extern "C" fn __tsan_func_entry(_caller: *const ()) {}

/// See [`__tsan_func_entry`].
#[unsafe(no_mangle)]
extern "C" fn __tsan_func_exit() {}
