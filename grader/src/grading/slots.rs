//! How many processes may work at once.

use std::sync::{Condvar, Mutex, PoisonError};

/// A number of slots, each taken for as long as a process works.
pub(crate) struct Slots {
    count: usize,
    free: Mutex<usize>,
    freed: Condvar,
}

/// A slot that is taken, until the value is dropped.
pub(crate) struct Slot<'a>(&'a Slots);

impl Slots {
    /// This many slots, one at least.
    pub(crate) fn new(count: usize) -> Slots {
        let count = count.max(1);
        Slots {
            count,
            free: Mutex::new(count),
            freed: Condvar::new(),
        }
    }

    /// How many there are, taken or not.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// Takes a slot, when one is free.
    pub(crate) fn take(&self) -> Slot<'_> {
        // The number is right at every moment, so a panic elsewhere spoils nothing.
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free = self
            .freed
            .wait_while(free, |free| *free == 0)
            .unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
        Slot(self)
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn no_more_slots_are_taken_than_there_are() {
        let slots = Slots::new(2);
        let (taken, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        let _slot = slots.take();
                        most.fetch_max(taken.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        std::thread::yield_now();
                        taken.fetch_sub(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert!((1..=2).contains(&most.into_inner()));
    }
}
