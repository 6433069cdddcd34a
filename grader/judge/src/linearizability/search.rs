//! The search for an order of the calls.

use std::collections::HashSet;

use super::Specification;
use crate::{Operation, Returned};

/// The end of the longest way that the search found, where no way leads on.
pub(super) struct Stuck<State> {
    /// The calls, by index, in an order that explains the results they had.
    pub(super) order: Vec<usize>,
    /// The state after them.
    pub(super) state: State,
    /// The calls that could come next; none of them gives its result there.
    pub(super) next: Vec<usize>,
}

/// One call taken into the order.
struct Taken<State> {
    call: usize,
    /// The state before it.
    before: State,
    /// What could have been taken in its place, after it.
    rest: std::vec::IntoIter<usize>,
}

/// Looks for an order of the calls that gives their results.
pub(super) fn search<S: Specification>(
    specification: &S,
    history: &[Operation],
) -> Result<(), Stuck<S::State>> {
    let mut done = Done::new(history);
    let mut state = specification.initial();
    let mut order: Vec<Taken<S::State>> = Vec::new();
    let mut rest = done.candidates(&order, history).into_iter();
    let mut seen: HashSet<(Box<[u64]>, S::State)> = HashSet::new();
    // The best dead end so far: that with the fewest results left open, then
    // that with the fewest calls, as calls without a result explain nothing.
    let mut fewest = (usize::MAX, 0);
    let mut longest = Stuck {
        order: Vec::new(),
        state: state.clone(),
        next: Vec::new(),
    };

    while done.open > 0 {
        let step = rest.by_ref().find_map(|call| {
            let after = specification.apply(&state, history.get(call)?)?;
            seen.insert((done.with(call), after.clone()))
                .then_some((call, after))
        });
        if let Some((call, after)) = step {
            let before = std::mem::replace(&mut state, after);
            order.push(Taken { call, before, rest });
            done.take(call, history);
            rest = done.candidates(&order, history).into_iter();
            continue;
        }
        let left = (done.open, order.len());
        if left < fewest {
            fewest = left;
            let next = done.candidates(&order, history);
            longest = Stuck {
                order: order.iter().map(|taken| taken.call).collect(),
                state: state.clone(),
                next: next
                    .into_iter()
                    .filter(|call| has_result(&history[*call]))
                    .collect(),
            };
        }
        match order.pop() {
            Some(taken) => {
                done.give_back(taken.call, history);
                state = taken.before;
                rest = taken.rest;
            }
            None => return Err(longest),
        }
    }
    Ok(())
}

/// Whether the result of a call is known, so that the order must explain it.
fn has_result(operation: &Operation) -> bool {
    matches!(operation.outcome, Returned::Value(_))
}

/// Which calls are in the order already.
struct Done {
    /// A bit for each call.
    bits: Box<[u64]>,
    /// Number of calls with a result that are not.
    open: usize,
}

impl Done {
    fn new(history: &[Operation]) -> Done {
        let open = history
            .iter()
            .filter(|operation| has_result(operation))
            .count();
        Done {
            bits: vec![0; history.len().div_ceil(64)].into(),
            open,
        }
    }

    fn has(&self, call: usize) -> bool {
        self.bits[call / 64] & 1 << (call % 64) != 0
    }

    /// The bits with one call more.
    fn with(&self, call: usize) -> Box<[u64]> {
        let mut bits = self.bits.clone();
        bits[call / 64] |= 1 << (call % 64);
        bits
    }

    fn take(&mut self, call: usize, history: &[Operation]) {
        self.bits[call / 64] |= 1 << (call % 64);
        self.open -= usize::from(has_result(&history[call]));
    }

    fn give_back(&mut self, call: usize, history: &[Operation]) {
        self.bits[call / 64] &= !(1 << (call % 64));
        self.open += usize::from(has_result(&history[call]));
    }

    /// The calls that may come next: no call with a result that is not in the
    /// order ended before they began. Those with a result come first.
    fn candidates<State>(&self, order: &[Taken<State>], history: &[Operation]) -> Vec<usize> {
        // A panicked call that is taken late did so before its end, and so
        // before every call in the order that began after that.
        let latest = order.iter().map(|taken| history[taken.call].began).max();
        let mut first_end = usize::MAX;
        let mut with_result = Vec::new();
        let mut without = Vec::new();
        for (call, operation) in history.iter().enumerate() {
            // The calls are in order of their beginning, so all that come later
            // began too late as well.
            if operation.began > first_end {
                break;
            }
            if self.has(call) {
                continue;
            }
            let ended = operation.ended.unwrap_or(usize::MAX);
            if has_result(operation) {
                first_end = first_end.min(ended);
                with_result.push(call);
            } else if latest.is_none_or(|latest| ended > latest) {
                without.push(call);
            }
        }
        with_result.append(&mut without);
        with_result
    }
}
