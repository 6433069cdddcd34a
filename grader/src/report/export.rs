//! What other houses import: functions from a gradebook's contents to texts.
//!
//! What an instructor changed by hand counts in all of them. A cell never begins
//! a formula.

mod canvas;
mod documents;
mod moodle;
mod table;
mod time;

use verdict::{CheckOutcome, Outcome};

use super::words;
use crate::class::{Matched, Person, Roster};
use crate::gradebook::{Book, Entry, Exercise, Graded, Student};

pub(crate) use canvas::canvas;
pub(crate) use documents::{Document, classroom50, exercism, gradescope};
pub(crate) use moodle::moodle;
pub(crate) use table::table;

/// A text for another house, and what whoever imports it should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exported {
    pub(crate) text: String,
    /// Sentences.
    pub(crate) notes: Vec<String>,
}

/// What is exported.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Selection<'a> {
    pub(crate) book: &'a Book,
    /// The exercises, in their order.
    pub(crate) exercises: &'a [&'a Exercise],
    /// The roster, where there is one.
    pub(crate) roster: Option<&'a Roster>,
}

/// Somebody who may get a line: of the roster, of the gradebook, or of both.
#[derive(Debug, Clone, Copy)]
struct Line<'a> {
    person: Option<&'a Person>,
    student: Option<&'a Student>,
}

impl<'a> Line<'a> {
    fn entry(&self, exercise: &Exercise) -> Option<&'a Entry> {
        self.student?.entries.get(&exercise.name)
    }

    fn name(&self) -> &'a str {
        match (self.person, self.student) {
            (Some(person), _) => &person.name,
            (None, Some(student)) => &student.name,
            (None, None) => "",
        }
    }
}

impl<'a> Selection<'a> {
    /// Who is who: the people of the roster in its order, then who is not in it.
    fn lines(&self) -> (Vec<Line<'a>>, Vec<Line<'a>>) {
        let students = &self.book.students;
        let of_book = |student| Line {
            person: None,
            student: Some(student),
        };
        let Some(roster) = self.roster else {
            return (students.iter().map(of_book).collect(), Vec::new());
        };
        let matched = self.matched(roster);
        let mut lines: Vec<Line<'_>> = roster
            .people
            .iter()
            .map(|person| Line {
                person: Some(person),
                student: None,
            })
            .collect();
        let mut strangers = Vec::new();
        for (student, place) in students.iter().zip(matched.people) {
            match place {
                Some(place) => lines[place].student = Some(student),
                None => strangers.push(of_book(student)),
            }
        }
        (lines, strangers)
    }

    fn matched(&self, roster: &Roster) -> Matched {
        let known: Vec<(Vec<&str>, Vec<&str>)> = self
            .book
            .students
            .iter()
            .map(|student| {
                let numbers = self
                    .exercises
                    .iter()
                    .filter_map(|exercise| number(student, exercise));
                let ids = numbers
                    .chain(student.roster_id.as_deref())
                    .chain([student.key.as_str()]);
                (
                    ids.collect(),
                    vec![student.name.as_str(), student.key.as_str()],
                )
            })
            .collect();
        roster.matched(&known)
    }

    /// Sentences on who is missing in the roster, and on what has no points yet.
    fn notes(&self, strangers: &[Line<'_>]) -> Vec<String> {
        let mut notes = Vec::new();
        if !strangers.is_empty() {
            let names: Vec<&str> = strangers.iter().map(Line::name).collect();
            notes.push(format!(
                "not in the roster, and left out of what it is for: {}",
                names.join("; ")
            ));
        }
        let ungraded = |student: &Student, exercise: &Exercise| {
            let entry = student.entries.get(&exercise.name);
            entry.is_some_and(|entry| entry.submission.is_some() && entry.points().is_none())
        };
        let of = |exercise: &&&Exercise| {
            let students = &self.book.students;
            students
                .iter()
                .filter(|student| ungraded(student, exercise))
                .count()
        };
        let waiting: usize = self.exercises.iter().map(|exercise| of(&exercise)).sum();
        if waiting > 0 {
            notes.push(format!(
                "{waiting} of the submissions have no verdict and so no points; grade the class \
                 again first"
            ));
        }
        notes
    }
}

/// The number that an LMS has for a student, by the name of what was handed in.
fn number<'a>(student: &'a Student, exercise: &Exercise) -> Option<&'a str> {
    let submission = student.entries.get(&exercise.name)?.submission.as_ref()?;
    submission.lms_id.as_deref()
}

/// A cell of points; empty where there are none.
fn points(entry: Option<&Entry>) -> String {
    entry
        .and_then(Entry::points)
        .map(|points| points.to_string())
        .unwrap_or_default()
}

/// What a student is told of a result, in a line: nothing of checks that they
/// were not told of before but their number.
fn comment(entry: &Entry) -> String {
    let verdict = entry.current().map(told).unwrap_or_default();
    match &entry.changed {
        Some(changed) if verdict.is_empty() => {
            format!("{} by hand: {}", changed.points, changed.reason)
        }
        Some(changed) => format!(
            "{} by hand: {} (graded: {verdict})",
            changed.points, changed.reason
        ),
        None => verdict,
    }
}

fn told(graded: &Graded) -> String {
    let points = format!("{}/{}", graded.score, graded.max_score);
    if graded.outcome != Outcome::Graded {
        let first = graded.message.lines().next().unwrap_or_default();
        return format!("{points}, {}: {first}", words::outcome(graded.outcome));
    }
    let failed = || {
        let checks = graded.checks.iter();
        checks.filter(|check| check.outcome != CheckOutcome::Passed)
    };
    let mut lost: Vec<String> = failed()
        .filter(|check| check.visible)
        .map(|check| check.title.clone())
        .collect();
    let hidden = failed().filter(|check| !check.visible).count() as u32;
    if hidden > 0 {
        lost.push(format!(
            "{} beyond the visible ones",
            words::count(hidden, "check")
        ));
    }
    match lost.is_empty() {
        true => format!("{points}, all checks passed"),
        false => format!("{points}, failed: {}", lost.join("; ")),
    }
}

/// Lines of a CSV file.
fn csv(rows: &[Vec<String>]) -> String {
    let mut writer = csv::WriterBuilder::new()
        .flexible(true)
        .from_writer(Vec::new());
    for row in rows {
        let row = row.iter().map(|cell| defused(cell));
        // Writing to memory cannot fail.
        let _ = writer.write_record(row);
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A cell that no program takes for a formula. A number is none, nor is the dash
/// that stands for nothing.
fn defused(cell: &str) -> String {
    let begins = cell.trim_start_matches([' ', '\u{a0}']);
    let dangerous =
        cell.starts_with(['\t', '\r', '\n']) || begins.starts_with(['=', '+', '-', '@']);
    if dangerous && begins != "-" && begins.parse::<f64>().is_err() {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests;
