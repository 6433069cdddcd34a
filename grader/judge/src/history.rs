//! The calls of an execution with their results.

use verdict::{Execution, Value, What};

/// A call of the submission by the scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// The thread that called.
    pub thread: u32,
    /// The function's name.
    pub op: String,
    /// Its arguments.
    pub args: Vec<Value>,
    /// What came of it.
    pub outcome: Returned,
    /// The index of the event with which it began.
    pub began: usize,
    /// The index of the event with which it ended; `None` while it is pending.
    pub ended: Option<usize>,
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Returned {
    /// It returned this.
    Value(Value),
    /// It panicked.
    Panicked,
    /// It had not ended when the execution did.
    Pending,
}

/// The call, as `withdraw(60)`.
impl std::fmt::Display for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}(", self.op)?;
        for (index, arg) in self.args.iter().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            write!(f, "{comma}{arg}")?;
        }
        f.write_str(")")
    }
}

/// The calls of an execution with their results, in order of their beginning.
///
/// # Panics
///
/// On a record in which a thread returns from a call that it never made: such
/// a record cannot be judged, and [`serve`](crate::serve) answers so.
pub fn history(execution: &Execution) -> Vec<Operation> {
    let mut calls: Vec<Operation> = Vec::new();
    for (index, event) in execution.events.iter().enumerate() {
        let outcome = match &event.what {
            What::Call { op, args } => {
                calls.push(Operation {
                    thread: event.thread,
                    op: op.clone(),
                    args: args.clone(),
                    outcome: Returned::Pending,
                    began: index,
                    ended: None,
                });
                continue;
            }
            What::Return(value) => Returned::Value(value.clone()),
            What::CallPanicked => Returned::Panicked,
            _ => continue,
        };
        let open = calls
            .iter_mut()
            .rev()
            .find(|call| call.thread == event.thread && call.ended.is_none())
            .unwrap_or_else(|| {
                panic!(
                    "thread {} returned at event {index} from no call",
                    event.thread
                )
            });
        open.outcome = outcome;
        open.ended = Some(index);
    }
    calls
}

/// The values of the scenario's notes of this name, each with its thread, in
/// the order in which they were made.
pub fn marks<'a>(execution: &'a Execution, name: &str) -> Vec<(u32, &'a Value)> {
    execution
        .events
        .iter()
        .filter_map(|event| match &event.what {
            What::Mark { name: other, value } if other == name => Some((event.thread, value)),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{event, finished};

    fn call(thread: u32, op: &str, args: Vec<Value>) -> verdict::Event {
        event(
            thread,
            What::Call {
                op: op.into(),
                args,
            },
        )
    }

    #[test]
    fn results_belong_to_the_last_open_call_of_their_thread() {
        let history = history(&finished(vec![
            call(1, "outer", vec![1u64.into()]),
            call(2, "other", vec![]),
            call(1, "inner", vec!["a".into(), true.into()]),
            event(1, What::Return(10u64.into())),
            event(2, What::CallPanicked),
            event(1, What::Return(Value::Unit)),
            call(2, "last", vec![]),
        ]));
        let told: Vec<_> = history
            .iter()
            .map(|call| {
                (
                    call.thread,
                    call.to_string(),
                    call.outcome.clone(),
                    call.began,
                    call.ended,
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                (
                    1,
                    "outer(1)".into(),
                    Returned::Value(Value::Unit),
                    0,
                    Some(5)
                ),
                (2, "other()".into(), Returned::Panicked, 1, Some(4)),
                (
                    1,
                    "inner(\"a\", true)".into(),
                    Returned::Value(10u64.into()),
                    2,
                    Some(3)
                ),
                (2, "last()".into(), Returned::Pending, 6, None),
            ]
        );
    }

    #[test]
    #[should_panic(expected = "thread 2 returned at event 1 from no call")]
    fn a_return_without_a_call_is_no_record() {
        history(&finished(vec![
            call(1, "one", vec![]),
            event(2, What::Return(Value::Unit)),
        ]));
    }

    #[test]
    fn marks_are_found_by_name() {
        let mark = |thread, name: &str, value: u64| {
            event(
                thread,
                What::Mark {
                    name: name.into(),
                    value: value.into(),
                },
            )
        };
        let execution = finished(vec![mark(1, "a", 1), mark(0, "b", 2), mark(2, "a", 3)]);
        assert_eq!(
            marks(&execution, "a"),
            [(1, &Value::Number(1)), (2, &Value::Number(3))]
        );
        assert!(marks(&execution, "c").is_empty());
    }
}
