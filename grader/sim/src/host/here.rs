//! The line of the submission that a call of std came from.
//!
//! The functions of `std::fs` are shown through wrappers that know their
//! caller; what they call, down to the system call, does not.

use std::panic::Location;

use crate::kernel;
use crate::op::{Object, Op};
use crate::sync::Cell;

static HERE: Cell<Option<&'static Location<'static>>> = Cell::new(None);

/// While it lives, the steps of this thread's system calls are shown at the
/// place where it was made.
pub struct Here(Option<&'static Location<'static>>);

impl Here {
    /// The caller's place.
    #[must_use = "the place is forgotten when this is dropped"]
    #[track_caller]
    pub fn new() -> Here {
        Here(HERE.replace(Some(Location::caller())))
    }
}

impl Default for Here {
    #[track_caller]
    fn default() -> Self {
        Here::new()
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        HERE.set(self.0);
    }
}

/// A step of a system call, at the place that is known for this thread.
pub(super) fn step(call: &'static str, verb: &'static str) {
    let here = HERE.get();
    let mut op = Op::new(call, verb, Object::FILES);
    if let Some(place) = here {
        op = op.at(place);
    }
    // Other threads run meanwhile, with places of their own.
    HERE.set(None);
    kernel::step(&op);
    HERE.set(here);
}
