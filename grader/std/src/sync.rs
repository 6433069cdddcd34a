//! `std::sync`.

pub use ::std::sync::*;
#[expect(deprecated, reason = "std still has it")]
pub use sim::sync::ONCE_INIT;
pub use sim::sync::{
    Barrier, BarrierWaitResult, Condvar, LazyLock, Mutex, MutexGuard, Once, OnceLock, OnceState,
    RwLock, RwLockReadGuard, RwLockWriteGuard, WaitTimeoutResult,
};

/// `std::sync::mpsc`.
pub mod mpsc {
    pub use ::std::sync::mpsc::*;
    pub use sim::sync::mpsc::{
        IntoIter, Iter, Receiver, Sender, SyncSender, TryIter, channel, sync_channel,
    };
}

/// `std::sync::atomic`.
pub mod atomic {
    pub use ::std::sync::atomic::*;
    #[expect(deprecated, reason = "std still has them")]
    pub use sim::sync::atomic::{
        ATOMIC_BOOL_INIT, ATOMIC_ISIZE_INIT, ATOMIC_USIZE_INIT, spin_loop_hint,
    };
    pub use sim::sync::atomic::{
        AtomicBool, AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize, AtomicPtr, AtomicU8,
        AtomicU16, AtomicU32, AtomicU64, AtomicUsize, compiler_fence, fence,
    };
}
