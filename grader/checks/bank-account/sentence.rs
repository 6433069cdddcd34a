//! Which sentence of the contract a wrong result breaks.
//!
//! A check is about one sentence, but a fault that it finds may be of another:
//! whoever reads the message should not find the wrong sentence under it.

use judge::{Fault, FindingKind, Operation, Returned, Value, linearizability};

use crate::history;
use crate::model::{Answer, Ledger, plain, sum};

const RESULTS: &str = "C1";
const FUNDS: &str = "C2";
const OVERFLOW: &str = "C3";
const NUMBERS: &str = "C4";
const TRANSFER: &str = "C5";
const TO_ITSELF: &str = "C6";
const TWO_FAULTS: &str = "C7";
const TOTAL: &str = "C8";
const FITS: &str = "C9";
const ITEMS: &str = "C10";
const ATOMIC: &str = "C11";
const IN_ORDER: &str = "C12";

/// What a call of the script gave, as far as a sentence is about it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Done,
    Funds,
    Overflow,
    Unknown,
    /// Nothing that the contract has.
    Other,
}

/// The sentence that `call` breaks, whose result is not the `right` one where
/// the accounts hold `balances`; `before` are the calls before it.
pub(crate) fn of_result(
    balances: &[u64],
    call: &Operation,
    right: &Answer,
    before: &[Operation],
) -> &'static str {
    let (Answer::Exactly(right), Returned::Value(given)) = (right, &call.outcome) else {
        panic!("the result of `{call}` is open");
    };
    let op = plain(call);
    let to_itself = op == "transfer" && call.args[0] == call.args[1];
    match (kind(right), kind(given)) {
        (_, Kind::Other) | (Kind::Other, _) => ITEMS,
        // An unknown account that is taken for another one is no matter of order.
        (Kind::Unknown, Kind::Unknown) if op == "transfer" && names(call, given) => TWO_FAULTS,
        (Kind::Unknown, Kind::Funds | Kind::Overflow) if op == "transfer" => TWO_FAULTS,
        (Kind::Unknown, _) | (_, Kind::Unknown) => NUMBERS,
        (Kind::Funds, Kind::Overflow) if op == "transfer" => TWO_FAULTS,
        (Kind::Done, Kind::Funds | Kind::Overflow) if to_itself => TO_ITSELF,
        (Kind::Done, Kind::Overflow) if op == "deposit" && sum(balances).is_none() => FITS,
        (Kind::Done, Kind::Overflow) if op == "deposit" && !fits(balances, call) => FITS,
        (Kind::Overflow, Kind::Done) | (Kind::Done, Kind::Overflow) => OVERFLOW,
        (Kind::Funds, _) | (_, Kind::Funds) => FUNDS,
        (Kind::Overflow, Kind::Overflow) => OVERFLOW,
        (Kind::Done, Kind::Done) if op == "total" => TOTAL,
        (Kind::Done, Kind::Done) if op == "balance" => of_balance(call, before),
        (Kind::Done, Kind::Done) => RESULTS,
    }
}

/// Whether the sum of all balances and of the deposit fits.
fn fits(balances: &[u64], deposit: &Operation) -> bool {
    let amount = deposit.args.last().and_then(Value::as_number);
    let total = sum(balances).zip(amount);
    total.is_some_and(|(total, amount)| total.checked_add(amount).is_some())
}

/// Whether the account that a refusal names is one of the call's.
fn names(call: &Operation, refusal: &Value) -> bool {
    let Value::List(parts) = refusal else {
        return false;
    };
    matches!(parts.as_slice(), [_, Value::List(error)]
        if error.get(1).is_some_and(|account| call.args[..2].contains(account)))
}

/// A wrong balance is the fault of the last call that had to do with it.
fn of_balance(balance: &Operation, before: &[Operation]) -> &'static str {
    let account = balance.args.first();
    let last = before.iter().rev().find(|call| match plain(call) {
        "transfer" => call.args[..2].iter().any(|own| Some(own) == account),
        // The calls of an `Account` do not name it.
        "deposit" | "withdraw" => account.is_none() || call.args.first() == account,
        _ => false,
    });
    let Some(last) = last else {
        return RESULTS;
    };
    let Returned::Value(given) = &last.outcome else {
        return RESULTS;
    };
    match kind(given) {
        Kind::Done if plain(last) != "transfer" => RESULTS,
        Kind::Done if last.args[0] == last.args[1] => TO_ITSELF,
        Kind::Done => TRANSFER,
        Kind::Funds => FUNDS,
        Kind::Overflow => OVERFLOW,
        Kind::Unknown => NUMBERS,
        Kind::Other => ITEMS,
    }
}

fn kind(result: &Value) -> Kind {
    let Value::List(parts) = result else {
        return Kind::Done;
    };
    match parts.as_slice() {
        [Value::Text(text), error] if text == "Err" => match name(error) {
            Some("InsufficientFunds") => Kind::Funds,
            Some("Overflow") => Kind::Overflow,
            Some("UnknownAccount") => Kind::Unknown,
            _ => Kind::Other,
        },
        _ => Kind::Done,
    }
}

fn name(error: &Value) -> Option<&str> {
    match error {
        Value::Text(name) => Some(name),
        Value::List(fields) => fields.first().and_then(name),
        _ => None,
    }
}

/// Gives results of no order the sentence that they break: that on the order of
/// calls that did not overlap where nothing but this order is wrong.
pub(crate) fn of_order(calls: &[Operation], judged: Result<(), Fault>) -> Result<(), Fault> {
    let in_some_order = || {
        history::objects(calls).into_iter().all(|(opening, calls)| {
            let ledger = Ledger::opened_by(opening);
            linearizability::check(&ledger, &all_at_once(calls)).is_ok()
        })
    };
    let by_several = || calls.iter().any(|call| call.thread != calls[0].thread);
    judged.map_err(|fault| match fault.kind {
        FindingKind::NotLinearizable if in_some_order() => fault.sentence(IN_ORDER),
        FindingKind::NotLinearizable => fault.sentence(ATOMIC),
        FindingKind::WrongResult if by_several() && in_some_order() => fault.sentence(IN_ORDER),
        _ => fault,
    })
}

/// The same calls, as if all had been made at the same moment.
fn all_at_once(calls: Vec<Operation>) -> Vec<Operation> {
    let number = calls.len();
    let calls = calls.into_iter().enumerate();
    calls
        .map(|(index, call)| Operation {
            began: index,
            ended: Some(number + index),
            ..call
        })
        .collect()
}
