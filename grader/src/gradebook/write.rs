//! Writing the gradebook. Every function here is one transaction.

use std::collections::{HashMap, HashSet};

use anyhow::{Context as _, Result, bail};
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::Serialize;
use verdict::{CheckOutcome, Outcome, Verdict, Visibility};

use super::{Exercise, Files, Gradebook, now};
use crate::exit::usage;
use crate::git::Commit;

/// Somebody to be recorded.
#[derive(Debug, Clone, Default)]
pub(crate) struct NewStudent {
    /// What the hand-ins are called by.
    pub(crate) key: String,
    /// How they are shown.
    pub(crate) name: String,
    /// Their id in the roster, where there is one.
    pub(crate) roster_id: Option<String>,
    /// The number that the LMS's file name has for them.
    pub(crate) lms_id: Option<String>,
}

/// Something that was handed in, to be recorded.
#[derive(Debug, Clone)]
pub(crate) struct HandedIn {
    /// The student's key.
    pub(crate) student: String,
    /// The exercise's name.
    pub(crate) exercise: String,
    /// The path that it was found at.
    pub(crate) handed_in_as: String,
    /// The number that the LMS's file name has for the student.
    pub(crate) lms_id: Option<String>,
    /// Whether the LMS's file name says that it was late.
    pub(crate) late: bool,
    /// The digest of its sources.
    pub(crate) sources: String,
}

/// A verdict to be stored, with what it follows from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stored<'a> {
    pub(crate) verdict: &'a Verdict,
    /// The digest of all that it follows from: the following and the grader.
    pub(crate) key: &'a str,
    /// The digest of the sources.
    pub(crate) sources: &'a str,
    /// The digest of the exercise, its rubric and its checks.
    pub(crate) course: &'a str,
    /// The digest of the libraries and the toolchain.
    pub(crate) libraries: &'a str,
    /// The grader's version.
    pub(crate) grader: &'a str,
}

impl Gradebook {
    /// Records exercises, with their titles and points as they are now.
    pub(crate) fn add_exercises(&mut self, exercises: &[Exercise]) -> Result<()> {
        let transaction = self.transaction()?;
        for exercise in exercises {
            transaction.execute(
                "INSERT INTO exercises (name, title, points) VALUES (?1, ?2, ?3) \
                 ON CONFLICT (name) DO UPDATE SET title = ?2, points = ?3 \
                 WHERE title <> ?2 OR points <> ?3",
                params![exercise.name, exercise.title, exercise.points],
            )?;
        }
        transaction.commit().context("cannot record the exercises")
    }

    /// Records students, and gives the keys that they have in the gradebook: who
    /// has been there before with the same id of the roster keeps the key.
    pub(crate) fn add_students(&mut self, students: &[NewStudent]) -> Result<Vec<String>> {
        let transaction = self.transaction()?;
        let mut keys = Vec::new();
        for student in students {
            let key = key(&transaction, student)?;
            // A name of the roster's is not given up for that of a folder.
            transaction.execute(
                "INSERT INTO students (key, name, roster_id) VALUES (?1, ?2, ?3) \
                 ON CONFLICT (key) DO UPDATE SET \
                 name = iif(?3 IS NULL AND roster_id IS NOT NULL, name, ?2), \
                 roster_id = coalesce(?3, roster_id) \
                 WHERE ?3 IS NOT NULL AND (name <> ?2 OR roster_id IS NOT ?3) \
                 OR roster_id IS NULL AND name <> ?2",
                params![key, student.name, student.roster_id],
            )?;
            keys.push(key);
        }
        transaction.commit().context("cannot record the students")?;
        Ok(keys)
    }

