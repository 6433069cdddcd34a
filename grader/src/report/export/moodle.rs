//! Moodle's offline grading worksheet: its columns `Identifier`, `Grade` and
//! `Last modified (grade)` are what it is imported by.

use super::{Exported, Line, Selection, comment, csv, number, points};
use crate::class::{House, Person, Roster};
use crate::gradebook::Exercise;

/// The columns where there is no worksheet of Moodle's own.
const COLUMNS: [&str; 9] = [
    "Identifier",
    "Full name",
    "Status",
    "Grade",
    "Maximum Grade",
    "Grade can be changed",
    "Last modified (submission)",
    "Last modified (grade)",
    COMMENTS,
];
const COMMENTS: &str = "Feedback comments";

/// The worksheet of one exercise. A worksheet that is given stays as it is but for
/// the grades and the comments. Who has handed in nothing has an empty grade,
/// which Moodle leaves alone.
pub(crate) fn moodle(selection: Selection<'_>, exercise: &Exercise) -> Exported {
    let (lines, strangers) = selection.lines();
    let mut notes = selection.notes(&strangers);
    let worksheet = selection
        .roster
        .filter(|roster| roster.house == House::Moodle);
    let rows = match worksheet {
        Some(roster) => {
            notes.extend(other_maximum(roster, exercise));
            filled(roster, &lines, exercise)
        }
        None => {
            let nameless = lines
                .iter()
                .filter(|line| id(line, exercise).is_none())
                .count();
            if nameless > 0 {
                notes.push(format!(
                    "{nameless} lines have no identifier, so Moodle passes over them; give its \
                     grading worksheet with --roster"
                ));
            }
            made(&lines, exercise)
        }
    };
    Exported {
        text: csv(&rows),
        notes,
    }
}

fn other_maximum(roster: &Roster, exercise: &Exercise) -> Option<String> {
    let column = roster.column("Maximum Grade")?;
    let cell = |person: &Person| {
        person
            .cells
            .get(column)?
            .replace(',', ".")
            .parse::<f64>()
            .ok()
    };
    let maximum = roster.people.iter().find_map(cell)?;
    let points = f64::from(exercise.points);
    ((maximum - points).abs() > 0.001).then(|| {
        format!(
            "Moodle's maximum grade is {maximum} and `{}` has {points} points; set the maximum to \
             {points} in Moodle before you import",
            exercise.name
        )
    })
}

/// The worksheet with grades and comments.
fn filled(roster: &Roster, lines: &[Line<'_>], exercise: &Exercise) -> Vec<Vec<String>> {
    let mut header = roster.header.clone();
    let grade = roster.column("Grade").unwrap_or(header.len());
    let comments = roster.column(COMMENTS).unwrap_or_else(|| {
        header.push(COMMENTS.to_owned());
        header.len() - 1
    });
    let mut rows = vec![header];
    for line in lines {
        let Some(person) = line.person else { continue };
        let mut cells = person.cells.clone();
        cells.resize(rows[0].len(), String::new());
        if let Some(entry) = line.entry(exercise).filter(|of| of.points().is_some()) {
            cells[grade] = points(Some(entry));
            cells[comments] = html(&comment(entry));
        }
        rows.push(cells);
    }
    rows
}

/// A worksheet as Moodle's own.
fn made(lines: &[Line<'_>], exercise: &Exercise) -> Vec<Vec<String>> {
    let mut rows = vec![COLUMNS.map(str::to_owned).to_vec()];
    for line in lines {
        let entry = line.entry(exercise);
        let id = id(line, exercise);
        let handed_in = entry.is_some_and(|entry| entry.submission.is_some());
        let status = match handed_in {
            true => "Submitted for grading",
            false => "No submission",
        };
        rows.push(vec![
            id.map(|id| format!("Participant {id}")).unwrap_or_default(),
            line.name().to_owned(),
            status.to_owned(),
            points(entry),
            exercise.points.to_string(),
            "Yes".to_owned(),
            "-".to_owned(),
            "-".to_owned(),
            entry.map(|entry| html(&comment(entry))).unwrap_or_default(),
        ]);
    }
    rows
}

fn id<'a>(line: &Line<'a>, exercise: &Exercise) -> Option<&'a str> {
    number(line.student?, exercise)
}

/// Comments are HTML there.
fn html(text: &str) -> String {
    let text = text.replace('&', "&amp;");
    text.replace('<', "&lt;").replace('>', "&gt;")
}
