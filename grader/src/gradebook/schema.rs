//! The tables, and which files are gradebooks.

use anyhow::{Context as _, Result};
use rusqlite::{Connection, ErrorCode};

use super::Gradebook;
use crate::exit::usage;

/// The version of the tables, which a file has in `user_version`.
const VERSION: i64 = 3;
/// What a file of ours has in `application_id`: `LkGb`.
const APPLICATION: i64 = 0x4c6b_4762;

const TABLES: &str = "
CREATE TABLE students (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE CHECK (key <> ''),
    name TEXT NOT NULL,
    roster_id TEXT UNIQUE
) STRICT;

CREATE TABLE exercises (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE CHECK (name <> ''),
    title TEXT NOT NULL,
    points INTEGER NOT NULL CHECK (points >= 0)
) STRICT;

CREATE TABLE submissions (
    id INTEGER PRIMARY KEY,
    student INTEGER NOT NULL REFERENCES students (id),
    exercise INTEGER NOT NULL REFERENCES exercises (id),
    handed_in_as TEXT NOT NULL,
    lms_id TEXT,
    late INTEGER NOT NULL CHECK (late IN (0, 1)),
    sources TEXT NOT NULL,
    seen INTEGER NOT NULL,
    UNIQUE (student, exercise)
) STRICT;

CREATE TABLE verdicts (
    submission INTEGER PRIMARY KEY REFERENCES submissions (id),
    key TEXT NOT NULL,
    sources TEXT NOT NULL,
    course TEXT NOT NULL,
    libraries TEXT NOT NULL,
    grader TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('graded', 'does-not-compile', 'refused')),
    score INTEGER NOT NULL CHECK (score BETWEEN 0 AND max_score),
    max_score INTEGER NOT NULL,
    message TEXT NOT NULL,
    graded_at INTEGER NOT NULL,
    json TEXT NOT NULL CHECK (json_valid(json))
) STRICT;

CREATE TABLE checks (
    submission INTEGER NOT NULL REFERENCES verdicts (submission) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    id TEXT NOT NULL,
    title TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('passed', 'failed', 'not-run')),
    points INTEGER NOT NULL CHECK (points BETWEEN 0 AND max_points),
    max_points INTEGER NOT NULL,
    visible INTEGER NOT NULL CHECK (visible IN (0, 1)),
    finding TEXT,
    message TEXT NOT NULL,
    PRIMARY KEY (submission, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE troubles (
    submission INTEGER PRIMARY KEY REFERENCES submissions (id),
    message TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;

CREATE TABLE overrides (
    student INTEGER NOT NULL REFERENCES students (id),
    exercise INTEGER NOT NULL REFERENCES exercises (id),
    points INTEGER NOT NULL CHECK (points >= 0),
    reason TEXT NOT NULL CHECK (trim(reason) <> ''),
    at INTEGER NOT NULL,
    PRIMARY KEY (student, exercise)
) STRICT, WITHOUT ROWID;

CREATE TABLE claims (
    submission INTEGER PRIMARY KEY REFERENCES submissions (id),
    process INTEGER NOT NULL,
    started TEXT NOT NULL
) STRICT;
";

/// What version 2 has and version 1 has not: the sources themselves, by their digest,
/// so that a report can show what was handed in weeks ago, and packed.
const TEXTS: &str = "
CREATE TABLE texts (
    sources TEXT PRIMARY KEY,
    files TEXT NOT NULL CHECK (json_valid(files))
) STRICT;
";

/// What version 3 has and version 2 has not: the commits that sources were handed in
/// at, where they lie in a clone. A row is about these sources and no others.
const COMMITS: &str = "
CREATE TABLE commits (
    submission INTEGER PRIMARY KEY REFERENCES submissions (id),
    sources TEXT NOT NULL,
    name TEXT NOT NULL CHECK (name <> ''),
    at INTEGER NOT NULL,
    host TEXT,
    tag TEXT
) STRICT;
";

/// What each version adds to the tables of the one before it, from version 1 on.
const LATER: [&str; 2] = [TEXTS, COMMITS];

/// Makes the tables in a file without any, and refuses what is no gradebook.
pub(super) fn make_or_check(gradebook: &mut Gradebook) -> Result<()> {
    let (path, failed) = (gradebook.path.display().to_string(), gradebook.failed());
    let application = match number(&gradebook.connection, "application_id") {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => {
            usage!("{path} is no gradebook, nor any file of SQLite's; name another file")
        }
        application => application.with_context(|| failed.clone())?,
    };
    let settings = "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL;";
    gradebook
        .connection
        .execute_batch(settings)
        .with_context(|| failed.clone())?;
    if application != APPLICATION {
        // Another grader may be making the tables at this very moment.
        let transaction = gradebook.transaction()?;
        let application = number(&transaction, "application_id")?;
        let tables: i64 =
            transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        if application == 0 && tables == 0 {
            transaction.execute_batch(TABLES)?;
            for tables in LATER {
                transaction.execute_batch(tables)?;
            }
            transaction.pragma_update(None, "application_id", APPLICATION)?;
            transaction.pragma_update(None, "user_version", VERSION)?;
            transaction.commit().with_context(|| failed.clone())?;
        } else if application != APPLICATION {
            usage!("{path} is a file of another program's, and no gradebook; name another file");
        }
    }
    let mut version =
        number(&gradebook.connection, "user_version").with_context(|| failed.clone())?;
    if (1..VERSION).contains(&version) {
        let transaction = gradebook.transaction()?;
        // Another grader may have added them meanwhile.
        version = number(&transaction, "user_version")?;
        for (of, tables) in (1..).zip(LATER) {
            if version == of {
                transaction.execute_batch(tables)?;
                version += 1;
            }
        }
        transaction.pragma_update(None, "user_version", version)?;
        transaction.commit().with_context(|| failed.clone())?;
    }
    if version != VERSION {
        usage!(
            "the gradebook {path} was made by a newer grader (its tables have version {version}, \
             and this grader knows version {VERSION}); update the grader"
        );
    }
    Ok(())
}

fn number(connection: &Connection, pragma: &str) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, pragma, |row| row.get(0))
}
