//! `std::sync::Barrier`.

use std::fmt;
use std::panic::{Location, RefUnwindSafe};

use super::Cell;
use crate::kernel;
use crate::op::{Kind, Made, Object, Op};

/// See [`std::sync::Barrier`]. The leader is the last thread to come, as it is
/// in std.
pub struct Barrier {
    made: Made,
    threads: usize,
    /// Threads that came and still wait.
    come: Cell<usize>,
    /// How often the barrier has opened.
    opened: Cell<u64>,
}

impl RefUnwindSafe for Barrier {}

/// See [`std::sync::BarrierWaitResult`].
pub struct BarrierWaitResult(bool);

impl Barrier {
    /// See [`std::sync::Barrier::new`].
    #[must_use]
    #[track_caller]
    pub const fn new(n: usize) -> Barrier {
        Barrier {
            made: Made::at(Location::caller()),
            threads: n,
            come: Cell::new(0),
            opened: Cell::new(0),
        }
    }

    /// See [`std::sync::Barrier::wait`].
    #[track_caller]
    pub fn wait(&self) -> BarrierWaitResult {
        let place = Location::caller();
        let object = Object::at(Kind::Barrier, self, Some(&self.made));
        kernel::step(&Op::new("Barrier::wait", "comes to", object).at(place));
        self.come.set(self.come.get() + 1);
        kernel::value(|| format!("{} of {}", self.come.get(), self.threads));
        if self.come.get() >= self.threads {
            self.come.set(0);
            self.opened.set(self.opened.get() + 1);
            return BarrierWaitResult(true);
        }
        let opened = self.opened.get();
        kernel::step(
            &Op::new("Barrier::wait", "passes", object)
                .at(place)
                .when(&|| self.opened.get() != opened),
        );
        BarrierWaitResult(false)
    }
}

impl BarrierWaitResult {
    /// See [`std::sync::BarrierWaitResult::is_leader`].
    #[must_use]
    pub fn is_leader(&self) -> bool {
        self.0
    }
}

impl fmt::Debug for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Barrier").finish_non_exhaustive()
    }
}

impl fmt::Debug for BarrierWaitResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BarrierWaitResult")
            .field("is_leader", &self.is_leader())
            .finish()
    }
}
