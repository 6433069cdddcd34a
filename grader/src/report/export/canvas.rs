//! Canvas's gradebook, as its importer reads it: the columns of a student up to
//! `Section`, a column for each assignment, and a row `Points Possible`.

use super::{Exported, Line, Selection, csv, number, points};
use crate::gradebook::Exercise;

/// The columns of a student where there is no roster.
const COLUMNS: [&str; 5] = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"];

/// Who has handed in nothing has an empty cell, which Canvas takes for no score.
pub(crate) fn canvas(selection: Selection<'_>) -> Exported {
    let (lines, strangers) = selection.lines();
    let own = selection.roster.map(|roster| {
        let last = roster.column("Section").unwrap_or(0);
        &roster.header[..=last.min(roster.header.len().saturating_sub(1))]
    });
    let own: Vec<String> = match own {
        Some(own) => own.to_vec(),
        None => COLUMNS.map(str::to_owned).to_vec(),
    };
    let width = own.len();
    let mut notes = selection.notes(&strangers);
    let mut header = own;
    let mut possible = vec![String::new(); width];
    possible[0] = "    Points Possible".to_owned();
    for exercise in selection.exercises {
        let known = selection.roster.and_then(|roster| {
            let assignments = roster.header.iter().skip(width);
            assignments.into_iter().find(|title| is(title, exercise))
        });
        if selection.roster.is_some() && known.is_none() {
            notes.push(format!(
                "the roster has no assignment `{}`; Canvas will ask for which one it is, or make it",
                exercise.title
            ));
        }
        header.push(known.unwrap_or(&exercise.title).clone());
        possible.push(exercise.points.to_string());
    }
    let mut rows = vec![header, possible];
    for line in &lines {
        let mut row = match line.person {
            Some(person) => {
                let mut cells = person.cells.clone();
                cells.resize(width.max(cells.len()), String::new());
                cells.truncate(width);
                cells
            }
            None => cells(line, selection.exercises),
        };
        let of = |exercise: &&Exercise| points(line.entry(exercise));
        row.extend(selection.exercises.iter().map(of));
        rows.push(row);
    }
    Exported {
        text: csv(&rows),
        notes,
    }
}

/// A student as Canvas would have it.
fn cells(line: &Line<'_>, exercises: &[&Exercise]) -> Vec<String> {
    let id = line.student.and_then(|student| {
        let mut numbers = exercises.iter().filter_map(|of| number(student, of));
        numbers.next().or(student.roster_id.as_deref())
    });
    let login = match (id, line.student) {
        (None, Some(student)) => student.key.clone(),
        _ => String::new(),
    };
    let id = id.unwrap_or_default().to_owned();
    vec![
        line.name().to_owned(),
        id,
        String::new(),
        login,
        String::new(),
    ]
}

/// Whether the column of an assignment, `Title (12345)`, is for an exercise.
fn is(title: &str, exercise: &Exercise) -> bool {
    let title = match title.trim().rsplit_once(" (") {
        Some((title, id)) if id.trim_end_matches(')').parse::<u64>().is_ok() => title,
        _ => title.trim(),
    };
    [&exercise.title, &exercise.name]
        .iter()
        .any(|name| title.eq_ignore_ascii_case(name))
}
