//! Documents of one submission each: Gradescope's `results.json`, exercism's
//! (version 3), and Classroom 50's `classroom50/result/v1`.

use serde_json::{Value, json};
use verdict::{CheckOutcome, Outcome};

use super::time::utc;
use super::{Selection, comment};
use crate::gradebook::{Check, Entry, Exercise, Graded, Student, Submission};
use crate::report::words;

/// The document of a submission.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Document {
    /// The student's key.
    pub(crate) student: String,
    /// The exercise's name.
    pub(crate) exercise: String,
    pub(crate) document: Value,
}

/// Most characters of a message of exercism's, and of an output.
const EXERCISM: (usize, usize) = (65_535, 500);

/// What there is a document of: a submission with points that count.
#[derive(Clone, Copy)]
struct Subject<'a> {
    student: &'a Student,
    exercise: &'a Exercise,
    entry: &'a Entry,
    graded: &'a Graded,
    submission: &'a Submission,
}

impl Subject<'_> {
    fn points(&self) -> u32 {
        self.entry.points().unwrap_or_default()
    }
}

/// Makes a document of every submission that has a verdict.
fn each(selection: Selection<'_>, make: impl Fn(Subject<'_>) -> Value) -> Vec<Document> {
    let mut documents = Vec::new();
    for exercise in selection.exercises {
        for student in &selection.book.students {
            let Some(entry) = student.entries.get(&exercise.name) else {
                continue;
            };
            let (Some(graded), Some(submission)) = (entry.current(), &entry.submission) else {
                continue;
            };
            let subject = Subject {
                student,
                exercise,
                entry,
                graded,
                submission,
            };
            documents.push(Document {
                student: student.key.clone(),
                exercise: exercise.name.clone(),
                document: make(subject),
            });
        }
    }
    documents
}

/// Gradescope's `results.json`. Checks that students were not told of before are
/// shown when the grades are.
pub(crate) fn gradescope(selection: Selection<'_>) -> Vec<Document> {
    each(selection, |subject| {
        let tests: Vec<Value> = subject.graded.checks.iter().zip(1..).map(test).collect();
        json!({
            "score": subject.points(),
            "output": output(subject),
            "output_format": "text",
            "visibility": "visible",
            "tests": tests,
            "extra_data": {
                "student": subject.student.key,
                "exercise": subject.exercise.name,
                "sources": subject.submission.sources,
            },
        })
    })
}

fn test((check, number): (&Check, u32)) -> Value {
    let passed = check.outcome == CheckOutcome::Passed;
    json!({
        "score": check.points,
        "max_score": check.max_points,
        "status": if passed { "passed" } else { "failed" },
        "name": check.title,
        "name_format": "text",
        "number": number.to_string(),
        "output": message(check),
        "output_format": "text",
        "tags": tags(check),
        "visibility": if check.visible { "visible" } else { "after_published" },
    })
}

fn tags(check: &Check) -> Vec<String> {
    let kind = check.finding.map(|kind| words::kind(kind).to_owned());
    std::iter::once(check.id.clone()).chain(kind).collect()
}

/// What is said of the whole.
fn output(subject: Subject<'_>) -> String {
    let graded = subject.graded;
    let message = match graded.outcome {
        Outcome::Graded => graded.message.clone(),
        outcome => format!("{}\n\n{}", words::outcome(outcome), graded.message),
    };
    match subject.entry.changed {
        Some(_) => format!("{}\n\n{message}", comment(subject.entry)),
        None => message,
    }
}

fn message(check: &Check) -> String {
    match check.outcome {
        CheckOutcome::NotRun => "was not run".to_owned(),
        CheckOutcome::Passed | CheckOutcome::Failed => check.message.clone(),
    }
}

/// exercism's `results.json`, version 3.
pub(crate) fn exercism(selection: Selection<'_>) -> Vec<Document> {
    each(selection, |subject| {
        let graded = subject.graded;
        if graded.outcome != Outcome::Graded {
            let message = cut(&output(subject), EXERCISM.0);
            return json!({ "version": 3, "status": "error", "message": message, "tests": [] });
        }
        let all = graded.checks.iter();
        let passed = all
            .clone()
            .all(|check| check.outcome == CheckOutcome::Passed);
        let tests: Vec<Value> = all
            .map(|check| {
                let mut test = json!({ "name": check.title });
                match check.outcome {
                    CheckOutcome::Passed => {
                        test["status"] = "pass".into();
                        test["output"] = cut(&check.message, EXERCISM.1).into();
                    }
                    CheckOutcome::Failed => {
                        test["status"] = "fail".into();
                        test["message"] = cut(&check.message, EXERCISM.0).into();
                    }
                    CheckOutcome::NotRun => {
                        test["status"] = "error".into();
                        test["message"] = message(check).into();
                    }
                }
                test
            })
            .collect();
        let status = if passed { "pass" } else { "fail" };
        json!({ "version": 3, "status": status, "tests": tests })
    })
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => {
            let kept: String = text.chars().take(most - 1).collect();
            format!("{kept}…")
        }
    }
}

/// Classroom 50's result of a classroom. What belongs to a commit on the host is
/// not known where a folder is graded: these members say which sources it were.
pub(crate) fn classroom50(selection: Selection<'_>, classroom: &str) -> Vec<Document> {
    each(selection, |subject| {
        let Submission { sources, seen, .. } = subject.submission;
        let short = sources.get(..7).unwrap_or(sources);
        let stamp = utc(*seen).replace([':', '-'], "");
        let tests: Vec<Value> = subject
            .graded
            .checks
            .iter()
            .map(|check| {
                json!({
                    "test-name": check.title,
                    "passed": check.outcome == CheckOutcome::Passed,
                    "score": check.points,
                    "max-score": check.max_points,
                    "message": message(check),
                })
            })
            .collect();
        let sources = format!("sources:{sources}");
        json!({
            "schema": "classroom50/result/v1",
            "classroom": classroom,
            "assignment": subject.exercise.name,
            "assignment_type": "individual",
            "owner": subject.student.key,
            "submission": format!("submit/{stamp}-{short}"),
            "commit": sources,
            "release": sources,
            "review": sources,
            "datetime": utc(*seen),
            "graded_at": utc(subject.graded.graded_at),
            "score": subject.points(),
            "max-score": subject.exercise.points,
            "tests": tests,
        })
    })
}
