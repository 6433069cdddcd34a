//! `std::sync`: locks, condition variables, channels, atomics.
//!
//! Each type keeps its state in plain cells: simulated threads take turns on
//! one thread of the system, and only change places when they announce a step.

pub mod atomic;
mod barrier;
mod cell;
mod condvar;
mod lazy_lock;
pub mod mpsc;
mod mutex;
mod once;
mod once_lock;
mod poison;
mod rwlock;
mod shared;

pub use barrier::{Barrier, BarrierWaitResult};
pub use cell::Cell;
pub use condvar::{Condvar, WaitTimeoutResult};
pub use lazy_lock::LazyLock;
pub use mutex::{Mutex, MutexGuard};
#[expect(deprecated, reason = "std still has it")]
pub use once::ONCE_INIT;
pub use once::{Once, OnceState};
pub use once_lock::OnceLock;
pub use rwlock::{RwLock, RwLockReadGuard, RwLockWriteGuard};
pub(crate) use shared::Shared;
pub use std::sync::{LockResult, PoisonError, TryLockError, TryLockResult};
