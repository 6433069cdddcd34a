//! The source lines that matter to a finding, with what each thread does there.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use verdict::{Finding, FindingKind, Place, Step};

use crate::submission::Sources;

/// Most lines that are pointed at.
const MOST: usize = 6;

/// A frame around the lines of the submission's own sources that explain a
/// finding; empty where none do.
pub(crate) fn frames(finding: &Finding, sources: &Sources) -> String {
    let notes = notes(finding);
    let mut files: Vec<&str> = notes.iter().map(|(place, _)| place.file.as_str()).collect();
    files.sort_unstable();
    files.dedup();
    let snippets: Vec<_> = files
        .into_iter()
        .filter_map(|file| {
            let text = sources.text(file)?;
            let here = notes.iter().filter(|(place, _)| place.file == file);
            let annotations: Vec<_> = here
                .filter_map(|(place, label)| {
                    Some(
                        AnnotationKind::Primary
                            .span(span(text, place)?)
                            .label(label.as_str()),
                    )
                })
                .collect();
            (!annotations.is_empty())
                .then(|| Snippet::source(text).path(file).annotations(annotations))
        })
        .collect();
    if snippets.is_empty() {
        return String::new();
    }
    let title = Level::NOTE.primary_title(title(finding.kind));
    Renderer::styled().render(&[title.elements(snippets)]) + "\n"
}

fn title(kind: FindingKind) -> &'static str {
    match kind {
        FindingKind::Deadlock | FindingKind::LostWakeup => "where the threads wait",
        FindingKind::Livelock | FindingKind::Polling => "where the threads go round",
        FindingKind::Panic => "where it panics",
        _ => "where the threads come between each other",
    }
}

/// The places worth a look, and what happens there.
fn notes(finding: &Finding) -> Vec<(Place, String)> {
    let timeline = &finding.timeline;
    let steps: Vec<&Step> = match finding.kind {
        // Where each thread came to rest.
        FindingKind::Deadlock
        | FindingKind::LostWakeup
        | FindingKind::Livelock
        | FindingKind::Polling => {
            let mut last: Vec<&Step> = Vec::new();
            for step in timeline.iter().rev().filter(|step| ours(step)) {
                if !last.iter().any(|other| other.thread == step.thread) {
                    last.push(step);
                }
            }
            last
        }
        FindingKind::Panic => timeline
            .iter()
            .rev()
            .filter(|step| ours(step))
            .take(1)
            .collect(),
        // Where a thread was when another came between, and how both go on.
        _ => {
            let switches = timeline.windows(2).filter(|pair| pair[1].switch.is_some());
            switches.flatten().filter(|step| ours(step)).collect()
        }
    };
    let mut notes: Vec<(Place, String)> = Vec::new();
    for step in steps {
        let (Some(place), label) = (&step.place, format!("{} {}", step.name, step.action)) else {
            continue;
        };
        let known = notes
            .iter()
            .position(|(known, _)| known.file == place.file && known.line == place.line);
        match known {
            Some(index) if notes[index].1.contains(&label) => {}
            Some(index) => notes[index].1.push_str(&format!("; {label}")),
            None if notes.len() < MOST => notes.push((place.clone(), label)),
            None => {}
        }
    }
    notes
}

/// Whether a step is in the submission's sources.
fn ours(step: &Step) -> bool {
    step.place
        .as_ref()
        .is_some_and(|place| place.file.starts_with("src/"))
}

/// From a place to the end of its line, in bytes.
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
            // Up to the end of the expression that a person would point at:
            // the rest of the line, without a comment behind it.
            let rest = content[offset..]
                .split(" //")
                .next()
                .unwrap_or_default()
                .trim_end();
            return Some(start + offset..start + offset + rest.len());
        }
        start += line.len();
    }
    None
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
        let finding = Finding {
            kind,
            message: String::new(),
            contract: String::new(),
            schedule: String::new(),
            timeline,
        };
        let sources =
            sources("fn both() {\n    let a = a.lock();\n    let b = b.lock(); // then b\n}\n");
        anstream::adapter::strip_str(&frames(&finding, &sources)).to_string()
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
          |               ^^^^^^^ T2 waits for mutex 1; T1 waits for mutex 2
        "#);
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
}