    /// Records what was handed in, in place of what was before, and gives the
    /// number of each.
    pub(crate) fn hand_in(&mut self, all: &[HandedIn]) -> Result<Vec<i64>> {
        let transaction = self.transaction()?;
        let students = ids(&transaction, "SELECT key, id FROM students")?;
        let exercises = ids(&transaction, "SELECT name, id FROM exercises")?;
        let mut numbers = Vec::new();
        for one in all {
            let student = students.get(&one.student).context("an unknown student")?;
            let exercise = exercises
                .get(&one.exercise)
                .context("an unknown exercise")?;
            // What is as it was is not written again, which is the most part of a
            // class that was graded before.
            let before = transaction
                .query_row(
                    "SELECT id FROM submissions WHERE student = ?1 AND exercise = ?2 \
                     AND handed_in_as = ?3 AND lms_id IS ?4 AND late = ?5 AND sources = ?6",
                    params![
                        student,
                        exercise,
                        one.handed_in_as,
                        one.lms_id,
                        one.late,
                        one.sources
                    ],
                    |row| row.get(0),
                )
                .optional()?;
            if let Some(number) = before {
                numbers.push(number);
                continue;
            }
            let number = transaction.query_row(
                "INSERT INTO submissions \
                 (student, exercise, handed_in_as, lms_id, late, sources, seen) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
                 ON CONFLICT (student, exercise) DO UPDATE SET \
                 handed_in_as = ?3, lms_id = ?4, late = ?5, \
                 seen = iif(sources = ?6, seen, ?7), sources = ?6 \
                 RETURNING id",
                params![
                    student,
                    exercise,
                    one.handed_in_as,
                    one.lms_id,
                    one.late,
                    one.sources,
                    now()
                ],
                |row| row.get(0),
            )?;
            numbers.push(number);
        }
        transaction
            .commit()
            .context("cannot record the submissions")?;
        Ok(numbers)
    }

    /// Records the commits that sources are of: the submission's number, the digest
    /// of the sources, and the commit.
    pub(crate) fn committed(&mut self, all: &[(i64, String, Commit)]) -> Result<()> {
        if all.is_empty() {
            return Ok(());
        }
        let transaction = self.transaction()?;
        for (submission, sources, commit) in all {
            transaction.execute(
                "INSERT OR REPLACE INTO commits (submission, sources, name, at, host, tag) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    submission,
                    sources,
                    commit.id,
                    commit.at,
                    commit.host,
                    commit.tag
                ],
            )?;
        }
        transaction.commit().context("cannot record the commits")
    }

    /// Keeps sources, each with their digest, and forgets those that nobody has
    /// handed in any more.
    pub(crate) fn keep(&mut self, all: &[(String, &Files)]) -> Result<()> {
        let transaction = self.transaction()?;
        let mut known = known(&transaction)?;
        let mut is_new = false;
        for (digest, files) in all {
            if known.insert(digest.clone()) {
                let files = serde_json::to_string(files).context("cannot write sources")?;
                transaction.execute(
                    "INSERT INTO texts (sources, files) VALUES (?1, ?2)",
                    params![digest, files],
                )?;
                is_new = true;
            }
        }
        if is_new {
            transaction.execute(
                "DELETE FROM texts WHERE sources NOT IN (SELECT sources FROM submissions)",
                [],
            )?;
        }
        transaction.commit().context("cannot keep the sources")
    }

    /// The keys that submissions were graded by, by the submission's number.
    pub(crate) fn keys(&self) -> Result<HashMap<i64, String>> {
        let mut statement = self
            .connection
            .prepare("SELECT submission, key FROM verdicts")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect::<Result<_, _>>()
            .with_context(|| self.failed())
    }

    /// Stores a verdict in place of the one before, and gives up the claim. A
    /// failure of the grader's own is no verdict.
    pub(crate) fn store(&mut self, submission: i64, stored: Stored<'_>) -> Result<()> {
        let Stored { verdict, .. } = stored;
        if verdict.outcome == Outcome::InfrastructureError {
            bail!("a failure of the grader is not stored as a verdict");
        }
        let json = serde_json::to_string(verdict).context("cannot write a verdict")?;
        let outcome = word(verdict.outcome)?;
        let transaction = self.transaction()?;
        transaction.execute("DELETE FROM verdicts WHERE submission = ?1", [submission])?;
        transaction.execute(
            "INSERT INTO verdicts (submission, key, sources, course, libraries, grader, outcome, \
             score, max_score, message, graded_at, json) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            params![
                submission,
                stored.key,
                stored.sources,
                stored.course,
                stored.libraries,
                stored.grader,
                outcome,
                verdict.score,
                verdict.max_score,
                verdict.message,
                now(),
                json
            ],
        )?;
        add_checks(&transaction, submission, verdict)?;
        transaction.execute("DELETE FROM troubles WHERE submission = ?1", [submission])?;
        transaction.execute("DELETE FROM claims WHERE submission = ?1", [submission])?;
        transaction.commit().context("cannot store a verdict")
    }

    /// Records that a submission could not be graded, and gives up the claim.
    pub(crate) fn trouble(&mut self, submission: i64, message: &str) -> Result<()> {
        let transaction = self.transaction()?;
        transaction.execute(
            "INSERT OR REPLACE INTO troubles (submission, message, at) VALUES (?1, ?2, ?3)",
            params![submission, message, now()],
        )?;
        transaction.execute("DELETE FROM claims WHERE submission = ?1", [submission])?;
        transaction.commit().context("cannot record a failure")
    }

    /// Gives a student points by hand, whatever the verdict is or will be; `None`
    /// takes them back. Tells whether there were some before.
    pub(crate) fn change(
        &mut self,
        student: &str,
        exercise: &str,
        points: Option<(u32, &str)>,
    ) -> Result<bool> {
        let transaction = self.transaction()?;
        let student = id(
            &transaction,
            "SELECT id FROM students WHERE key = ?1",
            student,
        )?;
        let number = id(
            &transaction,
            "SELECT id FROM exercises WHERE name = ?1",
            exercise,
        )?;
        let (Some(student), Some(number)) = (student, number) else {
            usage!("the gradebook has no such student or no exercise `{exercise}`");
        };
        let before = transaction.execute(
            "DELETE FROM overrides WHERE student = ?1 AND exercise = ?2",
            [student, number],
        )?;
        if let Some((points, reason)) = points {
            transaction.execute(
                "INSERT INTO overrides (student, exercise, points, reason, at) \
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                params![student, number, points, reason, now()],
            )?;
        }
        transaction.commit().context("cannot store the points")?;
        Ok(before > 0)
    }
}

