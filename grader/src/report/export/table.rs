//! A table for any program: a line for each student, a column for each exercise.

use super::{Exported, Line, Selection, comment, csv, points};
use crate::gradebook::Exercise;

/// Who has handed in nothing has an empty cell; the total is that of the points
/// that there are.
pub(crate) fn table(selection: Selection<'_>) -> Exported {
    let (mut lines, strangers) = selection.lines();
    let mut notes = selection.notes(&[]);
    if !strangers.is_empty() {
        let names: Vec<&str> = strangers.iter().map(Line::name).collect();
        notes.push(format!("not in the roster: {}", names.join("; ")));
    }
    lines.extend(strangers);
    let exercises = selection.exercises;
    let names = exercises.iter().map(|exercise| exercise.name.clone());
    let mut header: Vec<String> = ["student", "name", "id"].map(str::to_owned).to_vec();
    header.extend(names);
    header.extend(["total", "maximum", "late", "comment"].map(str::to_owned));
    let maximum: u32 = exercises.iter().map(|exercise| exercise.points).sum();
    let mut rows = vec![header];
    for line in &lines {
        let id = match (line.person, line.student) {
            (Some(person), _) => person.id.clone(),
            (None, Some(student)) => student.roster_id.clone().unwrap_or_default(),
            (None, None) => String::new(),
        };
        let key = line.student.map(|student| student.key.clone());
        let mut row = vec![key.unwrap_or_default(), line.name().to_owned(), id];
        let entry = |exercise: &&Exercise| line.entry(exercise);
        row.extend(exercises.iter().map(|exercise| points(entry(exercise))));
        let counted = exercises.iter().filter_map(|of| entry(of)?.points());
        let total: u32 = counted.sum();
        let late: Vec<&str> = exercises
            .iter()
            .filter(|of| {
                let submission = entry(of).and_then(|entry| entry.submission.as_ref());
                submission.is_some_and(|submission| submission.late)
            })
            .map(|exercise| exercise.name.as_str())
            .collect();
        row.extend([total.to_string(), maximum.to_string(), late.join(" ")]);
        row.push(comments(line, exercises));
        rows.push(row);
    }
    Exported {
        text: csv(&rows),
        notes,
    }
}

/// What is out of the ordinary: points given by hand, what was never graded.
fn comments(line: &Line<'_>, exercises: &[&Exercise]) -> String {
    let of = |exercise: &&Exercise| {
        let entry = line.entry(exercise)?;
        let ordinary = entry.changed.is_none()
            && entry
                .current()
                .is_some_and(|graded| graded.outcome == verdict::Outcome::Graded);
        let what = match (&entry.trouble, entry.points()) {
            (Some(_), None) => "could not be graded, which is no score".to_owned(),
            (None, None) => "is not graded yet".to_owned(),
            _ if ordinary => return None,
            _ => comment(entry),
        };
        Some(format!("{}: {what}", exercise.name))
    };
    let all: Vec<String> = exercises.iter().filter_map(of).collect();
    all.join(" | ")
}
