//! Poisoning: a lock that was held when its thread panicked says so.

use std::sync::{LockResult, PoisonError, TryLockError, TryLockResult};

use super::Cell;
use crate::kernel;

/// Whether a thread panicked while it held the lock.
pub(crate) struct Flag(Cell<bool>);

impl Flag {
    pub(crate) const fn new() -> Flag {
        Flag(Cell::new(false))
    }

    pub(crate) fn get(&self) -> bool {
        self.0.get()
    }

    pub(crate) fn clear(&self) {
        self.0.set(false);
    }

    /// The lock is released; `was_panicking` says whether its holder was
    /// already panicking when it took it.
    pub(crate) fn done(&self, was_panicking: bool) {
        if !was_panicking && kernel::is_panicking() {
            self.0.set(true);
        }
    }

    /// The guard, as an error where the lock is poisoned.
    pub(crate) fn guard<G>(&self, guard: G) -> LockResult<G> {
        if self.get() {
            Err(PoisonError::new(guard))
        } else {
            Ok(guard)
        }
    }

    pub(crate) fn try_guard<G>(&self, guard: Option<G>) -> TryLockResult<G> {
        match guard {
            None => Err(TryLockError::WouldBlock),
            Some(guard) => self.guard(guard).map_err(TryLockError::Poisoned),
        }
    }
}
