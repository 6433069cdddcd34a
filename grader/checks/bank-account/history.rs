//! Whether the results of a history are those of some order of its calls.

use judge::{Fault, FindingKind, Operation, Returned, linearizability};

use crate::model::{Ledger, perform};

/// Judges a history in which every call returned.
///
/// Where no two calls overlapped there is only one order, and the first wrong
/// result in it can be told plainly.
pub(crate) fn judge(calls: &[Operation]) -> Result<(), Fault> {
    if one_after_another(calls) {
        in_order(calls)
    } else {
        linearizability::check(&Ledger, calls)
    }
}

fn one_after_another(calls: &[Operation]) -> bool {
    calls
        .windows(2)
        .all(|pair| pair[0].ended.is_some_and(|ended| ended < pair[1].began))
}

fn in_order(calls: &[Operation]) -> Result<(), Fault> {
    let mut balances = Vec::new();
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
