//! From a replayed execution to the rows that a person reads.

use std::collections::{BTreeMap, BTreeSet};

use verdict::timeline::{LeftOut, RawStep};
use verdict::{Did, Event, Execution, Step, Stream, Timeline, Value, What};

/// Rows that a finding keeps of a long timeline, from its beginning and from
/// its end.
const KEPT: (usize, usize) = (200, 800);
/// Fewest steps of a thread in a row, on things of its own, that are left out.
const FOLDED: usize = 3;

/// The timeline of an execution that was recorded with its steps.
///
/// Calls and results of the scenario, what is printed and panics are rows of
/// their own, unless the step beside them says the same already.
pub(crate) fn timeline(execution: &Execution) -> Timeline {
    let mut rows: Timeline = Vec::new();
    let users = users(execution);
    let is_own = |what: &What| match what {
        What::Step(RawStep {
            object: Some(object),
            ..
        }) => users
            .get(object.as_str())
            .is_some_and(|users| users.len() == 1),
        _ => false,
    };
    // A panic in a call is told once: not again by what the runtime prints of
    // it, nor by the call that ends with it.
    let mut panicking: BTreeSet<u32> = BTreeSet::new();
    for (index, event) in execution.events.iter().enumerate() {
        let thread = event.thread;
        match &event.what {
            What::Panic { .. } => {
                panicking.insert(thread);
            }
            What::Print {
                stream: Stream::Stderr,
                ..
            } if panicking.contains(&thread) => continue,
            What::CallPanicked if panicking.remove(&thread) => continue,
            _ => {}
        }
        let Some(row) = row(&event.what) else {
            continue;
        };
        if let (What::Call { .. }, Some(last)) = (&event.what, rows.last_mut())
            && last.thread == thread
            && last.action == "calls"
        {
            // The step of a call comes just before what is called.
            last.action = row.action;
            continue;
        }
        let is_step = matches!(event.what, What::Step(_));
        if !is_step && told_by_a_neighbour(&execution.events, index, &row.action) {
            continue;
        }
        rows.push(Step {
            step: rows.len() as u64 + 1,
            thread,
            name: name(execution, thread),
            action: row.action,
            place: row.place,
            value: row.value,
            switch: row.switch,
            own: is_own(&event.what),
            left_out: Vec::new(),
        });
    }
    rows
}

/// Which threads work on each thing that has a name.
fn users(execution: &Execution) -> BTreeMap<&str, BTreeSet<u32>> {
    let mut users: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
    for event in &execution.events {
        if let What::Step(RawStep {
            object: Some(object),
            ..
        }) = &event.what
        {
            users.entry(object).or_default().insert(event.thread);
        }
    }
    users
}

/// A timeline without what explains little: several steps in a row that a
/// thread takes on things that no other thread works on. Where it goes on and
/// where it comes to rest stays.
fn folded(timeline: Timeline) -> Timeline {
    let mut kept: Timeline = Vec::new();
    let mut run: Timeline = Vec::new();
    let mut rows = timeline.into_iter().peekable();
    while let Some(row) = rows.next() {
        let goes_on = rows
            .peek()
            .is_some_and(|next| next.thread == row.thread && next.switch.is_none());
        if row.own && goes_on && row.switch.is_none() {
            run.push(row);
            continue;
        }
        let mut row = row;
        if run.len() >= FOLDED {
            for step in run.drain(..) {
                LeftOut::add(&mut row.left_out, step.thread, &step.name, 1);
            }
        }
        kept.append(&mut run);
        kept.push(row);
    }
    kept
}

