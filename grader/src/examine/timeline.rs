//! From a replayed execution to the rows that a person reads.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use verdict::placeholder::{ADDRESS, FILE};
use verdict::timeline::{LeftOut, RawStep};
use verdict::{Did, Event, Execution, Step, Stream, Timeline, Value, What, World};

/// Rows that a finding keeps of a long timeline, from its beginning and from
/// its end.
const KEPT: (usize, usize) = (200, 800);
/// Characters of a printed text that are told.
const LONGEST: usize = 200;
/// Fewest steps of a thread in a row, on things of its own, that are left out.
const FOLDED: usize = 3;

/// The timeline of an execution that was recorded with its steps.
///
/// Calls and results of the scenario, what is printed and panics are rows of
/// their own, unless the step beside them says the same already. Of a peer are
/// shown what it did and, where that does not say it, the line of its script.
pub(crate) fn timeline(execution: &Execution, world: &World) -> Timeline {
    let mut rows: Timeline = Vec::new();
    // Why a peer goes on, until what it does then is told.
    let mut switched: Option<(u32, String)> = None;
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
        if let Some(peer) = peer_of(execution, thread) {
            match &event.what {
                What::Step(step) => {
                    if let Some(reason) = &step.switch {
                        switched = Some((thread, reason.clone()));
                    }
                    continue;
                }
                What::Peer { line, did, .. } => {
                    let line = line_of(world, peer, *line);
                    let Some(action) = deed(did, line) else {
                        continue;
                    };
                    let switch = switched.take().filter(|(other, _)| *other == thread);
                    rows.push(Step {
                        step: rows.len() as u64 + 1,
                        thread,
                        name: name(execution, thread),
                        action,
                        place: None,
                        value: None,
                        switch: switch.map(|(_, reason)| reason),
                        own: false,
                        left_out: Vec::new(),
                    });
                    continue;
                }
                // The line of its script says so.
                What::Exited { code: None, .. } => continue,
                _ => {}
            }
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
    let label = execution.label(thread);
    let of = execution.threads.get(thread as usize);
    match of.and_then(|thread| thread.name.as_deref()) {
        Some(given) if thread != 0 => format!("{label} {given:?}"),
        _ => label,
    }
}

/// The name of the peer that a thread is, if it is one.
fn peer_of(execution: &Execution, thread: u32) -> Option<&str> {
    let thread = execution.threads.get(thread as usize)?;
    let process = execution.processes.get(thread.process as usize)?;
    process.peer.then_some(process.name.as_str())
}

/// A line of a peer's script; empty where it is not known.
fn line_of<'a>(world: &'a World, peer: &str, line: u32) -> &'a str {
    let peer = world.peers.iter().find(|other| other.name == peer);
    let line = peer.and_then(|peer| peer.script.lines.get(line as usize));
    line.map_or("", String::as_str)
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
        } => plain(format!("prints {}", cut(text))),
        What::Print {
            stream: Stream::Stderr,
            text,
        } => plain(format!("prints {} to standard error", cut(text))),
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
        // For judges: what stood for a name, and which files are left.
        What::Mark { name, .. } if [ADDRESS, FILE].contains(&name.as_str()) => None,
        What::Mark { name, value } => plain(format!("notes {name}: {}", whole(value))),
        What::Peer { did, .. } => plain(deed(did, "")?),
        What::Exited { code, .. } => plain(match code {
            Some(code) => format!("has ended with exit code {code}"),
            None => "was killed".to_owned(),
        }),
    }
}

/// A text that was printed, in quotes: of a long one the beginning and the end,
/// and how much is left out between. Nobody reads thousands of characters.
fn cut(text: &str) -> String {
    match middle(text) {
        None => format!("{text:?}"),
        Some(middle) => {
            let (head, tail) = (&text[..middle.start], &text[middle.end..]);
            let left_out = middle.len();
            format!("{head:?} ... {left_out} bytes left out ... {tail:?}")
        }
    }
}

/// The same of a path, which has no quotes.
fn cut_path(path: &str) -> String {
    match middle(path) {
        None => path.to_owned(),
        Some(middle) => {
            let (head, tail) = (&path[..middle.start], &path[middle.end..]);
            let left_out = middle.len();
            format!("{head} ... {left_out} bytes left out ... {tail}")
        }
    }
}

