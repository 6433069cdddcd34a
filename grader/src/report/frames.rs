//! The source lines that matter to a finding, with what each thread does there.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use verdict::{Finding, FindingKind, Place, Step};

use super::words::visible_line;
use crate::submission::Sources;

/// Most lines that are pointed at.
const MOST: usize = 6;

/// A frame around the lines of the submission's own sources that explain a
/// finding; empty where none do. Long source lines are cut at `width`.
pub(crate) fn frames(finding: &Finding, sources: &Sources, width: usize) -> String {
    let (title, steps) = picked(finding, sources);
    let notes = notes(&steps);
    let mut files: Vec<&str> = notes.iter().map(|(place, _)| place.file.as_str()).collect();
    files.sort_unstable();
    files.dedup();
    let snippets: Vec<_> = files
        .into_iter()
        .filter_map(|file| {
            let text = sources.text(file)?;
            let here = notes.iter().filter(|(place, _)| place.file == file);
            let annotations: Vec<_> = here
                .filter_map(|(place, labels)| Some((span(text, place)?, labels)))
                .flat_map(|(span, labels)| {
                    let one = move |label| AnnotationKind::Primary.span(span.clone()).label(label);
                    labels.iter().map(String::as_str).map(one)
                })
                .collect();
            (!annotations.is_empty())
                .then(|| Snippet::source(text).path(file).annotations(annotations))
        })
        .collect();
    if snippets.is_empty() {
        return String::new();
    }
    let title = Level::NOTE.primary_title(title);
    Renderer::styled()
        .term_width(width)
        .render(&[title.elements(snippets)])
        + "\n"
}

/// The one place in the submission's own sources that a finding is about: the
/// first that a frame points at, else where it was last.
pub(super) fn place<'a>(finding: &'a Finding, sources: &Sources) -> Option<&'a Place> {
    let (_, steps) = picked(finding, sources);
    let last = || finding.timeline.iter().rfind(|step| ours(step, sources));
    steps.first().copied().or_else(last)?.place.as_ref()
}

/// What a frame shows, and the steps that it points at.
fn picked<'a>(finding: &'a Finding, sources: &Sources) -> (&'static str, Vec<&'a Step>) {
    let timeline = &finding.timeline;
    match finding.kind {
        FindingKind::Deadlock | FindingKind::LostWakeup | FindingKind::NoAnswer => {
            ("where the threads wait", at_rest(timeline, sources))
        }
        FindingKind::Livelock | FindingKind::Polling => {
            ("where the threads go round", at_rest(timeline, sources))
        }
        FindingKind::Panic => ("where it panics", panics(timeline, sources)),
        _ => {
            let taken = |words: &[&str]| {
                let is_it = |reason: &str| words.iter().any(|words| reason.contains(words));
                switches(timeline, sources, is_it)
            };
            let between = taken(&["is preempted", "without a reason"]);
            if !between.is_empty() {
                return ("where the threads come between each other", between);
            }
            let printed = match finding.kind {
                FindingKind::WrongOutput | FindingKind::WrongThread => prints(finding, sources),
                _ => Vec::new(),
            };
            if !printed.is_empty() {
                return ("where it prints that", printed);
            }
            let waited = taken(&["has come"]);
            if !waited.is_empty() {
                return ("where a time comes that was waited for", waited);
            }
            match finding.kind {
                FindingKind::WrongAnswer => ("where it sends that", sends(timeline, sources)),
                // Only those that wait for each other, or yield, take turns: who
                // begins when another has ended does not.
                FindingKind::NotLinearizable | FindingKind::WrongConcurrency => {
                    let turns = |reason: &str| !reason.contains("has ended");
                    let title = "where the threads take turns";
                    (title, switches(timeline, sources, turns))
                }
                // Nobody came between, so it is no matter of the order.
                _ => ("", Vec::new()),
            }
        }
    }
}

/// Where each thread came to rest.
fn at_rest<'a>(timeline: &'a [Step], sources: &Sources) -> Vec<&'a Step> {
    let mut last: Vec<&Step> = Vec::new();
    for step in timeline.iter().rev().filter(|step| ours(step, sources)) {
        if !last.iter().any(|other| other.thread == step.thread) {
            last.push(step);
        }
    }
    last
}

