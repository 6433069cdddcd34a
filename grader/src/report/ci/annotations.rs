//! The commands of a workflow: annotations on lines of the sources, and what
//! keeps a text from being taken for a command.
//!
//! <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>

use std::fmt::Write as _;

use verdict::{Check, CheckOutcome, Finding, Outcome};

use super::{Graded, cut};
use crate::report::frames::place;
use crate::report::words::{self, count, visible, visible_line};

/// The most of each kind that GitHub shows of one step.
const MOST: usize = 10;
/// The longest message and the longest title, in characters.
const LONGEST: (usize, usize) = (3000, 200);

/// Annotations, and how many there are no room for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    /// Commands, each on a line.
    pub(crate) commands: String,
    /// How many more there are.
    pub(crate) left_out: u32,
}

/// How much an annotation matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Error,
    Warning,
    Notice,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Notice => "notice",
        }
    }
}

/// What is told at a line.
#[derive(Debug)]
struct Annotation {
    level: Level,
    at: Option<Spot>,
    title: String,
    message: String,
}

/// Where something is told.
#[derive(Debug)]
struct Spot {
    /// The file, relative to the repository's root.
    file: String,
    /// The line and the column, from 1, where these are known.
    place: Option<(u32, u32)>,
}

impl Annotation {
    /// The command that has the runner show it.
    fn command(&self) -> String {
        let mut properties = Vec::new();
        if let Some(Spot { file, place }) = &self.at {
            properties.push(format!("file={}", property(&visible_line(file))));
            if let Some((line, column)) = place {
                properties.push(format!("line={line},col={column}"));
            }
        }
        let title = cut(&visible_line(&self.title), LONGEST.1);
        properties.push(format!("title={}", property(&title)));
        let message = cut(&visible(&self.message), LONGEST.0);
        let (name, properties) = (self.level.name(), properties.join(","));
        format!("::{name} {properties}::{}\n", data(&message))
    }
}

/// A text after the `::` of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The value of a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// The line that keeps the runner from carrying out commands until [`resume`].
/// Nobody who is to be kept from it may know the token.
pub(crate) fn stop(token: &str) -> String {
    format!("::stop-commands::{token}\n")
}

/// The line that ends that.
pub(crate) fn resume(token: &str) -> String {
    format!("::{token}::\n")
}

/// The annotation that tells why nothing was graded.
pub(crate) fn complaint(why: &str) -> String {
    let annotation = Annotation {
        level: Level::Error,
        at: None,
        title: "the grader could not grade".to_owned(),
        message: why.to_owned(),
    };
    annotation.command()
}

/// The annotations of several verdicts: as many of each kind as are shown, fairly
/// from each.
pub(crate) fn annotations(all: &[Graded]) -> Shown {
    let each: Vec<Vec<Annotation>> = all.iter().map(of).collect();
    let longest = each.iter().map(Vec::len).max().unwrap_or_default();
    let in_turn = (0..longest).flat_map(|turn| each.iter().filter_map(move |of| of.get(turn)));
    let mut shown = Shown {
        commands: String::new(),
        left_out: 0,
    };
    let mut counts = [0; 3];
    for annotation in in_turn {
        let count = &mut counts[annotation.level as usize];
        *count += 1;
        if *count <= MOST {
            shown.commands.push_str(&annotation.command());
        } else {
            shown.left_out += 1;
        }
    }
    shown
}

/// The annotations of a verdict.
fn of(graded: &Graded) -> Vec<Annotation> {
    let verdict = &graded.verdict;
    let name = &verdict.exercise;
    let title = format!("{name}: {}", words::outcome(verdict.outcome));
    let mut all = match verdict.outcome {
        Outcome::Graded => findings(graded),
        Outcome::DoesNotCompile => errors(graded, &title),
        Outcome::Refused | Outcome::InfrastructureError => vec![Annotation {
            level: Level::Error,
            at: anywhere(graded),
            title,
            message: verdict.message.clone(),
        }],
    };
    if verdict.outcome != Outcome::InfrastructureError {
        let points = count(verdict.max_score, "point");
        let mut message = format!("{} of {points}", verdict.score);
        if !graded.suffices() {
            let _ = write!(message, "; at least {} are asked for", graded.least);
        }
        all.push(Annotation {
            level: Level::Notice,
            at: None,
            title: name.clone(),
            message,
        });
    }
    all
}