/// A timeline without what explains little, and without the middle if it still
/// is a long one. The first row after a gap tells what is left out.
pub(crate) fn shortened(timeline: Timeline) -> Timeline {
    let mut timeline = folded(timeline);
    let excess = timeline.len().saturating_sub(KEPT.0 + KEPT.1);
    if excess == 0 {
        return timeline;
    }
    let mut counts = Vec::new();
    // What was folded before the first row that stays goes with the rest.
    let end = KEPT.0 + excess;
    for left_out in std::mem::take(&mut timeline[end].left_out) {
        LeftOut::add(&mut counts, left_out.thread, &left_out.name, left_out.steps);
    }
    for step in timeline.drain(KEPT.0..end) {
        LeftOut::add(&mut counts, step.thread, &step.name, 1);
        for left_out in step.left_out {
            LeftOut::add(&mut counts, left_out.thread, &left_out.name, left_out.steps);
        }
    }
    timeline[KEPT.0].left_out = counts;
    timeline
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
            object: None,
        })
    };
    match what {
        What::Step(step) => Some(step.clone()),
        What::Call { op, args } => {
            let args: Vec<String> = args.iter().map(ToString::to_string).collect();
            plain(format!("calls {op}({})", args.join(", ")))
        }
        What::Return(value) => plain(format!("returns {}", whole(value))),
        What::CallPanicked => plain("the call panics".to_owned()),
        What::Print {
            stream: Stream::Stdout,
            text,
        } => plain(format!("prints {text:?}")),
        What::Print {
            stream: Stream::Stderr,
            text,
        } => plain(format!("prints {text:?} to standard error")),
        What::Panic { message, place, .. } => {
            let action = format!("panics: {message}");
            Some(RawStep {
                action,
                place: place.clone(),
                value: None,
                switch: None,
                object: None,
            })
        }
        What::Mark { name, value } => plain(format!("notes {name}: {}", whole(value))),
        What::Peer { did, .. } => plain(deed(did)?),
        What::Exited { code, .. } => plain(match code {
            Some(code) => format!("has ended with exit code {code}"),
            None => "was killed".to_owned(),
        }),
    }
}

/// What a peer did, in words; `None` for what its other rows tell.
fn deed(did: &Did) -> Option<String> {
    Some(match did {
        Did::Connected => "is connected".to_owned(),
        Did::NotConnected(reason) => format!("cannot connect: {reason}"),
        Did::Sent(bytes) => format!("sends {bytes}"),
        Did::NotSent(reason) => format!("cannot send: {reason}"),
        Did::Received(bytes) => format!("receives {bytes}"),
        Did::End => "receives the end of input".to_owned(),
        Did::Broken(reason) => format!("finds the connection broken: {reason}"),
        Did::Closed(how) => format!("does a {how}"),
        Did::GaveUp => "has waited long enough and gives up".to_owned(),
        Did::Asked { path, under_way } => {
            format!("is asked for {path} ({under_way} under way)")
        }
        Did::Answered { path } => format!("answers for {path}"),
        Did::Acted | Did::Done => return None,
    })
}

