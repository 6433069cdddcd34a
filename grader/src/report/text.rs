//! What a person reads on a terminal.

use std::fmt::Write as _;

use verdict::{Check, CheckOutcome, Finding, FindingKind, Outcome, Timeline, Verdict};

use super::timeline;
use super::words::{self, count, quoted, visible, visible_line};
use crate::course::Exercise;
use crate::ui::style::{BAD, CODE, GOOD, HEAD, WARN, paint};

/// Widths that keep the lines of one submission aligned.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout {
    points: usize,
    title: usize,
    /// Of what comes behind the title.
    end: usize,
}

/// The narrowest page that is laid out; a narrower one breaks the lines itself.
const NARROWEST: usize = 60;
/// What comes behind a title has this many columns, where the page has them.
const END: usize = 35;
/// The columns of an outcome's word.
const WORD: usize = 7;
/// The longest lines of running text.
const LINE: usize = 96;

impl Layout {
    /// The layout of an exercise's checks on a page of this width.
    pub(crate) fn of(exercise: &Exercise, width: usize) -> Layout {
        let widest = |measure: fn(&crate::course::Check) -> usize| {
            let widths = exercise.checks().iter().map(measure);
            widths.max().unwrap_or_default()
        };
        Layout::new(
            widest(|check| check.title.chars().count()),
            widest(|check| 2 * check.points.to_string().len() + 1),
            width,
        )
    }

    /// The layout for titles and points of at most these widths: the title and
    /// what comes behind it are columns, in each of which text wraps.
    fn new(title: usize, points: usize, width: usize) -> Layout {
        let left = width.max(NARROWEST) - (2 + WORD + 2 + points + 2 + 2);
        let title = title.min((left.saturating_sub(END)).max(left / 2));
        Layout {
            points,
            title,
            end: left - title,
        }
    }
}

/// The line above a submission's checks.
pub(crate) fn heading(exercise: &str, submission: &str) -> String {
    let submission = visible_line(submission);
    format!("{}  {}\n", paint(HEAD, exercise), paint(CODE, submission))
}

