//! `std::sync`: locks, condition variables, channels, atomics.
//!
//! Each type keeps its state in plain cells: simulated threads take turns on
//! one thread of the system, and only change places when they announce a step.

pub mod atomic;
mod cell;
mod condvar;
mod mutex;
mod poison;

pub use cell::Cell;
pub use condvar::{Condvar, WaitTimeoutResult};
pub use mutex::{Mutex, MutexGuard};
pub use std::sync::{LockResult, PoisonError, TryLockError, TryLockResult};