/// The key of a student who may have been recorded under another one: by the id of
/// the roster; without a roster by what their file is called, where nobody has
/// that for a key.
fn key(connection: &Connection, student: &NewStudent) -> Result<String> {
    let by_roster = "SELECT key FROM students WHERE roster_id = ?1";
    let own = "SELECT key FROM students WHERE key = ?1";
    let find = |sql: &str, id: &str| -> Result<Option<String>> {
        Ok(connection
            .query_row(sql, [id], |row| row.get(0))
            .optional()?)
    };
    let before = match &student.roster_id {
        Some(id) => find(by_roster, id)?,
        None => {
            let mut before = find(own, &student.key)?;
            for id in student.lms_id.iter().chain([&student.key]) {
                if before.is_none() {
                    before = find(by_roster, id)?;
                }
            }
            before
        }
    };
    Ok(before.unwrap_or_else(|| student.key.clone()))
}

fn add_checks(connection: &Connection, submission: i64, verdict: &Verdict) -> Result<()> {
    for (number, check) in verdict.checks.iter().enumerate() {
        let finding = check.finding.as_ref();
        let message = match (finding, check.outcome) {
            (Some(finding), _) => &finding.message,
            (None, CheckOutcome::NotRun) => "",
            (None, _) => check.coverage.as_deref().unwrap_or_default(),
        };
        connection.execute(
            "INSERT INTO checks (submission, number, id, title, outcome, points, max_points, \
             visible, finding, message) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            params![
                submission,
                number as i64,
                check.id,
                check.title,
                word(check.outcome)?,
                check.points,
                check.max_points,
                check.visibility == Visibility::Visible,
                finding.map(|finding| word(finding.kind)).transpose()?,
                message
            ],
        )?;
    }
    Ok(())
}

fn known(connection: &Connection) -> Result<HashSet<String>> {
    let mut statement = connection.prepare("SELECT sources FROM texts")?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn ids(connection: &Connection, sql: &str) -> Result<HashMap<String, i64>> {
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn id(connection: &Connection, sql: &str, name: &str) -> Result<Option<i64>> {
    Ok(connection
        .query_row(sql, [name], |row| row.get(0))
        .optional()?)
}

/// The word that JSON has for a value.
fn word(value: impl Serialize) -> Result<String> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        _ => bail!("a word is expected"),
    }
}
