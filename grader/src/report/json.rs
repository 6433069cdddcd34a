//! The documents of `grader grade --format json` and `grader export --to json`.

use serde_json::{Value, json};
use verdict::{SCHEMA, Verdict, Verdicts};

use crate::gradebook::{Book, Entry, Exercise};

/// The verdicts as one document.
pub(crate) fn json(verdicts: Vec<Verdict>) -> Result<String, serde_json::Error> {
    let document = Verdicts {
        schema: SCHEMA.to_owned(),
        verdicts,
    };
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

/// The version of the document of a gradebook.
const GRADEBOOK: &str = "lockstep/gradebook/v1";

/// A gradebook as one document, of these exercises: every student with a result
/// for each, which is `null` where nothing was handed in or given. `verdict` gives
/// the whole verdict on a submission.
pub(crate) fn gradebook<E: From<serde_json::Error>>(
    book: &Book,
    exercises: &[&Exercise],
    mut verdict: impl FnMut(i64) -> Result<Option<Verdict>, E>,
) -> Result<String, E> {
    let mut students = Vec::new();
    for student in &book.students {
        let mut results = serde_json::Map::new();
        for exercise in exercises {
            let result = match student.entries.get(&exercise.name) {
                Some(entry) => result(entry, &mut verdict)?,
                None => Value::Null,
            };
            results.insert(exercise.name.clone(), result);
        }
        students.push(json!({
            "student": student.key,
            "name": student.name,
            "id": student.roster_id,
            "results": results,
        }));
    }
    let exercises: Vec<Value> = exercises
        .iter()
        .map(|exercise| json!({ "name": exercise.name, "title": exercise.title, "points": exercise.points }))
        .collect();
    let document = json!({ "schema": GRADEBOOK, "exercises": exercises, "students": students });
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

fn result<E: From<serde_json::Error>>(
    entry: &Entry,
    verdict: &mut impl FnMut(i64) -> Result<Option<Verdict>, E>,
) -> Result<Value, E> {
    let submission = entry.submission.as_ref();
    let verdict = match (submission, &entry.graded) {
        (Some(submission), Some(_)) => verdict(submission.id)?,
        _ => None,
    };
    let by_hand = entry.changed.as_ref();
    Ok(json!({
        "points": entry.points(),
        "by_hand": by_hand.map(|by| json!({ "points": by.points, "reason": by.reason })),
        "trouble": entry.trouble,
        "submission": submission.map(|submission| json!({
            "handed_in_as": submission.handed_in_as,
            "late": submission.late,
            "sources": submission.sources,
            "commit": submission.commit.as_ref().map(|commit| &commit.id),
        })),
        "current": entry.current().is_some(),
        "verdict": serde_json::to_value(verdict)?,
    }))
}