/// The first panic that no check began by itself; if it is not in the sources,
/// what its thread did there last.
fn panics<'a>(timeline: &'a [Step], sources: &Sources) -> Vec<&'a Step> {
    let of_check = |step: &Step| {
        let place = step.place.as_ref();
        place.is_some_and(|place| place.file.starts_with("check/"))
    };
    let panic = timeline
        .iter()
        .position(|step| step.action.starts_with("panics") && !of_check(step));
    let Some(panic) = panic else {
        return Vec::new();
    };
    let thread = timeline[panic].thread;
    let before = timeline[..=panic].iter().rev();
    before
        .filter(|step| step.thread == thread && ours(step, sources))
        .take(1)
        .collect()
}

/// Where a thread was when another came between, and how both go on.
fn switches<'a>(
    timeline: &'a [Step],
    sources: &Sources,
    counts: impl Fn(&str) -> bool,
) -> Vec<&'a Step> {
    let mut picked: Vec<usize> = Vec::new();
    for (index, pair) in timeline.windows(2).enumerate() {
        let [before, after] = pair else { continue };
        if !after.switch.as_deref().is_some_and(&counts) {
            continue;
        }
        let own = |thread: u32| {
            let steps = timeline.iter().enumerate();
            steps.filter(move |(_, step)| step.thread == thread && ours(step, sources))
        };
        let last = own(before.thread).take_while(|(at, _)| *at <= index).last();
        let next = |thread| own(thread).find(|(at, _)| *at > index);
        let around = [last, next(after.thread), next(before.thread)];
        picked.extend(around.into_iter().flatten().map(|(at, _)| at));
    }
    picked.sort_unstable();
    picked.dedup();
    picked.into_iter().map(|at| &timeline[at]).collect()
}

/// The step that prints what the message complains of.
fn prints<'a>(finding: &'a Finding, sources: &Sources) -> Vec<&'a Step> {
    let complained = |step: &&Step| {
        let printed = step.action.strip_prefix("prints ");
        // What is printed is the value of the step, or stands in it.
        let text = printed.map(|rest| step.value.as_deref().unwrap_or(rest));
        text.is_some_and(|text| {
            let text = text.trim_matches('"').trim_end_matches("\\n");
            if text.is_empty() {
                return false;
            }
            let told = format!("{} printed ", step.name);
            let mut after = finding.message.split(&told).skip(1);
            let by_name = after.any(|rest| {
                let rest = rest.trim_start_matches("both ");
                let rest = rest.trim_start_matches(['"', '`']);
                rest.strip_prefix(text)
                    .is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
            });
            // Or it is quoted, with the end of its line or without it.
            let mut quoted = finding.message.split(['"', '`']);
            by_name || quoted.any(|quoted| quoted.trim_end_matches("\\n") == text)
        })
    };
    let steps = finding.timeline.iter().rev();
    let steps = steps.filter(|step| ours(step, sources));
    steps.filter(complained).take(1).collect()
}

/// What was sent last over a connection, and by whom else before.
fn sends<'a>(timeline: &'a [Step], sources: &Sources) -> Vec<&'a Step> {
    let steps = timeline.iter().rev().filter(|step| ours(step, sources));
    let mut last: Vec<&Step> = Vec::new();
    for step in steps {
        let sends = ["writes to connection", "sends to"];
        let known = last.iter().any(|other| other.thread == step.thread);
        if sends.iter().any(|verb| step.action.starts_with(verb)) && !known {
            last.push(step);
        }
    }
    last
}

/// What a step does, with the value that passed.
fn told(step: &Step) -> String {
    match &step.value {
        Some(value) => format!("{}: {value}", step.action),
        None => step.action.clone(),
    }
}

/// The places of some steps, and what happens at each.
fn notes(steps: &[&Step]) -> Vec<(Place, Vec<String>)> {
    let mut notes: Vec<(Place, Vec<String>)> = Vec::new();
    for step in steps {
        let Some(place) = &step.place else {
            continue;
        };
        let label = visible_line(&format!("{} {}", step.name, told(step)));
        let known = notes
            .iter()
            .position(|(known, _)| known.file == place.file && known.line == place.line);
        match known {
            Some(index) if notes[index].1.contains(&label) => {}
            Some(index) => notes[index].1.push(label),
            None if notes.len() < MOST => notes.push((place.clone(), vec![label])),
            None => {}
        }
    }
    notes
}

