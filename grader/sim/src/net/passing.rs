//! What threads do with something in passing, as a part of the step before: what
//! is set of a socket, and who looks at that, or at how its connection fares.
//!
//! Most sockets are one thread's at a time, and for these no such thing is a step.
//! So it is noted who did what, and when: where two threads could have come in
//! another order, the search begins again with steps for it
//! ([`looks_at_sockets`](kernel::looks_at_sockets)).

use super::{Id, Part};
use crate::kernel;

/// What was done with something.
#[derive(Default)]
pub(super) struct Passing {
    looks: Vec<Moment>,
    changes: Vec<Moment>,
}

/// How it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Looks,
    Changes,
    /// It is changed in a step: only who looks in passing has no order with that.
    Steps,
}

/// Who did it, and when that was.
#[derive(Clone, Copy)]
struct Moment {
    thread: u32,
    /// How many threads there were.
    threads: u32,
}

impl Moment {
    /// The running thread, now.
    fn now() -> Moment {
        Moment {
            thread: kernel::current(),
            threads: kernel::next_number().unwrap_or(0),
        }
    }

    /// Whether what is done now could have been done before it.
    fn could_be_later(&self) -> bool {
        !kernel::comes_before(self.thread, self.threads)
    }
}

/// Notes that the running thread uses something in this way, and tells the search
/// where that could have been before something that was done with it.
pub(super) fn notes<T: Part>(of: Id<T>, passing: impl Fn(&mut T) -> &mut Passing, how: How) {
    let now = Moment::now();
    // The kernel is asked while nothing of the network is in use.
    let before = of.apart(|part| std::mem::take(passing(part)));
    if before.could_be_later(how) {
        kernel::looks_at_sockets();
    }
    of.apart(|part| {
        let passing = passing(part);
        *passing = before;
        passing.note(now, how);
    });
}

impl Passing {
    /// Whether something that was done could as well be done after a use of this
    /// kind, and be another thing then.
    fn could_be_later(&self, how: How) -> bool {
        let looks = || self.looks.iter().any(Moment::could_be_later);
        let changes = || self.changes.iter().any(Moment::could_be_later);
        match how {
            How::Looks => changes(),
            How::Changes => looks() || changes(),
            How::Steps => looks(),
        }
    }

    /// What each thread did last is enough.
    fn note(&mut self, now: Moment, how: How) {
        let moments = match how {
            How::Looks => &mut self.looks,
            How::Changes => &mut self.changes,
            How::Steps => return,
        };
        moments.retain(|moment| moment.thread != now.thread);
        moments.push(now);
    }
}
