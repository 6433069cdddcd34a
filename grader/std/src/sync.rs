//! `std::sync`.

pub use ::std::sync::*;
pub use sim::sync::{Condvar, Mutex, MutexGuard, WaitTimeoutResult};

/// `std::sync::atomic`.
pub mod atomic {
    pub use ::std::sync::atomic::*;
    pub use sim::sync::atomic::{
        AtomicBool, AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize, AtomicPtr, AtomicU8, AtomicU16, AtomicU32,
        AtomicU64, AtomicUsize, compiler_fence, fence,
    };
    #[expect(deprecated, reason = "std still has them")]
    pub use sim::sync::atomic::{ATOMIC_BOOL_INIT, ATOMIC_ISIZE_INIT, ATOMIC_USIZE_INIT, spin_loop_hint};
}
