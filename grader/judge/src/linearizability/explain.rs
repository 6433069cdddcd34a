//! Why no order of the calls gives their results, in words.

use super::Specification;
use super::search::Stuck;
use crate::words::{and, short_name};
use crate::{Operation, Returned};

/// Calls that are listed; of more, those nearest to the contradiction are.
const LISTED: usize = 8;

/// Possible next calls whose right result is told.
const TOLD: usize = 3;

pub(super) fn explain<S: Specification>(
    specification: &S,
    history: &[Operation],
    stuck: &Stuck<S::State>,
) -> String {
    let listed = nearest(history, stuck);
    let mut calls: Vec<String> = listed
        .iter()
        .map(|call| with_outcome(&history[*call]))
        .collect();
    match history.len() - listed.len() {
        0 => {}
        1 => calls.push("one more call".to_owned()),
        more => calls.push(format!("{more} more calls")),
    }
    let right: Vec<String> = stuck
        .next
        .iter()
        .take(TOLD)
        .map(|call| {
            let expected = specification.expected(&stuck.state, &history[*call]);
            format!("{} would have given {expected}", named(&history[*call]))
        })
        .collect();
    let longest = match order(history, stuck) {
        Some(order) => format!("the longest order that fits is {order}, after which"),
        None => "none of them can come first:".to_owned(),
    };
    format!(
        "no order of the calls gives these results: {}; {longest} {}",
        and(&calls),
        and(&right)
    )
}

/// The calls to list: all if they are few; else the next ones that fit nowhere
/// and the last of those that do.
fn nearest(history: &[Operation], stuck: &Stuck<impl Sized>) -> Vec<usize> {
    if history.len() <= LISTED {
        return (0..history.len()).collect();
    }
    let next = stuck.next.iter().take(TOLD);
    let mut nearest: Vec<usize> = next
        .chain(stuck.order.iter().rev())
        .take(LISTED)
        .copied()
        .collect();
    nearest.sort_unstable();
    nearest
}

/// The order found, as `T1 a(), then T2 b()`; `None` if it has no call.
fn order(history: &[Operation], stuck: &Stuck<impl Sized>) -> Option<String> {
    let skipped = stuck.order.len().saturating_sub(LISTED);
    let calls: Vec<String> = stuck.order[skipped..]
        .iter()
        .map(|call| named(&history[*call]))
        .collect();
    let skipped = match skipped {
        0 => String::new(),
        1 => "one call, then ".to_owned(),
        more => format!("{more} calls, then "),
    };
    (!calls.is_empty()).then(|| skipped + &calls.join(", then "))
}

/// `T1 withdraw(60)`.
fn named(operation: &Operation) -> String {
    format!("{} {operation}", short_name(operation.thread))
}

/// `T1 withdraw(60) gave Ok(40)`.
fn with_outcome(operation: &Operation) -> String {
    let named = named(operation);
    match &operation.outcome {
        Returned::Value(value) => format!("{named} gave {value}"),
        Returned::Panicked => format!("{named} panicked"),
        Returned::Pending => format!("{named} did not return"),
    }
}
