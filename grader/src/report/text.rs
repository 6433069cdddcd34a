//! What a person reads on a terminal.

use std::fmt::Write as _;

use verdict::{Check, CheckOutcome, Finding, Outcome, Timeline, Verdict};

use super::timeline;
use super::words::{self, count, quoted};
use crate::course::Exercise;
use crate::ui::style::{BAD, CODE, GOOD, HEAD, WARN, paint};

/// Widths that keep the lines of one submission aligned.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout {
    title: usize,
    points: usize,
}

impl Layout {
    /// The layout of an exercise's checks.
    pub(crate) fn of(exercise: &Exercise) -> Layout {
        let widest = |measure: fn(&crate::course::Check) -> usize| {
            exercise.checks().iter().map(measure).max()
        };
        Layout {
            title: widest(|check| check.title.chars().count()).unwrap_or_default(),
            points: widest(|check| 2 * check.points.to_string().len() + 1).unwrap_or_default(),
        }
    }
}

/// The line above a submission's checks.
pub(crate) fn heading(exercise: &str, submission: &str) -> String {
    format!("{}  {}\n", paint(HEAD, exercise), paint(CODE, submission))
}

/// The line of a check.
pub(crate) fn check_line(check: &Check, layout: Layout) -> String {
    let word = match check.outcome {
        CheckOutcome::Passed => paint(GOOD, "passed "),
        CheckOutcome::Failed => paint(BAD, "FAILED "),
        CheckOutcome::NotRun => paint(WARN, "not run"),
    };
    let points = format!("{}/{}", check.points, check.max_points);
    let end = match (&check.finding, &check.coverage) {
        (Some(finding), _) => words::kind(finding.kind),
        (None, Some(coverage)) => coverage,
        (None, None) => "",
    };
    let line = format!(
        "  {word}  {points:>points_width$}  {:title_width$}  {end}",
        check.title,
        points_width = layout.points,
        title_width = layout.title,
    );
    format!("{}\n", line.trim_end())
}

/// The line below a submission's checks.
pub(crate) fn score(verdict: &Verdict) -> String {
    match verdict.outcome {
        Outcome::Graded => {
            let full = verdict.score == verdict.max_score;
            let points = format!("{}/{}", verdict.score, count(verdict.max_score, "point"));
            format!("  {}\n", paint(if full { GOOD } else { BAD }, points))
        }
        outcome => {
            let style = if outcome == Outcome::InfrastructureError {
                WARN
            } else {
                BAD
            };
            let score = match outcome {
                Outcome::InfrastructureError => String::new(),
                _ => format!(
                    "  {}\n",
                    paint(BAD, format_args!("0/{}", count(verdict.max_score, "point")))
                ),
            };
            let message = indented(&verdict.message, "    ");
            format!(
                "  {}\n{message}{score}",
                paint(style, words::outcome(outcome))
            )
        }
    }
}

/// What there is to know of a failed check: what is wrong, with which sentence
/// of the contract, in which execution, and how to see it again.
///
/// `replay` is the beginning of the command that replays it.
pub(crate) fn details(replay: &str, check: &Check, finding: &Finding, frames: &str) -> String {
    let mut text = format!(
        "\n{} {}\n\n",
        paint(BAD, format_args!("{}:", check.id)),
        paint(HEAD, &check.title)
    );
    for line in finding.message.lines() {
        text.push_str(&wrapped(line, "  "));
    }
    if !finding.contract.is_empty() {
        let _ = write!(
            text,
            "\n  {}\n{}",
            paint(HEAD, "the contract says"),
            wrapped(&finding.contract, "    ")
        );
    }
    if !finding.timeline.is_empty() {
        let _ = write!(
            text,
            "\n{}",
            indented(&timeline::table(&finding.timeline, false), "  ")
        );
    }
    if !frames.is_empty() {
        let _ = write!(text, "\n{}", indented(frames, "  "));
    }
    if !finding.schedule.is_empty() {
        let schedule = quoted(&finding.schedule);
        let command = format!("{replay} --check {} --schedule {schedule}", check.id);
        let _ = write!(text, "\n  again: {}\n", paint(CODE, command));
    }
    text
}

/// The beginning of the command that replays a schedule of a submission, with
/// the options that it was graded with.
pub(crate) fn replay(submission: &str, options: &[&str]) -> String {
    let words = ["grader", "replay", submission]
        .into_iter()
        .chain(options.iter().copied());
    words.map(quoted).collect::<Vec<_>>().join(" ")
}

/// An execution that was replayed because a person asked for it.
pub(crate) fn replayed(timeline: &Timeline, finding: Option<&Finding>, frames: &str) -> String {
    let mut text = timeline::table(timeline, true);
    if !frames.is_empty() {
        let _ = write!(text, "\n{frames}");
    }
    match finding {
        None => {
            let _ = writeln!(
                text,
                "\n{}",
                paint(GOOD, "this schedule keeps the contract")
            );
        }
        Some(finding) => {
            let _ = write!(
                text,
                "\n{} ",
                paint(BAD, format_args!("{}:", words::kind(finding.kind)))
            );
            let _ = writeln!(text, "{}", finding.message);
            if !finding.contract.is_empty() {
                let _ = write!(
                    text,
                    "\n{}\n{}",
                    paint(HEAD, "the contract says"),
                    wrapped(&finding.contract, "  ")
                );
            }
        }
    }
    text
}

