//! The gradebook: one SQLite file with a class's students, what they have handed
//! in, the verdicts on it and what was changed by hand. The only place that
//! knows SQLite.
//!
//! What was told to a person is in the file: each verdict is a transaction of its
//! own, which is over before anybody sees the verdict.
//!
//! Nothing here grades, finds students, or writes a report.

mod book;
mod claims;
mod read;
mod schema;
mod write;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use crate::exit::usage;

pub(crate) use book::{Book, Check, Entry, Exercise, Graded, Override, Student, Submission};
pub(crate) use claims::Claim;
pub(crate) use write::{HandedIn, NewStudent, Stored};

/// How long one grader waits for another to finish its transaction.
const PATIENCE: Duration = Duration::from_secs(60);

/// Sources, by the files' names.
pub(crate) type Files = std::collections::BTreeMap<String, String>;

/// An open gradebook.
pub(crate) struct Gradebook {
    connection: Connection,
    path: PathBuf,
}

impl Gradebook {
    /// Opens a gradebook, a new one if there is no file.
    pub(crate) fn open_or_create(path: &Path) -> Result<Gradebook> {
        Gradebook::connect(path, OpenFlags::default())
    }

    /// Opens a gradebook that is there.
    pub(crate) fn open(path: &Path) -> Result<Gradebook> {
        if !path.exists() {
            usage!(
                "there is no {}; `grader class PATH --gradebook {}` makes it",
                path.display(),
                path.display()
            );
        }
        Gradebook::connect(
            path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )
    }

    fn connect(path: &Path, flags: OpenFlags) -> Result<Gradebook> {
        if path.is_dir() {
            usage!("{} is a folder; name a file", path.display());
        }
        let folder = path.parent().filter(|folder| *folder != Path::new(""));
        if let Some(folder) = folder
            && !folder.is_dir()
        {
            usage!(
                "there is no folder {}: make it first, or name another file",
                folder.display()
            );
        }
        let context = || format!("cannot open the gradebook {}", path.display());
        let connection = Connection::open_with_flags(path, flags).with_context(context)?;
        connection.busy_timeout(PATIENCE).with_context(context)?;
        let mut gradebook = Gradebook {
            connection,
            path: path.to_owned(),
        };
        schema::make_or_check(&mut gradebook)?;
        Ok(gradebook)
    }

    /// A transaction that nobody else writes during.
    fn transaction(&mut self) -> Result<Transaction<'_>> {
        let path = self.path.display().to_string();
        self.connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .with_context(|| format!("cannot write the gradebook {path}"))
    }

    /// The error of a statement that failed.
    fn failed(&self) -> String {
        format!("cannot use the gradebook {}", self.path.display())
    }
}

/// Seconds since 1970. A time is something to show, and decides nothing.
fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    })
}

#[cfg(test)]
mod tests;
