//! The summary of a step, in Markdown.
//!
//! Text that is not ours is escaped in one of two ways: on a line every sign of
//! Markdown's and HTML's has a backslash before it, and a text with lines of its
//! own stands in a fence that is longer than any in it.

use std::fmt::Write as _;

use verdict::{Check, CheckOutcome, Outcome};

use super::{Graded, cut};
use crate::report::text;
use crate::report::words::{self, count, visible, visible_line};

/// The widest lines of a timeline.
const WIDTH: usize = 100;
/// The longest message of a verdict or a finding, in characters.
const LONGEST: usize = 20_000;
/// Bytes that are kept free for the last line.
const LAST: usize = 200;

/// The summary, in at most so many bytes: what has no room is counted in its last
/// line. `notes` are sentences that stand before everything else, and `left_out` is
/// the number of annotations that are not shown.
pub(crate) fn summary(all: &[Graded], notes: &[String], left_out: u32, most: usize) -> String {
    let most = most.saturating_sub(LAST);
    let mut text = format!("## {}\n\n", heading(all));
    for note in notes {
        let _ = write!(text, "{}\n\n", line(note));
    }
    if !all.is_empty() {
        text.push_str("| exercise | result | points | asked for |\n| --- | --- | ---: | ---: |\n");
        for graded in all {
            text.push_str(&row(graded));
        }
        text.push('\n');
    }
    if left_out > 0 {
        let _ = write!(
            text,
            "{} more than GitHub shows beside the lines; everything is told here.\n\n",
            count(left_out, "annotation")
        );
    }
    if text.len() > most {
        return "## Lockstep\n\nThere is more to tell than a summary has room for: see the log.\n"
            .to_owned();
    }
    let mut untold = 0;
    for part in all.iter().flat_map(parts) {
        // One that is too long does not keep shorter ones out.
        if text.len() + part.len() <= most {
            text.push_str(&part);
        } else {
            untold += 1;
        }
    }
    if untold > 0 {
        let things = count(untold, "part");
        let _ = writeln!(text, "\n{things} of this summary had no room: see the log.");
    }
    text
}

/// What later steps of a workflow may want to know, as `$GITHUB_OUTPUT` takes it:
/// numbers only.
pub(crate) fn outputs(all: &[Graded]) -> String {
    let (score, max) = points(all);
    format!("score={score}\nmax-score={max}\nexercises={}\n", all.len())
}

/// The points of what has any.
fn points(all: &[Graded]) -> (u32, u32) {
    let verdicts = all.iter().map(|graded| &graded.verdict);
    let with_score = verdicts.filter(|verdict| verdict.outcome != Outcome::InfrastructureError);
    with_score.fold((0, 0), |(score, max), verdict| {
        (score + verdict.score, max + verdict.max_score)
    })
}

fn heading(all: &[Graded]) -> String {
    let (score, max) = points(all);
    match all.is_empty() {
        true => "Lockstep: nothing to grade".to_owned(),
        false => format!("Lockstep: {score} of {}", count(max, "point")),
    }
}

/// A line of the first table.
fn row(graded: &Graded) -> String {
    let verdict = &graded.verdict;
    let failed = |check: &&Check| check.outcome == CheckOutcome::Failed;
    let result = match verdict.outcome {
        Outcome::Graded => match verdict.checks.iter().filter(failed).count() {
            0 => "✅ passed".to_owned(),
            failed => format!("❌ {} failed", count(failed as u32, "check")),
        },
        Outcome::InfrastructureError => format!("⚠️ {}", words::outcome(verdict.outcome)),
        outcome => format!("❌ {}", words::outcome(outcome)),
    };
    let points = match verdict.outcome {
        Outcome::InfrastructureError => format!("–/{}", verdict.max_score),
        _ => format!("{}/{}", verdict.score, verdict.max_score),
    };
    format!(
        "| {} | {result} | {points} | {} |\n",
        line(&verdict.exercise),
        graded.least
    )
}

/// The parts that tell of one verdict.
fn parts(graded: &Graded) -> Vec<String> {
    let verdict = &graded.verdict;
    let mut head = format!("### {}\n\n", line(&verdict.exercise));
    if verdict.outcome == Outcome::Graded {
        head.push_str("| check | result | points | |\n| --- | --- | ---: | --- |\n");
        for check in &verdict.checks {
            let result = match check.outcome {
                CheckOutcome::Passed => "✅ passed",
                CheckOutcome::Failed => "❌ failed",
                CheckOutcome::NotRun => "not run",
            };
            let end = match (&check.finding, &check.coverage) {
                (Some(finding), _) => words::kind(finding.kind),
                (None, Some(coverage)) => coverage,
                (None, None) => "",
            };
            let _ = writeln!(
                head,
                "| {} | {result} | {}/{} | {} |",
                line(&check.title),
                check.points,
                check.max_points,
                line(end)
            );
        }
        head.push('\n');
        let not_run = |check: &Check| check.outcome == CheckOutcome::NotRun;
        if verdict.checks.iter().any(not_run) {
            let _ = write!(head, "{}\n\n", line(&verdict.message));
        }
    } else {
        let message = cut(&verdict.message, LONGEST);
        let _ = write!(
            head,
            "{}:\n\n{}\n",
            words::outcome(verdict.outcome),
            fenced(&message)
        );
    }
    let mut parts = vec![head];
    parts.extend(graded.failed().filter_map(|check| finding(graded, check)));
    parts
}

/// A finding, folded up.
fn finding(graded: &Graded, check: &Check) -> Option<String> {
    let finding = check.finding.as_ref()?;
    let told = text::told(finding, "", WIDTH);
    let told = anstream::adapter::strip_str(&told).to_string();
    let told = cut(&told, LONGEST);
    let again = graded.again.command(check, finding);
    Some(format!(
        "<details><summary>❌ {}: {}</summary>\n\n{}\nSee it again, step by step:\n\n{}\n</details>\n\n",
        html(&check.id),
        html(&check.title),
        fenced(&told),
        fenced(&again)
    ))
}

/// A text on one line, every sign of which stands for itself.
fn line(text: &str) -> String {
    let mut escaped = String::new();
    for c in visible_line(&text.replace('\n', " ")).trim().chars() {
        if c.is_ascii_punctuation() {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// A text within an element of HTML.
fn html(text: &str) -> String {
    let mut escaped = String::new();
    for c in visible_line(text).chars() {
        match c.is_ascii_punctuation() {
            // Markdown is read within lines of HTML, too.
            true => {
                let _ = write!(escaped, "&#{};", u32::from(c));
            }
            false => escaped.push(c),
        }
    }
    escaped
}

/// A text with its lines as they are.
fn fenced(text: &str) -> String {
    let text = visible(text);
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(3.max(longest + 1));
    format!("{fence}text\n{}\n{fence}\n", text.trim_end_matches('\n'))
}
