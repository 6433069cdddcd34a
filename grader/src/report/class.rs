//! A class as it is graded, in lines.

use verdict::{CheckOutcome, Outcome, Verdict};

use super::words::{self, visible_line};
use crate::ui::style::{BAD, GOOD, HEAD, WARN, paint};

/// The line of a submission that was graded.
pub(crate) fn class_line(student: &str, verdict: &Verdict) -> String {
    let who = format!("{}  {}", visible_line(student), verdict.exercise);
    let points = format!("{}/{}", verdict.score, verdict.max_score);
    let (style, what) = match verdict.outcome {
        Outcome::Graded => {
            let checks = verdict.checks.iter();
            let lost: Vec<&str> = checks
                .filter(|check| check.outcome != CheckOutcome::Passed)
                .map(|check| check.id.as_str())
                .collect();
            match lost.is_empty() {
                true => (GOOD, String::new()),
                false => (BAD, format!("  lost: {}", lost.join(", "))),
            }
        }
        Outcome::InfrastructureError => {
            let why = first_line(&verdict.message);
            return format!("{who}  {}  {why}", paint(WARN, "no score"));
        }
        outcome => (BAD, format!("  {}", words::outcome(outcome))),
    };
    format!("{who}  {}{what}", paint(style, points))
}

/// What came of grading a class.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ClassSummary {
    /// Submissions that were graded now.
    pub(crate) graded: usize,
    /// Submissions that another grader has graded meanwhile.
    pub(crate) elsewhere: usize,
    /// Submissions whose verdict was in the gradebook, and follows from the same.
    pub(crate) unchanged: usize,
    /// For each student who has not handed in everything: the name, and what.
    pub(crate) missing: Vec<(String, Vec<String>)>,
    /// What could not be graded: student, exercise, why.
    pub(crate) failed: Vec<(String, String, String)>,
    /// What else is to be known.
    pub(crate) notes: Vec<String>,
}

/// The end of what is told of a class.
pub(crate) fn class_summary(summary: &ClassSummary) -> String {
    let mut text = String::new();
    for note in &summary.notes {
        text.push_str(&format!(
            "{} {}\n",
            paint(WARN, "note:"),
            visible_line(note)
        ));
    }
    if !summary.missing.is_empty() {
        text.push_str(&format!("{}\n", paint(HEAD, "not handed in:")));
        for (name, exercises) in &summary.missing {
            let name = visible_line(name);
            text.push_str(&format!("  {name}: {}\n", exercises.join(", ")));
        }
    }
    if !summary.failed.is_empty() {
        let heading = "could not be graded, which is no score (the same command tries again):";
        text.push_str(&format!("{}\n", paint(HEAD, heading)));
        for (name, exercise, why) in &summary.failed {
            let (name, why) = (visible_line(name), first_line(why));
            text.push_str(&format!("  {name}  {exercise}  {why}\n"));
        }
    }
    let mut counts = vec![format!("{} graded", summary.graded)];
    counts.push(format!("{} unchanged", summary.unchanged));
    let missing: usize = summary
        .missing
        .iter()
        .map(|(_, exercises)| exercises.len())
        .sum();
    for (number, what) in [
        (summary.elsewhere, "by another grader"),
        (missing, "not handed in"),
        (summary.failed.len(), "could not be graded"),
    ] {
        if number > 0 {
            counts.push(format!("{number} {what}"));
        }
    }
    text + &counts.join(", ") + "\n"
}

fn first_line(text: &str) -> String {
    visible_line(text.lines().next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn a_line_tells_what_was_lost_and_is_one_line() {
        let verdict = |outcome, score| Verdict {
            exercise: "one".to_owned(),
            submission: String::new(),
            outcome,
            score,
            max_score: 4,
            message: "out of\nmemory".to_owned(),
            checks: Vec::new(),
        };
        let line = |outcome, score| plain(&class_line("a\nb", &verdict(outcome, score)));
        assert_eq!(line(Outcome::Graded, 4), "a\\nb  one  4/4");
        assert_eq!(
            line(Outcome::DoesNotCompile, 0),
            "a\\nb  one  0/4  does not compile"
        );
        assert_eq!(
            line(Outcome::InfrastructureError, 0),
            "a\\nb  one  no score  out of"
        );
    }

    #[test]
    fn the_end_tells_what_is_missing_and_what_is_no_score() {
        let summary = ClassSummary {
            graded: 3,
            elsewhere: 2,
            unchanged: 1,
            missing: vec![("Bob".to_owned(), vec!["one".to_owned(), "two".to_owned()])],
            failed: vec![("Ann".to_owned(), "one".to_owned(), "no memory".to_owned())],
            notes: vec!["Eve is not in the roster".to_owned()],
        };
        assert_eq!(
            plain(&class_summary(&summary)),
            "note: Eve is not in the roster\n\
             not handed in:\n  Bob: one, two\n\
             could not be graded, which is no score (the same command tries again):\n  \
             Ann  one  no memory\n\
             3 graded, 1 unchanged, 2 by another grader, 2 not handed in, 1 could not be graded\n"
        );
    }
}
