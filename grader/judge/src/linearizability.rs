//! Whether the results of a history are those of some order of its calls.
//!
//! The definition is that of Herlihy and Wing ("Linearizability: a correctness
//! condition for concurrent objects", 1990). The search is that of Wing and
//! Gong ("Testing and verifying concurrent objects", 1993), with Lowe's
//! addition ("Testing for linearizability", 2017): a state that was reached
//! once with the same calls done is not gone on from again.

mod explain;
mod search;

use std::hash::Hash;

use crate::{Fault, FindingKind, Operation};

/// A sequential specification: what the calls give when they are made one
/// after another.
pub trait Specification {
    /// What the calls act on.
    type State: Clone + Eq + Hash;

    /// The state before the first call.
    fn initial(&self) -> Self::State;

    /// The state after `operation` in `state`, or `None` when its recorded
    /// result is impossible there.
    ///
    /// An operation that is pending or panicked (see `operation.outcome`) has
    /// no recorded result: this is the state in case it took effect. That it
    /// did not is tried as well, without asking.
    fn apply(&self, state: &Self::State, operation: &Operation) -> Option<Self::State>;

    /// What this operation would have returned in `state`, in words, as
    /// `Ok(40)`.
    fn expected(&self, state: &Self::State, operation: &Operation) -> String;
}

/// Whether some order of the calls, one after another, that keeps the order of
/// calls that did not overlap, gives the results that were recorded.
///
/// A call that was pending when the execution ended, or that panicked, may or
/// may not have taken effect. `history` must be in order of the calls'
/// beginning, as [`history`](crate::history) gives it.
///
/// The search is quick where calls overlap a little (a few threads, results
/// that tell much); it is exponential in the worst case, as the problem is.
///
/// The fault, of kind `NotLinearizable`, tells the history in words: the calls
/// with their results, the longest order that explains some of them, and what
/// the next call would have returned there.
pub fn check(specification: &impl Specification, history: &[Operation]) -> Result<(), Fault> {
    search::search(specification, history).map_err(|stuck| {
        let message = explain::explain(specification, history, &stuck);
        Fault::new(FindingKind::NotLinearizable, message)
    })
}

#[cfg(test)]
mod tests;