/// A value that stands alone. A text is quoted there even if it reads like the
/// name of a variant: those stand in `Ok(...)` or `Err(...)`.
fn whole(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("{text:?}"),
        value => value.to_string(),
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
            object: None,
        };
        Event {
            thread,
            what: What::Step(step),
        }
    }

    fn execution(events: Vec<Event>) -> Execution {
        let thread = |name: Option<&str>| Thread {
            name: name.map(str::to_owned),
            spawned: None,
            process: 0,
        };
        Execution {
            schedule: String::new(),
            number: 0,
            preemptions: 1,
            ending: Ending::Exited { code: 0 },
            began: 0,
            processes: vec![],
            threads: vec![thread(None), thread(None), thread(Some("writer"))],
            events,
        }
    }

    fn rows(events: Vec<Event>) -> Vec<(u64, String, String)> {
        let rows = timeline(&execution(events)).into_iter();
        rows.map(|row| (row.step, row.name, row.action)).collect()
    }

    fn expected(rows: &[(u64, &str, &str)]) -> Vec<(u64, String, String)> {
        let own = |(step, name, action): &(u64, &str, &str)| {
            (*step, name.to_string(), action.to_string())
        };
        rows.iter().map(own).collect()
    }

    #[test]
    fn calls_and_results_are_rows_and_a_print_is_told_once() {
        let events = vec![
            step(1, "calls", None),
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
        let wanted = [
            (1, "T1", "calls withdraw(60)"),
            (2, "T1", "locks mutex 1"),
            (3, "T2 \"writer\"", "prints \"3\\n\""),
            (4, "T1", "returns Ok(40)"),
        ];
        assert_eq!(rows(events), expected(&wanted));
    }

    #[test]
    fn a_panic_in_a_call_is_told_once() {
        let panic = What::Panic {
            message: "no".to_owned(),
            place: None,
            caught: None,
        };
        let words = "thread 'main' panicked at src/lib.rs:3:1: no".to_owned();
        let whats = [
            panic.clone(),
            What::Print {
                stream: Stream::Stderr,
                text: words.clone(),
            },
            What::CallPanicked,
            What::Print {
                stream: Stream::Stderr,
                text: "later".to_owned(),
            },
        ];
        let events = whats.map(|what| Event { thread: 0, what }).to_vec();
        let wanted = [
            (1, "main", "panics: no"),
            (2, "main", "prints \"later\" to standard error"),
        ];
        assert_eq!(rows(events), expected(&wanted));
    }

    #[test]
    fn a_long_timeline_keeps_its_beginning_and_its_end() {
        let events = (0..1500).map(|n| step(1 + n / 3 % 2, "yields", None));
        let short = shortened(timeline(&execution(events.collect())));
        let numbers: Vec<u64> = short.iter().map(|row| row.step).collect();
        assert_eq!(
            (numbers.len(), numbers[199], numbers[200], numbers[999]),
            (1000, 200, 701, 1500)
        );
        let left_out: Vec<(&str, u64)> = short[200]
            .left_out
            .iter()
            .map(|left_out| (left_out.name.as_str(), left_out.steps))
            .collect();
        assert_eq!(left_out, [("T1", 250), ("T2 \"writer\"", 250)]);
        let marked = short.iter().filter(|row| !row.left_out.is_empty());
        assert_eq!(marked.count(), 1);
    }

    #[test]
    fn a_text_that_is_returned_is_quoted_whatever_it_reads_like() {
        let returned = |value: Value| row(&What::Return(value)).unwrap().action;
        for text in ["Overflow", "UnknownAccount(0)", "no such account"] {
            assert_eq!(returned(text.into()), format!("returns {text:?}"));
        }
        let refused = vec!["Err".into(), Value::from("Overflow")];
        assert_eq!(returned(refused.into()), "returns Err(Overflow)");
    }

    #[test]
    fn steps_on_things_of_ones_own_are_folded() {
        let on = |thread: u32, object: &str, switch: Option<&str>| {
            let mut event = step(thread, &format!("locks {object}"), switch);
            if let What::Step(step) = &mut event.what {
                step.object = Some(object.to_owned());
            }
            event
        };
        let events = vec![
            on(1, "mutex 1", None),
            on(1, "mutex 2", None),
            on(1, "mutex 2", None),
            on(1, "mutex 2", None),
            on(1, "mutex 1", None),
            // Where it was when another came between stays.
            on(1, "mutex 2", None),
            on(2, "mutex 1", Some("T1 was preempted")),
            // Two are not worth a gap.
            on(2, "mutex 3", None),
            on(2, "mutex 3", None),
            on(2, "mutex 1", None),
        ];
        let rows = shortened(timeline(&execution(events)));
        let shown: Vec<u64> = rows.iter().map(|row| row.step).collect();
        assert_eq!(shown, [1, 5, 6, 7, 8, 9, 10]);
        let gap = LeftOut {
            thread: 1,
            name: "T1".to_owned(),
            steps: 3,
        };
        assert_eq!(rows[1].left_out, [gap]);
    }
}
