//! Shared ownership within the simulation.

use std::ops::Deref;
use std::rc::Rc;

use crate::arena;

/// What `Arc` would be for, for the simulation's own values: simulated threads
/// take turns on one thread of the system, and so a plain count will do. Its
/// uses are not those of an `Arc` of the submission's, which are watched.
#[derive(Debug)]
pub(crate) struct Shared<T: ?Sized>(Rc<T>);

// SAFETY: the count is only ever changed by the one thread of the system that
// simulates; the value is shared under the same bounds as in an `Arc`.
unsafe impl<T: ?Sized + Send + Sync> Send for Shared<T> {}
// SAFETY: as above.
unsafe impl<T: ?Sized + Send + Sync> Sync for Shared<T> {}

impl<T> Shared<T> {
    pub(crate) fn new(value: T) -> Shared<T> {
        // Who is the last to have it is often seen by no step, and frees it.
        Shared(arena::with_nobodys(|| Rc::new(value)))
    }

    /// Whether nobody else has it.
    pub(crate) fn is_alone(&self) -> bool {
        Rc::strong_count(&self.0) == 1
    }
}

impl<T: ?Sized> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Shared(self.0.clone())
    }
}

impl<T: ?Sized> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
