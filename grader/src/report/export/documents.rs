//! Documents of one submission each: Gradescope's `results.json`, exercism's
//! (version 3), and Classroom 50's `classroom50/result/v1`.

use serde_json::{Value, json};
use verdict::{CheckOutcome, Outcome};

use super::time::utc;
use super::{Selection, comment};
use crate::git::Commit;
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
        // Points by hand count instead of those of the checks.
        let passed = match subject.entry.changed {
            Some(_) => subject.points() >= subject.exercise.points,
            None => passed,
        };
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

/// Classroom 50's result of a classroom. Its schema lets nothing be left out, and
/// says itself that a review is the commit where there is nothing to compare: what
/// is not known of a submission is told by the next best that is, down to the digest
/// of its sources, and never by a link that may lead nowhere.
///
/// The classroom is the one that is named; else that of the repository's name, which
/// is where the host looks for it, and `otherwise` where that has none.
pub(crate) fn classroom50(
    selection: Selection<'_>,
    named: Option<&str>,
    otherwise: &str,
) -> Vec<Document> {
    each(selection, |subject| {
        let classroom = named.or_else(|| classroom(subject)).unwrap_or(otherwise);
        let Handed {
            submission,
            commit,
            release,
            at,
        } = Handed::of(subject.submission);
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
        json!({
            "schema": "classroom50/result/v1",
            "classroom": classroom,
            "assignment": subject.exercise.name,
            "assignment_type": "individual",
            "owner": subject.student.key,
            "submission": submission,
            "commit": commit,
            "release": release,
            "review": commit,
            "datetime": utc(at),
            "graded_at": utc(subject.graded.graded_at),
            "score": subject.points(),
            "max-score": subject.exercise.points,
            "tests": tests,
        })
    })
}

/// The classroom in the name of a submission's repository, which is
/// CLASSROOM-EXERCISE-STUDENT.
fn classroom<'a>(subject: Subject<'a>) -> Option<&'a str> {
    let ending = format!("-{}-{}", subject.exercise.name, subject.student.key);
    let mut names = subject.submission.handed_in_as.split('/');
    names.find_map(|name| name.strip_suffix(&ending).filter(|name| !name.is_empty()))
}

/// Where and when something was handed in, as Classroom 50 has it.
struct Handed {
    /// The tag that it was handed in by; where there is none, what it would be called.
    submission: String,
    /// The page of the commit; where its host is not known the commit's name, and
    /// without a commit what the sources are.
    commit: String,
    /// The page of the release, where there is a tag for it; else the commit.
    release: String,
    /// In seconds since 1970: the commit's date, or when it was first seen.
    at: i64,
}

impl Handed {
    fn of(submission: &Submission) -> Handed {
        let Submission { sources, seen, .. } = submission;
        let Some(commit) = &submission.commit else {
            let about = format!("sources:{sources}");
            return Handed {
                submission: called(*seen, sources),
                commit: about.clone(),
                release: about,
                at: *seen,
            };
        };
        let Commit { id, at, host, tag } = commit;
        let page = match host {
            Some(host) => format!("{host}/commit/{id}"),
            None => id.clone(),
        };
        let release = host.as_ref().zip(tag.as_ref());
        let release = release.map(|(host, tag)| format!("{host}/releases/tag/{}", quoted(tag)));
        Handed {
            submission: tag.clone().unwrap_or_else(|| called(*at, id)),
            release: release.unwrap_or_else(|| page.clone()),
            commit: page,
            at: *at,
        }
    }
}

/// A tag as Classroom 50 makes them: `submit/2026-11-21T22-50-42Z-0123456`.
fn called(at: i64, digest: &str) -> String {
    let short = digest.get(..7).unwrap_or(digest);
    format!("submit/{}-{short}", utc(at).replace(':', "-"))
}

/// A text as one part of a URL's path.
fn quoted(text: &str) -> String {
    let quoted = text.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    });
    quoted.collect()
}
