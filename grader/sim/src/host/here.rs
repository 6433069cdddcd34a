//! The line of the submission that a call of std came from.
//!
//! The functions of `std::fs` are shown through wrappers that know their
//! caller; what they call, down to the system call, does not.

use std::panic::Location;

use crate::kernel::{self, Shared, Use};
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
        Here::at(Location::caller())
    }

    /// A place that was noted before.
    pub(crate) fn at(place: &'static Location<'static>) -> Here {
        Here(HERE.replace(Some(place)))
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

/// The place that is known for this thread, if one is.
pub(super) fn place() -> Option<&'static Location<'static>> {
    HERE.get()
}

/// A step of a system call, at the place that is known for this thread.
pub(super) fn step(call: &'static str, verb: &'static str) {
    take(Op::new(call, verb, Object::NONE));
}

/// The same for a step on something.
pub(super) fn take(mut op: Op<'_>) {
    let here = HERE.get();
    if let Some(place) = here {
        op = op.at(place);
    }
    // Other threads run meanwhile, with places of their own.
    HERE.set(None);
    kernel::step(&op);
    // Whatever it works on, it is the system that does it.
    kernel::uses(Shared::Files as usize, Use::ALONE);
    HERE.set(here);
}

/// A row of the timeline that is no step.
pub(super) fn row(verb: &str, object: Object) {
    // Its own place is none of a submission's, and so is not shown.
    kernel::row(verb, object, HERE.get().unwrap_or(Location::caller()));
}
