//! The line of the submission that a call of std came from.
//!
//! The functions of `std::fs` are shown through wrappers that know their
//! caller; what they call, down to the system call, does not.

use std::panic::Location;

use crate::kernel::{self, Shared, Use};
use crate::op::{Object, Op, Woken};
use crate::sync::Cell;

/// Set by a thread when it begins a call, and put aside with it: no other thread
/// learns anything from it.
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
        Here(HERE.apart(|here| here.replace(place)))
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
        HERE.apart(|here| *here = self.0);
    }
}

/// The place that is known for this thread, if one is.
pub(crate) fn place() -> Option<&'static Location<'static>> {
    HERE.apart(|here| *here)
}

/// The thread that runs now is known to be at this place.
pub(crate) fn put_back(place: Option<&'static Location<'static>>) {
    HERE.apart(|here| *here = place);
}

/// A step of a system call, at the place that is known for this thread.
pub(super) fn step(call: &'static str, verb: &'static str) {
    take(Op::new(call, verb, Object::NONE));
}

/// The same for a step on something.
pub(super) fn take(op: Op<'_>) {
    apart(op);
    // Whatever it works on, it is the system that does it.
    kernel::uses(Shared::Files as usize, Use::ALONE);
}

/// The same for a step that has nothing to do with files.
pub(crate) fn apart(mut op: Op<'_>) -> Woken {
    // Every thread sets it before it looks at it.
    if let Some(place) = place() {
        op = op.at(place);
    }
    kernel::step(&op)
}

/// A row of the timeline that is no step.
pub(crate) fn row(verb: &'static str, object: Object) {
    // Its own place is none of a submission's, and so is not shown.
    kernel::row(verb, object, place().unwrap_or(Location::caller()));
}