/// Whether a step is in the submission's sources.
fn ours(step: &Step, sources: &Sources) -> bool {
    let place = step.place.as_ref();
    place.is_some_and(|place| sources.has(&place.file))
}

/// What is at a place, in bytes.
fn span(text: &str, place: &Place) -> Option<std::ops::Range<usize>> {
    let mut start = 0;
    let lines = text.split_inclusive('\n');
    for (number, line) in (1..).zip(lines) {
        if number == place.line {
            let content = line.trim_end();
            let column = usize::try_from(place.column).ok()?.saturating_sub(1);
            let offset = content
                .char_indices()
                .nth(column)
                .map(|(offset, _)| offset)?;
            let length = call(&content[offset..]);
            return Some(start + offset..start + offset + length);
        }
        start += line.len();
    }
    None
}

/// How many bytes of a line the call or expression takes that it begins with: a
/// name with what is in its parentheses, where these are closed on the line, and
/// the name alone where they are not; of anything else, all up to the end of the
/// statement or of what it is in.
fn call(line: &str) -> usize {
    let mut depth = 0usize;
    let mut name = None;
    let mut chars = line.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        let is_name = c.is_alphanumeric() || matches!(c, '_' | ':' | '!' | '#');
        match c {
            '"' => skip_string(&mut chars),
            // A character, not a lifetime.
            '\'' if line[at + 1..].chars().nth(1) == Some('\'') || next == Some('\\') => {
                skip_character(&mut chars);
            }
            '/' if next == Some('/') => return line[..at].trim_end().len(),
            '(' | '[' | '{' => {
                if depth == 0 && name.is_none() && at > 0 {
                    name = Some(at);
                }
                depth += 1;
            }
            ')' | ']' | '}' if depth == 0 => return line[..at].trim_end().len(),
            ')' | ']' | '}' => {
                depth -= 1;
                if depth == 0 && name.is_some_and(|name| name < at) {
                    return at + c.len_utf8();
                }
            }
            ';' | ',' if depth == 0 => return line[..at].trim_end().len(),
            // No name, and so no call: a sum, say. All of it counts.
            _ if depth == 0 && name.is_none() && !is_name && !in_generics(&line[..at], c) => {
                name = Some(usize::MAX);
            }
            _ => {}
        }
    }
    match name {
        Some(name) if depth > 0 && name < line.len() => name,
        _ => line.trim_end().len(),
    }
}

/// Whether a character belongs to the generic arguments of a name
/// (`channel::<u32>`), of which this is the beginning.
fn in_generics(before: &str, c: char) -> bool {
    let open = |arguments: &str| {
        let count = |bracket| arguments.matches(bracket).count();
        count('<') > count('>')
    };
    match before.split_once("::<") {
        Some((_, arguments)) => open(&format!("<{arguments}")),
        None => before.ends_with("::") && c == '<',
    }
}

type Chars<'a> = std::iter::Peekable<std::str::CharIndices<'a>>;

/// Goes on behind the end of a string.
fn skip_string(chars: &mut Chars<'_>) {
    while let Some((_, c)) = chars.next() {
        match c {
            '\\' => {
                chars.next();
            }
            '"' => return,
            _ => {}
        }
    }
}