/// The line of a check, or lines where it has no room on one.
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
    let (mut titles, mut ends) = (
        lines(&visible_line(&check.title), layout.title).into_iter(),
        lines(end, layout.end).into_iter(),
    );
    let mut text = format!("  {word}  {points:>width$}", width = layout.points);
    let indent = 2 + WORD + 2 + layout.points;
    for row in 0.. {
        let (title, end) = (titles.next(), ends.next());
        if row > 0 {
            if title.is_none() && end.is_none() {
                break;
            }
            text.push_str(&" ".repeat(indent));
        }
        let line = format!(
            "  {:width$}  {}",
            title.unwrap_or_default(),
            end.unwrap_or_default(),
            width = layout.title
        );
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// The line below a submission's checks.
pub(crate) fn score(verdict: &Verdict, width: usize) -> String {
    match verdict.outcome {
        Outcome::Graded => {
            let full = verdict.score == verdict.max_score;
            let points = format!("{}/{}", verdict.score, count(verdict.max_score, "point"));
            let points = format!("  {}\n", paint(if full { GOOD } else { BAD }, points));
            // How many passed is there to see; why some were not run is not.
            let not_run = |check: &Check| check.outcome == CheckOutcome::NotRun;
            if verdict.checks.iter().any(not_run) {
                points + &wrapped(&visible(&verdict.message), "  ", width)
            } else {
                points
            }
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
            // The compiler's words have lines of their own; sentences wrap.
            let message = visible(&verdict.message);
            let message = match outcome {
                Outcome::DoesNotCompile if message.contains('\n') => indented(&message, "    "),
                _ => paragraphs(&message, "    ", width),
            };
            format!(
                "  {}\n{message}{score}",
                paint(style, words::outcome(outcome))
            )
        }
    }
}

/// What there is to know of a failed check: what is wrong, with which sentence
/// of the contract, in which execution, and how to see it again.
pub(crate) fn details(
    again: &Again,
    check: &Check,
    finding: &Finding,
    frames: &str,
    width: usize,
) -> String {
    let id = format!("{}:", check.id);
    let mut text = String::from("\n");
    for line in lines(&format!("{id} {}", check.title), width.max(NARROWEST)) {
        let (id, title) = match line.strip_prefix(&id) {
            Some(title) => (paint(BAD, &id), title),
            None => (String::new(), line.as_str()),
        };
        let _ = writeln!(text, "{id}{}", paint(HEAD, title));
    }
    text.push('\n');
    text.push_str(&told(finding, frames, width));
    let command = again.command(check, finding);
    let _ = write!(text, "\n  again: {}\n", paint(CODE, command));
    text
}

/// What is wrong, with the sentence that it breaks, how it came to that, and
/// the lines of the sources.
pub(super) fn told(finding: &Finding, frames: &str, width: usize) -> String {
    let mut text = message(finding, width);
    if !finding.contract.is_empty() {
        let _ = write!(
            text,
            "\n  {}\n{}",
            paint(HEAD, "the contract says"),
            wrapped(&finding.contract, "    ", width)
        );
    }
    if !finding.timeline.is_empty() {
        let _ = write!(
            text,
            "\n{}",
            indented(
                &timeline::table(&finding.timeline, false, width.saturating_sub(2)),
                "  "
            )
        );
    }
    if !frames.is_empty() {
        let _ = write!(text, "\n{}", indented(frames, "  "));
    }
    text
}

/// What is wrong, in words. Sentences wrap; the compiler's words, which come
/// after a sentence, have lines of their own.
fn message(finding: &Finding, width: usize) -> String {
    let message = visible(&finding.message);
    match message.split_once('\n') {
        Some((sentence, words)) if finding.kind == FindingKind::NoProgram => {
            wrapped(sentence, "  ", width) + &indented(words, "    ")
        }
        _ => paragraphs(&message, "  ", width),
    }
}

/// The beginnings of the commands that show a finding again.
#[derive(Debug)]
pub(crate) struct Again {
    /// By a replay of its schedule.
    replay: String,
    /// By grading once more, where it has no schedule.
    grade: String,
}

impl Again {
    /// For a submission, with the options that it was graded with. `grader` is
    /// how the grader is called.
    pub(crate) fn new(grader: &[String], submission: &str, options: &[&str]) -> Again {
        let command = |verb| {
            let words = grader.iter().map(String::as_str);
            let words = words
                .chain([verb, submission])
                .chain(options.iter().copied());
            words.map(quoted).collect::<Vec<_>>().join(" ")
        };
        Again {
            replay: command("replay"),
            grade: command("grade"),
        }
    }

    /// The command that shows a check's finding again.
    pub(crate) fn command(&self, check: &Check, finding: &Finding) -> String {
        let Again { replay, grade } = self;
        match finding.schedule.as_str() {
            // It came of the real system, say: there is nothing to replay.
            "" => format!("{grade} --check {} --no-cache", check.id),
            schedule => {
                let schedule = quoted(schedule);
                format!("{replay} --check {} --schedule {schedule}", check.id)
            }
        }
    }
}

/// An execution that was replayed because a person asked for it.
pub(crate) fn replayed(
    timeline: &Timeline,
    finding: Option<&Finding>,
    frames: &str,
    width: usize,
) -> String {
    let mut text = timeline::table(timeline, true, width);
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
                "\n{}\n{}",
                paint(BAD, format_args!("{}:", words::kind(finding.kind))),
                message(finding, width)
            );
            if !finding.contract.is_empty() {
                let _ = write!(
                    text,
                    "\n{}\n{}",
                    paint(HEAD, "the contract says"),
                    wrapped(&finding.contract, "  ", width)
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
pub(super) fn indented(text: &str, indent: &str) -> String {
    text.lines()
        .map(|line| format!("{}\n", format!("{indent}{line}").trim_end()))
        .collect()
}

/// A sentence in lines that fit a page of this width, and that are short enough
/// to be read, each with an indent.
pub(super) fn wrapped(text: &str, indent: &str, width: usize) -> String {
    let width = width.clamp(NARROWEST, LINE) - indent.len();
    lines(text, width)
        .iter()
        .map(|line| format!("{indent}{line}\n"))
        .collect()
}

/// The same for a text of several lines, each of which wraps by itself. A line
/// of what a compiler said stays as it is: what is below what matters there.
pub(super) fn paragraphs(text: &str, indent: &str, width: usize) -> String {
    text.lines()
        .map(|line| match is_laid_out(line) {
            true => format!("{}\n", format!("{indent}{line}").trim_end()),
            false => wrapped(line, indent, width),
        })
        .collect()
}

/// Whether the columns of a line mean something: it begins with blanks, or is a
/// line of a source with its number, as compilers show it.
fn is_laid_out(line: &str) -> bool {
    let number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    line.starts_with(' ') || number.len() < line.len() && number.trim_start().starts_with('|')
}

/// The words of a text in lines of at most this width, one at least; a word
/// that is longer has a line of its own.
fn lines(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() {
            if line.chars().count() + 1 + word.chars().count() > width {
                lines.push(std::mem::take(&mut line));
            } else {
                line.push(' ');
            }
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use verdict::{Step, Visibility};

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
                    own: false,
                    left_out: Vec::new(),
                }],
            }),
        }
    }

    #[test]
    fn lines_of_checks_are_aligned() {
        let layout = Layout::new(14, 3, 100);
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
            &Again::new(
                &["cargo".to_owned(), "grader".to_owned()],
                "class/ann lee",
                &["--exercise", "bank"],
            ),
            &check,
            check.finding.as_ref().unwrap(),
            "",
            100,
        );
        insta::assert_snapshot!(plain(&details), @r#"

        no-overdraft: No overdraft

          60 was withdrawn twice from 100.
          No order gives that.

          the contract says
            C5: Calls are atomic.

          step  where  T1
             1         calls withdraw(60)

          again: cargo grader replay 'class/ann lee' --exercise bank --check no-overdraft --schedule 'two withdrawals@1,0'
        "#);
    }

    #[test]
    fn the_compilers_words_keep_their_lines() {
        let mut check = check(CheckOutcome::Failed, 0, "Lines");
        let finding = check.finding.as_mut().unwrap();
        finding.kind = FindingKind::NoProgram;
        finding.message = "it does not compile\nerror: no\n --> src/main.rs:1:1".to_owned();
        assert_eq!(
            message(finding, 100),
            "  it does not compile\n    error: no\n     --> src/main.rs:1:1\n"
        );
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
            plain(&score(&verdict, 100)),
            "  could not be graded (this is no score)\n    no memory\n"
        );
        verdict.outcome = Outcome::DoesNotCompile;
        assert_eq!(
            plain(&score(&verdict, 100)),
            "  does not compile\n    no memory\n  0/20 points\n"
        );
        verdict.outcome = Outcome::Graded;
        verdict.score = 20;
        assert_eq!(plain(&score(&verdict, 100)), "  20/20 points\n");
    }

    #[test]
    fn long_sentences_wrap() {
        let text = wrapped(&"word ".repeat(40), "  ", 140);
        assert!(
            text.lines()
                .all(|line| line.starts_with("  word") && line.len() <= 96),
            "{text}"
        );
        assert_eq!(text.split_whitespace().count(), 40);
    }

    #[test]
    fn what_a_compiler_points_at_stays_below_its_line() {
        let words = "error: no\n  --> check/scenarios.rs:4:11\n   |\n4  |     a(   b)\n   |          ^ this\n";
        assert_eq!(
            paragraphs(words, "  ", 100),
            "  error: no\n    --> check/scenarios.rs:4:11\n     |\n  4  |     a(   b)\n     |          ^ this\n"
        );
    }

    #[test]
    fn titles_and_what_comes_behind_them_wrap_in_their_columns() {
        let mut long = check(
            CheckOutcome::Passed,
            4,
            "Whatever is deposited and withdrawn at the same time counts",
        );
        long.coverage =
            Some("holds in 1,491 schedules, among them all with at most 3 preemptions".to_owned());
        let short = check(CheckOutcome::Failed, 0, "No overdraft");
        let table = |width| {
            let layout = Layout::new(long.title.chars().count(), 3, width);
            let table = plain(&(check_line(&long, layout) + &check_line(&short, layout)));
            assert!(table.lines().all(|line| line.chars().count() <= width));
            table
        };
        insta::assert_snapshot!(table(80), @r#"
        passed   4/4  Whatever is deposited and        holds in 1,491 schedules, among
                      withdrawn at the same time       them all with at most 3
                      counts                           preemptions
        FAILED   0/4  No overdraft                     not linearizable
        "#);
        insta::assert_snapshot!(table(100), @r#"
        passed   4/4  Whatever is deposited and withdrawn at the same  holds in 1,491 schedules, among
                      time counts                                      them all with at most 3 preemptions
        FAILED   0/4  No overdraft                                     not linearizable
        "#);
        assert_eq!(table(160).lines().count(), 2);
    }

    #[test]
    fn what_was_given_up_is_told_below_the_points() {
        let mut verdict = Verdict {
            exercise: "e".to_owned(),
            submission: "s".to_owned(),
            outcome: Outcome::Graded,
            score: 4,
            max_score: 8,
            message: "given up".to_owned(),
            checks: vec![check(CheckOutcome::Passed, 4, "One")],
        };
        assert_eq!(plain(&score(&verdict, 100)), "  4/8 points\n");
        verdict.checks.push(check(CheckOutcome::NotRun, 0, "Two"));
        assert_eq!(plain(&score(&verdict, 100)), "  4/8 points\n  given up\n");
    }

    #[test]
    fn no_text_of_a_submission_reaches_the_terminal_as_it_is() {
        const BAD: &str = "\x1b[2Jx\u{202e}y\x07";
        let mut check = check(CheckOutcome::Failed, 0, "No overdraft");
        let finding = check.finding.as_mut().unwrap();
        finding.message = BAD.to_owned();
        finding.schedule = BAD.to_owned();
        finding.timeline[0].action = BAD.to_owned();
        finding.timeline[0].name = BAD.to_owned();
        finding.timeline[0].switch = Some(BAD.to_owned());
        let finding = check.finding.as_ref().unwrap();
        let mut verdict = Verdict {
            exercise: "e".to_owned(),
            submission: "s".to_owned(),
            outcome: Outcome::DoesNotCompile,
            score: 0,
            max_score: 8,
            message: BAD.to_owned(),
            checks: Vec::new(),
        };
        let mut all = [
            heading("e", BAD),
            details(
                &Again::new(&["g".to_owned()], BAD, &[BAD]),
                &check,
                finding,
                "",
                100,
            ),
            replayed(&finding.timeline, Some(finding), "", 100),
            score(&verdict, 100),
        ]
        .concat();
        verdict.outcome = Outcome::Refused;
        all.push_str(&score(&verdict, 100));
        // What is left of the styles is the grader's own.
        let all = plain(&all);
        let odd = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
        assert!(!all.contains(odd), "{all:?}");
        assert!(all.matches("x\\u{202e}y").count() >= 8, "{all}");
    }
}
