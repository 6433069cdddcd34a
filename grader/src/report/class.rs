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
        Outcome::Refused => {
            let why = shortened(&first_line(&verdict.message), REASON);
            (
                BAD,
                format!("  {}: {why}", words::outcome(Outcome::Refused)),
            )
        }
        Outcome::DoesNotCompile => (
            BAD,
            format!("  {}", words::outcome(Outcome::DoesNotCompile)),
        ),
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
    /// How many students have handed in something that cannot be opened.
    pub(crate) unopened: usize,
    /// What could not be graded: student, exercise, why.
    pub(crate) failed: Vec<(String, String, String)>,
    /// What is alike, the most alike first.
    pub(crate) alike: Vec<AlikeLine>,
    /// How many more pairs may be alike, and were not compared.
    pub(crate) not_compared: usize,
    /// What else is to be known.
    pub(crate) notes: Vec<String>,
}

/// Two submissions that are alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AlikeLine {
    /// The exercise.
    pub(crate) exercise: String,
    /// Whose they are, and how much of each is in the other, in percent.
    pub(crate) who: [(String, u32); 2],
    /// How many tokens are in both.
    pub(crate) tokens: usize,
}

/// Pairs that are listed; of more, only their number is told.
const ALIKE: usize = 20;

/// Notes, each on a line.
pub(crate) fn class_notes(notes: &[String]) -> String {
    let label = paint(WARN, "note:");
    let lines = notes
        .iter()
        .map(|note| format!("{label} {}\n", visible_line(note)));
    lines.collect()
}

/// The end of what is told of a class.
pub(crate) fn class_summary(summary: &ClassSummary) -> String {
    let mut text = class_notes(&summary.notes);
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
    text.push_str(&alike(&summary.alike));
    if summary.not_compared > 0 {
        text.push_str(&format!(
            "{} {}\n",
            paint(WARN, "note:"),
            words::not_compared(summary.not_compared)
        ));
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
        (summary.unopened, "cannot be opened"),
        (summary.failed.len(), "could not be graded"),
    ] {
        if number > 0 {
            counts.push(format!("{number} {what}"));
        }
    }
    text + &counts.join(", ") + "\n"
}

/// What is alike, in lines.
fn alike(pairs: &[AlikeLine]) -> String {
    let heading = "alike, which is for a person to judge (no verdict follows from it):";
    let mut text = match pairs.is_empty() {
        true => String::new(),
        false => format!("{}\n", paint(HEAD, heading)),
    };
    for pair in pairs.iter().take(ALIKE) {
        let [one, other] = pair.who.each_ref().map(|(who, share)| {
            let who = visible_line(who);
            format!("{share} % of {who}")
        });
        let AlikeLine {
            exercise, tokens, ..
        } = pair;
        text.push_str(&format!(
            "  {exercise}  {one}, {other}  ({tokens} tokens)\n"
        ));
    }
    if let Some(more) = pairs.len().checked_sub(ALIKE).filter(|more| *more > 0) {
        text.push_str(&format!(
            "  and {more} more; --report DIR shows them side by side\n"
        ));
    }
    text
}

/// Most characters of the reason in a line.
const REASON: usize = 100;

/// A text of at most so many characters.
fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => text.chars().take(most - 1).chain(['…']).collect(),
    }
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
            line(Outcome::Refused, 0),
            "a\\nb  one  0/4  refused: out of"
        );
        assert_eq!(shortened("four", 4), "four");
        assert_eq!(shortened("fünfe", 4), "fün…");
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
            unopened: 1,
            missing: vec![("Bob".to_owned(), vec!["one".to_owned(), "two".to_owned()])],
            failed: vec![("Ann".to_owned(), "one".to_owned(), "no memory".to_owned())],
            alike: vec![AlikeLine {
                exercise: "one".to_owned(),
                who: [("Ann".to_owned(), 97), ("E\nve".to_owned(), 80)],
                tokens: 321,
            }],
            not_compared: 28,
            notes: vec!["Eve is not in the roster".to_owned()],
        };
        assert_eq!(
            plain(&class_summary(&summary)),
            "note: Eve is not in the roster\n\
             not handed in:\n  Bob: one, two\n\
             could not be graded, which is no score (the same command tries again):\n  \
             Ann  one  no memory\n\
             alike, which is for a person to judge (no verdict follows from it):\n  \
             one  97 % of Ann, 80 % of E\\nve  (321 tokens)\n\
             note: 28 more pairs may be alike and were not compared: too many others of the \
             exercise have more in common by their fingerprints\n\
             3 graded, 1 unchanged, 2 by another grader, 2 not handed in, 1 cannot be \
             opened, 1 could not be graded\n"
        );
    }
}
