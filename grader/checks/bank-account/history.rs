//! Whether the results of a history are those of some order of its calls.

use judge::{Fault, FindingKind, Operation, Returned, Value, linearizability};

use crate::model::{Ledger, is_of_second, perform, plain};
use crate::sentence;

/// Judges a history in which every call returned. Each of one or two objects is
/// judged by itself: that is enough for the whole, as Herlihy and Wing showed,
/// and no call of the one may be seen in the other.
pub(crate) fn judge(calls: &[Operation]) -> Result<(), Fault> {
    objects(calls)
        .into_iter()
        .try_for_each(|(opening, calls)| judge_one(opening, &calls))
}

/// The call that makes each object, and those that are made on it but for its
/// end.
pub(crate) fn objects(calls: &[Operation]) -> Vec<(&Operation, Vec<Operation>)> {
    let openings = calls.iter().filter(|call| call.op.ends_with("::new"));
    let objects: Vec<_> = openings
        .zip([false, true])
        .map(|(opening, second)| {
            let own = calls.iter().filter(|call| {
                !call.op.ends_with("::new") && is_of_second(call) == second && plain(call) != "drop"
            });
            (opening, own.cloned().map(with_result).collect())
        })
        .collect();
    assert!(!objects.is_empty(), "the record opens no account");
    objects
}

/// A `total` that panicked as one that gave this: it is right where anything is,
/// and nowhere else.
fn with_result(call: Operation) -> Operation {
    match call.outcome {
        Returned::Panicked if plain(&call) == "total" => Operation {
            outcome: Returned::Value(Value::from("Panicked")),
            ..call
        },
        _ => call,
    }
}

/// Where the calls of `total` began that panicked, and might: because the sum
/// does not fit in some order of what had been called until then.
pub(crate) fn panics_that_are_open(calls: &[Operation]) -> Vec<usize> {
    let may_panic = |total: &&Operation| {
        let end = total.ended.unwrap_or(usize::MAX);
        let until_then: Vec<Operation> = calls
            .iter()
            .filter(|call| call.began < end)
            .cloned()
            .map(|call| match call.ended {
                Some(ended) if ended <= end => call,
                // Whether it has taken effect is not known yet.
                _ => Operation {
                    outcome: Returned::Pending,
                    ended: None,
                    ..call
                },
            })
            .collect();
        objects(&until_then)
            .into_iter()
            .filter(|(_, own)| own.iter().any(|call| call.began == total.began))
            .all(|(opening, own)| linearizability::check(&Ledger::opened_by(opening), &own).is_ok())
    };
    calls
        .iter()
        .filter(|call| call.outcome == Returned::Panicked && plain(call) == "total")
        .filter(may_panic)
        .map(|call| call.began)
        .collect()
}

/// Where no two calls overlapped there is only one order, and the first wrong
/// result in it can be told plainly.
fn judge_one(opening: &Operation, calls: &[Operation]) -> Result<(), Fault> {
    let ledger = Ledger::opened_by(opening);
    let judged = if one_after_another(calls) {
        in_order(&ledger, calls)
    } else {
        linearizability::check(&ledger, calls).map_err(|fault| {
            let message = format!("after `{opening}`, {}", fault.message);
            Fault { message, ..fault }
        })
    };
    judged.map_err(|fault| Fault {
        message: readable(fault.message),
        ..fault
    })
}

fn one_after_another(calls: &[Operation]) -> bool {
    calls
        .windows(2)
        .all(|pair| pair[0].ended.is_some_and(|ended| ended < pair[1].began))
}

fn in_order(ledger: &Ledger, calls: &[Operation]) -> Result<(), Fault> {
    let mut balances = ledger.openings.clone();
    for (index, call) in calls.iter().enumerate() {
        let (answer, after) = perform(&balances, call);
        let Returned::Value(result) = &call.outcome else {
            panic!("`{call}` did not return: the execution is not whole");
        };
        if !answer.allows(result) {
            let message = format!(
                "{}, `{call}` gave {result}; right is {answer}",
                holding(&balances)
            );
            let sentence = sentence::of_result(&balances, call, &answer, &calls[..index]);
            return Err(Fault::new(FindingKind::WrongResult, message).sentence(sentence));
        }
        balances = after;
    }
    Ok(())
}

/// The balances, in words.
fn holding(balances: &[u64]) -> String {
    match balances {
        [] => "without any account".to_owned(),
        [balance] => format!("with a balance of {balance}"),
        balances => {
            const SHOWN: usize = 8;
            let list: Vec<String> = balances.iter().take(SHOWN).map(u64::to_string).collect();
            let more = match balances.len().saturating_sub(SHOWN) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            format!("with the balances {}{more}", list.join(", "))
        }
    }
}

/// Writes numbers close to the largest one as `u64::MAX - 10`: the digits say
/// nothing to a reader.
pub(crate) fn readable(message: String) -> String {
    const CLOSE: u64 = 200;
    let message = message.replace(&u64::MAX.to_string(), "u64::MAX");
    (1..=CLOSE).fold(message, |message, below| {
        message.replace(
            &(u64::MAX - below).to_string(),
            &format!("u64::MAX - {below}"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_close_to_the_largest_are_counted_down_from_it() {
        let message = format!("deposit({}) on {} and 12", u64::MAX, u64::MAX - 10);
        assert_eq!(
            readable(message),
            "deposit(u64::MAX) on u64::MAX - 10 and 12"
        );
    }
}
