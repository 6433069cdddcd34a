//! Whether the results of a history are those of some order of its calls.

use judge::{Fault, FindingKind, Operation, Returned, linearizability};

use crate::model::{Ledger, perform};

/// Judges a history in which every call returned. The first call opens the
/// accounts, the last one is their end.
///
/// Where no two calls overlapped there is only one order, and the first wrong
/// result in it can be told plainly.
pub(crate) fn judge(calls: &[Operation]) -> Result<(), Fault> {
    let Some((opening, calls)) = calls.split_first() else {
        panic!("the record has no call");
    };
    let ledger = Ledger::opened_by(opening);
    let calls: Vec<Operation> = calls
        .iter()
        .filter(|call| call.op != "drop")
        .cloned()
        .collect();
    let judged = if one_after_another(&calls) {
        in_order(&ledger, &calls)
    } else {
        linearizability::check(&ledger, &calls).map_err(|fault| {
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
    for call in calls {
        let (answer, after) = perform(&balances, call);
        let Returned::Value(result) = &call.outcome else {
            panic!("`{call}` did not return: the execution is not whole");
        };
        if !answer.allows(result) {
            let message = format!(
                "{}, `{call}` gave {result}; right is {answer}",
                holding(&balances)
            );
            return Err(Fault::new(FindingKind::WrongResult, message));
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
            let list: Vec<String> = balances.iter().map(u64::to_string).collect();
            format!("with the balances {}", list.join(", "))
        }
    }
}

/// Writes numbers close to the largest one as `u64::MAX - 10`: the digits say
/// nothing to a reader.
fn readable(message: String) -> String {
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
