//! Judges what the calls of an account or a bank gave.
//!
//! The rules:
//!
//! - `calls`: the results are those of some order of the calls.
//! - `atomic`: the same, where nothing says better than the sentence on order
//!   what is broken if they are not.
//! - `held-up`: the same while a thread is held up; going on trying is no fault.
//! - `returns`: every call returned, with whatever result.
//! - `no-thread-left`: that, too, and no thread is left when the value is gone.
//! - `errors`: errors have a text, and are equal when they should be.

mod history;
mod model;
mod sentence;
mod whole;

use std::process::ExitCode;

use judge::{Ending, Execution, Fault, FindingKind, Judge, Lost, Operation, Returned, Value};

fn main() -> ExitCode {
    judge::serve(|question| match question.rule.as_str() {
        "calls" => Ok(Box::new(calls) as Box<dyn Judge>),
        "atomic" => Ok(Box::new(atomic) as Box<dyn Judge>),
        "held-up" => Ok(Box::new(held_up) as Box<dyn Judge>),
        "returns" => Ok(Box::new(returns) as Box<dyn Judge>),
        "no-thread-left" => Ok(Box::new(no_thread_left) as Box<dyn Judge>),
        "errors" => Ok(Box::new(errors) as Box<dyn Judge>),
        _ => Err(Lost::unknown_rule(question)),
    })
}

fn calls(execution: &Execution) -> Result<(), Fault> {
    let whole = whole::read(execution)?;
    history::judge(&whole.calls)
}

fn atomic(execution: &Execution) -> Result<(), Fault> {
    let whole = whole::read(execution)?;
    sentence::of_order(&whole.calls, history::judge(&whole.calls))
}

/// Retry loops are allowed; but who stops trying must have got its result.
fn held_up(execution: &Execution) -> Result<(), Fault> {
    match execution.ending {
        Ending::Polling { .. } => Ok(()),
        _ => atomic(execution),
    }
}

fn returns(execution: &Execution) -> Result<(), Fault> {
    whole::read(execution).map(drop)
}

fn no_thread_left(execution: &Execution) -> Result<(), Fault> {
    let whole = whole::read(execution)?;
    // The main thread is one of those alive.
    let left = whole.threads.saturating_sub(1);
    if left == 0 {
        return Ok(());
    }
    let threads = if left == 1 {
        "1 thread was".to_owned()
    } else {
        format!("{left} threads were")
    };
    Err(Fault::new(
        FindingKind::ThreadLeft,
        format!(
            "{threads} still alive after the value had been dropped: join the threads that a call \
             starts before it returns, and those that the value owns in its `Drop`"
        ),
    ))
}

fn errors(execution: &Execution) -> Result<(), Fault> {
    let whole = whole::read(execution)?;
    whole.calls.iter().try_for_each(error)
}

/// A call of an error: of its `to_string`, or of the `==` of two.
fn error(call: &Operation) -> Result<(), Fault> {
    let wrong = |message: String| Err(Fault::new(FindingKind::WrongResult, message));
    match (call.op.as_str(), call.args.as_slice(), &call.outcome) {
        ("to_string", [error], Returned::Value(Value::Text(text))) if text.trim().is_empty() => {
            wrong(format!("the `Display` of `{error}` writes no text"))
        }
        ("to_string", [_], Returned::Value(Value::Text(_))) => Ok(()),
        ("==", [one, other], Returned::Value(Value::Bool(equal))) => match (one == other, *equal) {
            (true, false) => wrong(format!("`{one}` is not equal to a clone of itself")),
            (false, true) => wrong(format!(
                "`{one} == {other}` is true: these are different errors"
            )),
            _ => Ok(()),
        },
        _ => panic!("the record has a call that no rule knows: {call}"),
    }
}

#[cfg(test)]
mod tests;