/// Rows of cells in aligned columns. Cells may be styled as a whole.
pub(crate) fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |cell: &str| {
        anstream::adapter::strip_str(cell)
            .to_string()
            .chars()
            .count()
    };
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            rows.iter()
                .filter_map(|row| row.get(column))
                .map(|cell| width(cell))
                .max()
                .unwrap_or_default()
        })
        .collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, wanted) in row.iter().zip(&widths) {
            let _ = write!(line, "{cell}{:fill$}  ", "", fill = wanted - width(cell));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Each line of a text with an indent before it.
fn indented(text: &str, indent: &str) -> String {
    text.lines()
        .map(|line| format!("{}\n", format!("{indent}{line}").trim_end()))
        .collect()
}

/// A sentence in lines of at most 96 characters, each with an indent.
fn wrapped(text: &str, indent: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines
            .last_mut()
            .filter(|line| line.chars().count() + word.chars().count() < 96 - indent.len());
        match line {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(word.to_owned()),
        }
    }
    lines
        .iter()
        .map(|line| format!("{indent}{line}\n"))
        .collect()
}

#[cfg(test)]
mod tests {
    use verdict::{FindingKind, Step, Visibility};

    use super::*;

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    fn check(outcome: CheckOutcome, points: u32, title: &str) -> Check {
        Check {
            id: "no-overdraft".to_owned(),
            title: title.to_owned(),
            outcome,
            points,
            max_points: 4,
            visibility: Visibility::Hidden,
            coverage: (outcome == CheckOutcome::Passed)
                .then(|| "holds in all 1,482 schedules".to_owned()),
            finding: (outcome == CheckOutcome::Failed).then(|| Finding {
                kind: FindingKind::NotLinearizable,
                message: "60 was withdrawn twice from 100.\nNo order gives that.".to_owned(),
                contract: "C5: Calls are atomic.".to_owned(),
                schedule: "two withdrawals@1,0".to_owned(),
                timeline: vec![Step {
                    step: 1,
                    thread: 1,
                    name: "T1".to_owned(),
                    action: "calls withdraw(60)".to_owned(),
                    place: None,
                    value: None,
                    switch: None,
                }],
            }),
        }
    }

    #[test]
    fn lines_of_checks_are_aligned() {
        let layout = Layout {
            title: 14,
            points: 3,
        };
        let lines: String = [
            check_line(&check(CheckOutcome::Passed, 4, "Deposits count"), layout),
            check_line(&check(CheckOutcome::Failed, 0, "No overdraft"), layout),
            check_line(&check(CheckOutcome::NotRun, 0, "Total"), layout),
        ]
        .concat();
        insta::assert_snapshot!(plain(&lines), @r#"
        passed   4/4  Deposits count  holds in all 1,482 schedules
        FAILED   0/4  No overdraft    not linearizable
        not run  0/4  Total
        "#);
    }

    #[test]
    fn a_failure_tells_what_and_why_and_how_to_see_it_again() {
        let check = check(CheckOutcome::Failed, 0, "No overdraft");
        let details = details(
            &replay("class/ann lee", &["--exercise", "bank"]),
            &check,
            check.finding.as_ref().unwrap(),
            "",
        );
        insta::assert_snapshot!(plain(&details), @r#"

        no-overdraft: No overdraft

          60 was withdrawn twice from 100.
          No order gives that.

          the contract says
            C5: Calls are atomic.

          step  where  T1
             1         calls withdraw(60)

          again: grader replay 'class/ann lee' --exercise bank --check no-overdraft --schedule 'two withdrawals@1,0'
        "#);
    }

    #[test]
    fn a_failure_of_the_grader_shows_no_score() {
        let mut verdict = Verdict {
            exercise: "e".to_owned(),
            submission: "s".to_owned(),
            outcome: Outcome::InfrastructureError,
            score: 0,
            max_score: 20,
            message: "no memory".to_owned(),
            checks: Vec::new(),
        };
        assert_eq!(
            plain(&score(&verdict)),
            "  could not be graded (this is no score)\n    no memory\n"
        );
        verdict.outcome = Outcome::DoesNotCompile;
        assert_eq!(
            plain(&score(&verdict)),
            "  does not compile\n    no memory\n  0/20 points\n"
        );
        verdict.outcome = Outcome::Graded;
        verdict.score = 20;
        assert_eq!(plain(&score(&verdict)), "  20/20 points\n");
    }

    #[test]
    fn long_sentences_wrap() {
        let text = wrapped(&"word ".repeat(40), "  ");
        assert!(
            text.lines()
                .all(|line| line.starts_with("  word") && line.len() <= 98),
            "{text}"
        );
        assert_eq!(text.split_whitespace().count(), 40);
    }
}
