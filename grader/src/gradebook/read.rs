//! Reading the gradebook.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Context as _, Result};
use rusqlite::{OptionalExtension as _, Row};
use serde::de::DeserializeOwned;
use verdict::Verdict;

use super::{
    Book, Check, Entry, Exercise, Files, Gradebook, Graded, Override, Student, Submission,
};
use crate::git::Commit;

impl Gradebook {
    /// All that it holds but the timelines.
    pub(crate) fn book(&mut self) -> Result<Book> {
        let failed = self.failed();
        self.read_book().context(failed)
    }

    /// The whole verdict on a submission, if there is one.
    pub(crate) fn verdict(&self, submission: i64) -> Result<Option<Verdict>> {
        let json: Option<String> = self
            .connection
            .query_row(
                "SELECT json FROM verdicts WHERE submission = ?1",
                [submission],
                |row| row.get(0),
            )
            .optional()
            .with_context(|| self.failed())?;
        json.map(|json| serde_json::from_str(&json).context("a stored verdict cannot be read"))
            .transpose()
    }

    /// The commits that are known, by the submission's number: the digest of the
    /// sources that each has, and its name.
    pub(crate) fn commits(&self) -> Result<HashMap<i64, (String, String)>> {
        let mut statement = self
            .connection
            .prepare("SELECT submission, sources, name FROM commits")
            .with_context(|| self.failed())?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?;
        rows.collect::<Result<_, _>>()
            .with_context(|| self.failed())
    }

    /// The sources that are kept, by their digest.
    pub(crate) fn texts(&self) -> Result<HashMap<String, Files>> {
        let mut statement = self
            .connection
            .prepare("SELECT sources, files FROM texts")
            .with_context(|| self.failed())?;
        let mut texts = HashMap::new();
        let mut found = statement.query([])?;
        while let Some(row) = found.next().with_context(|| self.failed())? {
            let files: String = row.get(1)?;
            let files = serde_json::from_str(&files).context("kept sources cannot be read")?;
            texts.insert(row.get(0)?, files);
        }
        Ok(texts)
    }

    fn read_book(&mut self) -> Result<Book> {
        // One transaction, so that everything is of one moment.
        let transaction = self.connection.transaction()?;
        let rows = |sql: &str| -> Result<rusqlite::Statement<'_>> { Ok(transaction.prepare(sql)?) };
        let mut names: HashMap<i64, String> = HashMap::new();
        let mut exercises = Vec::new();
        let mut statement = rows("SELECT id, name, title, points FROM exercises ORDER BY name")?;
        let mut found = statement.query([])?;
        while let Some(row) = found.next()? {
            names.insert(row.get(0)?, row.get(1)?);
            exercises.push(Exercise {
                name: row.get(1)?,
                title: row.get(2)?,
                points: row.get(3)?,
            });
        }
        let mut students: Vec<(i64, Student)> = Vec::new();
        let mut statement =
            rows("SELECT id, key, name, roster_id FROM students ORDER BY name, key")?;
        let mut found = statement.query([])?;
        while let Some(row) = found.next()? {
            let student = Student {
                key: row.get(1)?,
                name: row.get(2)?,
                roster_id: row.get(3)?,
                entries: BTreeMap::new(),
            };
            students.push((row.get(0)?, student));
        }
        let places: HashMap<i64, usize> = students
            .iter()
            .enumerate()
            .map(|(place, (id, _))| (*id, place))
            .collect();

        let mut checks: HashMap<i64, Vec<Check>> = HashMap::new();
        let mut statement = rows(
            "SELECT submission, id, title, outcome, points, max_points, visible, finding, message \
             FROM checks ORDER BY submission, number",
        )?;
        let mut found = statement.query([])?;
        while let Some(row) = found.next()? {
            checks.entry(row.get(0)?).or_default().push(check(row)?);
        }

        let mut statement = rows(
            "SELECT s.student, s.exercise, s.id, s.handed_in_as, s.lms_id, s.late, s.sources, \
             s.seen, t.message, v.outcome, v.score, v.max_score, v.message, v.graded_at, \
             v.sources = s.sources, c.name, c.at, c.host, c.tag \
             FROM submissions AS s \
             LEFT JOIN commits AS c ON c.submission = s.id AND c.sources = s.sources \
             LEFT JOIN troubles AS t ON t.submission = s.id \
             LEFT JOIN verdicts AS v ON v.submission = s.id",
        )?;
        let mut found = statement.query([])?;
        while let Some(row) = found.next()? {
            let entry = entry(&mut students, (&places, &names), row)?;
            let id = row.get(2)?;
            entry.submission = Some(Submission {
                id,
                handed_in_as: row.get(3)?,
                lms_id: row.get(4)?,
                late: row.get(5)?,
                sources: row.get(6)?,
                seen: row.get(7)?,
                commit: commit(row)?,
            });
            entry.trouble = row.get(8)?;
            if let Some(outcome) = row.get::<_, Option<String>>(9)? {
                entry.graded = Some(Graded {
                    outcome: word(&outcome)?,
                    score: row.get(10)?,
                    max_score: row.get(11)?,
                    message: row.get(12)?,
                    graded_at: row.get(13)?,
                    current: row.get(14)?,
                    checks: checks.remove(&id).unwrap_or_default(),
                });
            }
        }
        let mut statement = rows("SELECT student, exercise, points, reason, at FROM overrides")?;
        let mut found = statement.query([])?;
        while let Some(row) = found.next()? {
            let entry = entry(&mut students, (&places, &names), row)?;
            entry.changed = Some(Override {
                points: row.get(2)?,
                reason: row.get(3)?,
                at: row.get(4)?,
            });
        }
        let students = students.into_iter().map(|(_, student)| student).collect();
        Ok(Book {
            exercises,
            students,
        })
    }
}

/// The entry of the student and the exercise that a row begins with.
fn entry<'a>(
    students: &'a mut [(i64, Student)],
    (places, names): (&HashMap<i64, usize>, &HashMap<i64, String>),
    row: &Row<'_>,
) -> Result<&'a mut Entry> {
    let place = places.get(&row.get(0)?).context("a row of nobody's")?;
    let name = names.get(&row.get(1)?).context("a row of no exercise")?;
    let entries = &mut students[*place].1.entries;
    Ok(entries.entry(name.clone()).or_default())
}

/// The commit of a submission's row, if one is known.
fn commit(row: &Row<'_>) -> Result<Option<Commit>> {
    let Some(id) = row.get(15)? else {
        return Ok(None);
    };
    Ok(Some(Commit {
        id,
        at: row.get(16)?,
        host: row.get(17)?,
        tag: row.get(18)?,
    }))
}

fn check(row: &Row<'_>) -> Result<Check> {
    let finding: Option<String> = row.get(7)?;
    Ok(Check {
        id: row.get(1)?,
        title: row.get(2)?,
        outcome: word(&row.get::<_, String>(3)?)?,
        points: row.get(4)?,
        max_points: row.get(5)?,
        visible: row.get(6)?,
        finding: finding.as_deref().map(word).transpose()?,
        message: row.get(8)?,
    })
}

/// A value that JSON has a word for, from that word.
fn word<T: DeserializeOwned>(word: &str) -> Result<T> {
    serde_json::from_value(serde_json::Value::String(word.to_owned()))
        .with_context(|| format!("`{word}` is no word of this grader's"))
}