/// Goes on behind the end of a character.
fn skip_character(chars: &mut Chars<'_>) {
    if let Some((_, '\\')) = chars.next() {
        chars.next();
    }
    while chars.next_if(|(_, c)| *c != '\'').is_some() {}
    chars.next();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(thread: u32, action: &str, line: u32, column: u32, switch: Option<&str>) -> Step {
        Step {
            step: 0,
            thread,
            name: format!("T{thread}"),
            action: action.to_owned(),
            place: Some(Place {
                file: "src/lib.rs".to_owned(),
                line,
                column,
            }),
            value: None,
            switch: switch.map(str::to_owned),
            own: false,
            left_out: Vec::new(),
        }
    }

    fn sources(text: &str) -> Sources {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("src")).unwrap();
        std::fs::write(folder.path().join("src/lib.rs"), text).unwrap();
        Sources::read(folder.path(), crate::course::Kind::Library)
            .unwrap()
            .unwrap()
    }

    fn framed(kind: FindingKind, timeline: Vec<Step>) -> String {
        complaint(kind, "", timeline)
    }

    fn complaint(kind: FindingKind, message: &str, timeline: Vec<Step>) -> String {
        let finding = Finding {
            kind,
            message: message.to_owned(),
            contract: String::new(),
            schedule: String::new(),
            timeline,
        };
        let sources =
            sources("fn both() {\n    let a = a.lock();\n    let b = b.lock(); // then b\n}\n");
        anstream::adapter::strip_str(&frames(&finding, &sources, 100)).to_string()
    }

    #[test]
    fn a_deadlock_shows_where_each_thread_came_to_rest() {
        let timeline = vec![
            step(1, "locks mutex 1", 2, 15, None),
            step(2, "locks mutex 2", 2, 15, Some("T1 was preempted")),
            step(1, "waits for mutex 2", 3, 15, Some("T2 was preempted")),
            step(2, "waits for mutex 1", 3, 15, Some("T1 waits")),
        ];
        insta::assert_snapshot!(framed(FindingKind::Deadlock, timeline), @r#"
        note: where the threads wait
         --> src/lib.rs:3:15
          |
        3 |     let b = b.lock(); // then b
          |               ^^^^^^
          |               |
          |               T2 waits for mutex 1
          |               T1 waits for mutex 2
        "#);
    }

    #[test]
    fn what_is_pointed_at_is_the_call_and_not_the_rest_of_the_line() {
        for (line, pointed_at) in [
            ("lock().unwrap() += 1;", "lock()"),
            ("send(\"a) b\").unwrap();", "send(\"a) b\")"),
            ("send(')'); next();", "send(')')"),
            ("spawn(move || {", "spawn"),
            ("thread::spawn(work).join();", "thread::spawn(work)"),
            ("println!(\"{x}\"); // x", "println!(\"{x}\")"),
            ("assert!(a < b, \"no\");", "assert!(a < b, \"no\")"),
            ("channel::<Vec<u32>>();", "channel::<Vec<u32>>()"),
            ("count + 1;", "count + 1"),
            ("count + f(1) - 2) {", "count + f(1) - 2"),
            ("recv() // the last", "recv()"),
            ("values[index] = 3;", "values[index]"),
            ("park", "park"),
        ] {
            assert_eq!(&line[..call(line)], pointed_at, "{line}");
        }
    }

    #[test]
    fn where_nobody_comes_between_nobody_says_so() {
        let timeline = vec![
            step(1, "locks mutex 1", 2, 15, None),
            step(2, "locks mutex 1", 3, 15, Some("T1 has ended")),
        ];
        let framed = framed(FindingKind::NotLinearizable, timeline.clone());
        assert_eq!(framed, "");
        let mut timeline = timeline;
        timeline[1].switch = Some("T1 waits for mutex 2".to_owned());
        let framed = self::framed(FindingKind::NotLinearizable, timeline);
        assert!(framed.contains("where the threads take turns"), "{framed}");
    }

    #[test]
    fn a_place_that_is_not_there_is_left_out() {
        let timeline = vec![
            step(1, "locks mutex 1", 200, 1, None),
            step(2, "x", 2, 150, Some("s")),
        ];
        assert_eq!(framed(FindingKind::Deadlock, timeline.clone()), "");
        assert_eq!(framed(FindingKind::WrongResult, timeline), "");
    }

    #[test]
    fn a_panic_shows_the_step_that_panics_and_not_the_last_one() {
        let mut of_check = step(2, "panics: by design", 1, 1, None);
        of_check.place.as_mut().unwrap().file = "check/scenarios.rs".to_owned();
        let timeline = vec![
            of_check,
            step(1, "panics: attempt to add with overflow", 2, 13, None),
            step(0, "unlocks mutex 1", 3, 13, None),
        ];
        insta::assert_snapshot!(framed(FindingKind::Panic, timeline.clone()), @r#"
        note: where it panics
         --> src/lib.rs:2:13
          |
        2 |     let a = a.lock();
          |             ^^^^^^^^ T1 panics: attempt to add with overflow
        "#);
        // A panic inside of std is shown where its thread was last.
        let mut inside = timeline;
        inside[1].place = None;
        inside.insert(1, step(1, "locks mutex 1", 3, 13, None));
        insta::assert_snapshot!(framed(FindingKind::Panic, inside), @r#"
        note: where it panics
         --> src/lib.rs:3:13
          |
        3 |     let b = b.lock(); // then b
          |             ^^^^^^^^ T1 locks mutex 1
        "#);
        let unknown = vec![step(0, "unlocks mutex 1", 3, 13, None)];
        assert_eq!(framed(FindingKind::Panic, unknown), "");
    }

    #[test]
    fn wrong_output_points_at_the_step_that_prints_it() {
        let timeline = vec![
            step(1, "prints \"1\\n\"", 2, 13, None),
            step(2, "prints \"3\\n\"", 3, 13, Some("T1 has ended")),
            step(1, "prints \"33\\n\"", 2, 13, Some("T2 waits")),
        ];
        let mut timeline = timeline;
        timeline[1].action = "prints to standard output".to_owned();
        timeline[1].value = Some("\"3\\n\"".to_owned());
        let told = |message| complaint(FindingKind::WrongOutput, message, timeline.clone());
        insta::assert_snapshot!(told("after 1, T2 printed 3 where 2 belongs"), @r#"
        note: where it prints that
         --> src/lib.rs:3:13
          |
        3 |     let b = b.lock(); // then b
          |             ^^^^^^^^ T2 prints to standard output: "3\n"
        "#);
        assert_eq!(told("not one schedule prints the numbers"), "");
        // Quoted as a line, or with its end.
        for message in [
            "the line \"33\" is not a number",
            "but \"33\\n\" was printed",
        ] {
            assert!(told(message).contains("T1 prints \"33\\n\""), "{message}");
        }
        assert_eq!(told("T1 printed 3 where 2 belongs"), "");
    }

    #[test]
    fn a_wrong_answer_points_at_what_each_thread_sent_last() {
        let timeline = vec![
            step(1, "writes to connection 1: \"a\"", 1, 1, None),
            step(1, "writes to connection 1: \"b\"", 2, 13, None),
            step(1, "closes connection 1", 3, 13, None),
        ];
        insta::assert_snapshot!(framed(FindingKind::WrongAnswer, timeline), @r#"
        note: where it sends that
         --> src/lib.rs:2:13
          |
        2 |     let a = a.lock();
          |             ^^^^^^^^ T1 writes to connection 1: "b"
        "#);
    }

    #[test]
    fn where_nobody_answers_it_points_at_where_the_threads_wait() {
        let mut peer = step(2, "has waited long enough and gives up", 1, 1, None);
        peer.place = None;
        let timeline = vec![
            step(1, "accepts from listener 1", 1, 1, None),
            peer,
            step(
                1,
                "still waits for connection 1",
                2,
                13,
                Some("ann has ended"),
            ),
        ];
        insta::assert_snapshot!(framed(FindingKind::NoAnswer, timeline), @r#"
        note: where the threads wait
         --> src/lib.rs:2:13
          |
        2 |     let a = a.lock();
          |             ^^^^^^^^ T1 still waits for connection 1
        "#);
    }

    #[test]
    fn wrong_output_of_a_preemption_shows_where_the_threads_meet() {
        let mut call = step(2, "calls add()", 1, 1, Some("T1 is preempted"));
        call.place = None;
        let timeline = vec![
            step(1, "unlocks mutex 1", 2, 13, None),
            call,
            step(2, "prints \"3\\n\"", 3, 13, None),
            step(2, "unlocks mutex 2", 1, 4, None),
            step(1, "locks mutex 1", 3, 13, Some("T2 has ended")),
        ];
        insta::assert_snapshot!(framed(FindingKind::WrongOutput, timeline), @r#"
        note: where the threads come between each other
         --> src/lib.rs:2:13
          |
        2 |     let a = a.lock();
          |             ^^^^^^^^ T1 unlocks mutex 1
        3 |     let b = b.lock(); // then b
          |             ^^^^^^^^
          |             |
          |             T2 prints "3\n"
          |             T1 locks mutex 1
        "#);
    }
}
