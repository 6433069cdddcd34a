//! From a replayed execution to the rows that a person reads.

use verdict::timeline::RawStep;
use verdict::{Event, Execution, Step, Stream, Timeline, What};

/// The timeline of an execution that was recorded with its steps.
///
/// Calls and results of the scenario, what is printed and panics are rows of
/// their own, unless the step beside them says the same already.
pub(crate) fn timeline(execution: &Execution) -> Timeline {
    let mut rows: Timeline = Vec::new();
    for (index, event) in execution.events.iter().enumerate() {
        let Some(row) = row(&event.what) else {
            continue;
        };
        if let What::Step(_) = event.what {
            // Told by the step itself.
        } else if told_by_a_neighbour(&execution.events, index, &row.action) {
            continue;
        }
        rows.push(Step {
            step: rows.len() as u64 + 1,
            thread: event.thread,
            name: name(execution, event.thread),
            action: row.action,
            place: row.place,
            value: row.value,
            switch: row.switch,
        });
    }
    rows
}

/// A thread's name as it is shown.
fn name(execution: &Execution, thread: u32) -> String {
    let given = execution
        .threads
        .get(thread as usize)
        .and_then(|thread| thread.name.as_deref());
    match (thread, given) {
        (0, _) => "main".to_owned(),
        (_, Some(name)) => format!("T{thread} {name:?}"),
        (_, None) => format!("T{thread}"),
    }
}

/// What an event is as a row, if it is worth one.
fn row(what: &What) -> Option<RawStep> {
    let plain = |action: String| {
        Some(RawStep {
            action,
            place: None,
            value: None,
            switch: None,
        })
    };
    match what {
        What::Step(step) => Some(step.clone()),
        What::Call { op, args } => {
            let args: Vec<String> = args.iter().map(ToString::to_string).collect();
            plain(format!("calls {op}({})", args.join(", ")))
        }
        What::Return(value) => plain(format!("returns {value}")),
        What::CallPanicked => plain("the call panics".to_owned()),
        What::Print {
            stream: Stream::Stdout,
            text,
        } => plain(format!("prints {text:?}")),
        What::Print {
            stream: Stream::Stderr,
            text,
        } => plain(format!("prints {text:?} to standard error")),
        What::Panic { message, place } => {
            let action = format!("panics: {message}");
            Some(RawStep {
                action,
                place: place.clone(),
                value: None,
                switch: None,
            })
        }
        What::Mark { name, value } => plain(format!("{name} {value}")),
    }
}

/// Whether the same thread's step just before or after says it too: it begins
/// with the same words (`prints "3"`), or names the same call.
fn told_by_a_neighbour(events: &[Event], index: usize, action: &str) -> bool {
    let thread = events[index].thread;
    let verb = action.split([' ', ':']).next().unwrap_or_default();
    let tells = |event: &Event| match &event.what {
        What::Step(step) => {
            step.action == action || (verb == "prints" && step.action.starts_with(verb))
        }
        _ => false,
    };
    let before = events[..index]
        .iter()
        .rev()
        .find(|event| event.thread == thread);
    let after = events[index + 1..]
        .iter()
        .find(|event| event.thread == thread);
    before.is_some_and(tells) || after.is_some_and(tells)
}

#[cfg(test)]
mod tests {
    use verdict::record::Thread;
    use verdict::{Ending, Place};

    use super::*;

    fn step(thread: u32, action: &str, switch: Option<&str>) -> Event {
        let place = Some(Place {
            file: "src/lib.rs".to_owned(),
            line: 3,
            column: 1,
        });
        let step = RawStep {
            action: action.to_owned(),
            place,
            value: None,
            switch: switch.map(str::to_owned),
        };
        Event {
            thread,
            what: What::Step(step),
        }
    }

    #[test]
    fn calls_and_results_are_rows_and_a_print_is_told_once() {
        let events = vec![
            Event {
                thread: 1,
                what: What::Call {
                    op: "withdraw".to_owned(),
                    args: vec![60u64.into()],
                },
            },
            step(1, "locks mutex 1", None),
            step(2, "prints \"3\\n\"", Some("T1 was preempted")),
            Event {
                thread: 2,
                what: What::Print {
                    stream: Stream::Stdout,
                    text: "3\n".to_owned(),
                },
            },
            Event {
                thread: 1,
                what: What::Return(vec!["Ok".into(), verdict::Value::from(40u64)].into()),
            },
        ];
        let thread = |name: Option<&str>| Thread {
            name: name.map(str::to_owned),
            spawned: None,
        };
        let execution = Execution {
            schedule: String::new(),
            preemptions: 1,
            ending: Ending::Exited { code: 0 },
            threads: vec![thread(None), thread(None), thread(Some("writer"))],
            events,
        };
        let rows: Vec<_> = timeline(&execution)
            .into_iter()
            .map(|row| (row.step, row.name, row.action))
            .collect();
        let expected = [
            (1, "T1", "calls withdraw(60)"),
            (2, "T1", "locks mutex 1"),
            (3, "T2 \"writer\"", "prints \"3\\n\""),
            (4, "T1", "returns Ok(40)"),
        ];
        assert_eq!(
            rows,
            expected.map(|(step, name, action)| (step, name.to_owned(), action.to_owned()))
        );
    }
}