/// What is left out of a text that is too long.
fn middle(text: &str) -> Option<Range<usize>> {
    const LAST: usize = LONGEST / 4;
    text.chars().nth(LONGEST)?;
    let start = text.char_indices().nth(LONGEST - LAST)?.0;
    let end = text.char_indices().nth_back(LAST - 1)?.0;
    Some(start..end)
}

/// What a peer did at a line of its script, in words; `None` for what its other
/// rows tell.
fn deed(did: &Did, line: &str) -> Option<String> {
    Some(match did {
        Did::Connected => "is connected".to_owned(),
        Did::NotConnected(reason) => format!("cannot connect: {reason}"),
        Did::Sent(bytes) => format!("sends {bytes}"),
        Did::NotSent(reason) => format!("cannot send: {reason}"),
        Did::Received(bytes) => format!("receives {bytes}"),
        Did::End => "receives the end of input".to_owned(),
        Did::Broken(reason) => format!("finds the connection broken: {reason}"),
        Did::Closed(how) => match how.as_str() {
            "shutdown" => "closes the half that it sends on".to_owned(),
            "close" => "closes its connection".to_owned(),
            "reset" => "resets its connection".to_owned(),
            "vanish" => "vanishes".to_owned(),
            "unlisten" => "listens no longer".to_owned(),
            other => format!("does a {other}"),
        },
        Did::GaveUp if line.is_empty() => "has waited long enough and gives up".to_owned(),
        Did::GaveUp => format!("has waited long enough and gives up: `{line}`"),
        Did::Asked { path, under_way } => {
            format!("is asked for {} ({under_way} under way)", cut_path(path))
        }
        Did::Answered { path } => format!("answers for {}", cut_path(path)),
        Did::Acted if !line.is_empty() => format!("`{line}`"),
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

    #[test]
    fn a_long_text_is_shown_by_its_beginning_and_its_end() {
        assert_eq!(cut("a\n"), r#""a\n""#);
        assert_eq!(cut(&"x".repeat(200)).len(), 202);
        let long = format!("begins{}ends", "ä".repeat(1000));
        let shown = cut(&long);
        assert!(
            shown.starts_with("\"beginsä") && shown.ends_with("äends\""),
            "{shown}"
        );
        // 144 and 46 of the thousand characters of two bytes are shown.
        assert!(
            shown.contains("\" ... 1620 bytes left out ... \""),
            "{shown}"
        );
    }

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
        let rows = timeline(&execution(events), &World::default()).into_iter();
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
        let short = shortened(timeline(&execution(events.collect()), &World::default()));
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
    fn several_processes_are_shown_with_what_their_peers_did() {
        let world = World {
            peers: vec![verdict::Peer {
                name: "ann".to_owned(),
                script: "connect server\ntell gone\nread end".parse().unwrap(),
            }],
            ..World::default()
        };
        let did = |line, did| Event {
            thread: 2,
            what: What::Peer { line, at: 0, did },
        };
        let mut execution = execution(vec![
            step(
                2,
                "connects to 127.0.0.1:1",
                Some("server waits for listener 1"),
            ),
            did(0, Did::Connected),
            step(
                1,
                "accepts from listener 1",
                Some("ann waits for connection 1"),
            ),
            step(2, "tells the others", Some("server T1 is preempted")),
            did(1, Did::Acted),
            did(2, Did::Received(verdict::Bytes::from("aÿ\r\n"))),
            did(2, Did::End),
            did(2, Did::GaveUp),
            did(2, Did::Done),
        ]);
        let process = |name: &str, peer| verdict::Process {
            name: name.to_owned(),
            peer,
            exit: None,
        };
        execution.processes = vec![process("server", false), process("ann", true)];
        execution.threads[2].name = None;
        execution.threads[2].process = 1;
        let rows: Vec<_> = timeline(&execution, &world)
            .into_iter()
            .map(|row| (row.name, row.action, row.switch.unwrap_or_default()))
            .collect();
        let wanted = [
            ("ann", "is connected", "server waits for listener 1"),
            (
                "server T1",
                "accepts from listener 1",
                "ann waits for connection 1",
            ),
            ("ann", "`tell gone`", "server T1 is preempted"),
            ("ann", "receives \"aÿ\\r\\n\"", ""),
            ("ann", "receives the end of input", ""),
            ("ann", "has waited long enough and gives up: `read end`", ""),
        ];
        let wanted = wanted.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned()));
        assert_eq!(rows, wanted);
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
        let rows = shortened(timeline(&execution(events), &World::default()));
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