/// What the checks have found, and which were not run.
fn findings(graded: &Graded) -> Vec<Annotation> {
    let verdict = &graded.verdict;
    // Who has points enough is not called to order.
    let level = match graded.suffices() {
        true => Level::Warning,
        false => Level::Error,
    };
    let finding = |check: &Check| {
        let finding = check.finding.as_ref()?;
        Some(Annotation {
            level,
            at: at(graded, finding),
            title: format!("{}: {}", verdict.exercise, check.title),
            message: told(graded, check, finding),
        })
    };
    let mut all: Vec<Annotation> = graded.failed().filter_map(finding).collect();
    let not_run = |check: &&Check| check.outcome == CheckOutcome::NotRun;
    if verdict.checks.iter().any(|check| not_run(&check)) {
        let titles = verdict.checks.iter().filter(not_run);
        let titles: Vec<&str> = titles.map(|check| check.title.as_str()).collect();
        all.push(Annotation {
            level: Level::Warning,
            at: None,
            title: format!("{}: {} not run", verdict.exercise, titles.len()),
            message: format!("{}\n{}", verdict.message, titles.join("\n")),
        });
    }
    all
}

/// A finding in words.
fn told(graded: &Graded, check: &Check, finding: &Finding) -> String {
    let kind = words::kind(finding.kind);
    let mut text = format!("{kind}: {}", finding.message);
    if !finding.contract.is_empty() {
        let _ = write!(text, "\n\nthe contract says: {}", finding.contract);
    }
    let _ = write!(text, "\n\nagain: {}", graded.again.command(check, finding));
    text
}

/// Where a finding is.
fn at(graded: &Graded, finding: &Finding) -> Option<Spot> {
    let sources = graded.sources.as_ref()?;
    match place(finding, sources) {
        Some(place) => Some(Spot {
            file: graded.path(&place.file),
            place: Some((place.line, place.column)),
        }),
        None => anywhere(graded),
    }
}

/// The file that a crate begins with, for what has no place.
fn anywhere(graded: &Graded) -> Option<Spot> {
    let sources = graded.sources.as_ref()?;
    let entry = ["src/lib.rs", "src/main.rs"]
        .into_iter()
        .find(|entry| sources.has(entry))?;
    Some(Spot {
        file: graded.path(entry),
        place: None,
    })
}

/// The errors of a compiler, each at its own line; what has none is told as one.
fn errors(graded: &Graded, title: &str) -> Vec<Annotation> {
    let mut errors: Vec<Annotation> = Vec::new();
    let mut error = None;
    for line in graded.verdict.message.lines() {
        if line.starts_with("error") {
            error = Some(line);
        }
        let place = line.trim_start().strip_prefix("--> ").and_then(read);
        if let (Some((file, line, column)), Some(message)) = (place, error)
            && let Some(sources) = &graded.sources
            && sources.has(file)
        {
            // Only the first place of an error is where it is.
            error = None;
            errors.push(Annotation {
                level: Level::Error,
                at: Some(Spot {
                    file: graded.path(file),
                    place: Some((line, column)),
                }),
                title: title.to_owned(),
                message: message.to_owned(),
            });
        }
    }
    if errors.is_empty() {
        errors.push(Annotation {
            level: Level::Error,
            at: anywhere(graded),
            title: title.to_owned(),
            message: graded.verdict.message.clone(),
        });
    }
    errors
}

/// A place as compilers write it: `src/lib.rs:3:5`.
fn read(place: &str) -> Option<(&str, u32, u32)> {
    let (rest, column) = place.trim_end().rsplit_once(':')?;
    let (file, line) = rest.rsplit_once(':')?;
    Some((file, line.parse().ok()?, column.parse().ok()?))
}
