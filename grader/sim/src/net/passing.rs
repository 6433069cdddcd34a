//! What threads do with something in passing, as a part of the step before: what
//! is set of a socket, and who looks at that, or at how its connection fares.
//!
//! Most sockets are one thread's at a time, and for these no such thing is a step.
//! So it is noted who did what, and when: where two threads could have come in
//! another order, the search begins again with steps for it
//! ([`looks_at_sockets`](kernel::looks_at_sockets)).

use crate::kernel;

/// What was done with something.
#[derive(Default)]
pub(super) struct Passing {
    looks: Vec<Moment>,
    changes: Vec<Moment>,
}

/// Who did it, and when that was.
#[derive(Clone, Copy)]
pub(super) struct Moment {
    thread: u32,
    /// How many threads there were. What the later ones do comes after it.
    threads: u32,
}

impl Moment {
    /// The running thread, now.
    pub(super) fn now() -> Moment {
        Moment {
            thread: kernel::current(),
            threads: kernel::next_number().unwrap_or(0),
        }
    }

    /// What each thread did last is enough: it is what most threads could come
    /// before.
    fn note(self, moments: &mut Vec<Moment>) {
        moments.retain(|moment| moment.thread != self.thread);
        moments.push(self);
    }

    /// The threads (a bit each) of these moments before which this could have
    /// been, unless they were waited for.
    fn could_precede(self, moments: &[Moment]) -> u64 {
        let others = moments
            .iter()
            .filter(|moment| moment.thread != self.thread && self.thread < moment.threads);
        others.fold(0, |all, moment| all | kernel::bit(moment.thread as usize))
    }
}

impl Passing {
    /// It is looked at. Before whose changes that could have been.
    pub(super) fn looks(&mut self, now: Moment) -> u64 {
        now.note(&mut self.looks);
        now.could_precede(&self.changes)
    }

    /// It is changed. Before whose looks and changes that could have been.
    pub(super) fn changes(&mut self, now: Moment) -> u64 {
        now.note(&mut self.changes);
        self.is_news_to(now) | now.could_precede(&self.changes)
    }

    /// It is changed in a step: before whose looks that could have been.
    pub(super) fn is_news_to(&self, now: Moment) -> u64 {
        now.could_precede(&self.looks)
    }
}

/// Before something of these threads could have come what was done in passing: where
/// they go on, it matters when.
pub(super) fn after(threads: u64) {
    if kernel::may_still_run(threads) {
        kernel::looks_at_sockets();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Thread 1, while there are so many.
    fn one_of(threads: u32) -> Moment {
        Moment { thread: 1, threads }
    }

    const TWO: Moment = Moment {
        thread: 2,
        threads: 3,
    };

    #[test]
    fn what_a_thread_does_comes_after_what_was_done_before_it_was_there() {
        let mut passing = Passing::default();
        assert_eq!(passing.changes(one_of(2)), 0);
        assert_eq!(passing.looks(TWO), 0);
        assert_eq!(passing.changes(TWO), 0);
        // Of what is done later, it may come before anything.
        assert_eq!(passing.looks(one_of(3)), kernel::bit(2));
        assert_eq!(passing.changes(TWO), kernel::bit(1));
    }

    #[test]
    fn looks_have_no_order_among_themselves() {
        let mut passing = Passing::default();
        assert_eq!(passing.looks(one_of(3)), 0);
        assert_eq!(passing.looks(TWO), 0);
        assert_eq!(passing.changes(TWO), kernel::bit(1));
    }

    #[test]
    fn one_thread_alone_is_in_order() {
        let mut passing = Passing::default();
        assert_eq!(passing.changes(one_of(3)), 0);
        assert_eq!(passing.looks(one_of(3)), 0);
        assert_eq!(passing.changes(one_of(3)), 0);
    }
}
