//! Who grades what, where several graders work on one gradebook.
//!
//! A claim only keeps a second grader from doing the same work: should both do
//! it, they come to the same verdict. So it is enough that a claim of a grader
//! that is dead is seen as such on the machine that it ran on.

use anyhow::{Context as _, Result};
use rusqlite::{OptionalExtension as _, params};

use super::Gradebook;

/// What came of asking for a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Claim {
    /// It is this grader's to grade.
    Ours,
    /// Another grader has graded it meanwhile.
    Done,
    /// Another grader is at it.
    Theirs,
}

impl Gradebook {
    /// Asks to grade a submission, unless it has been graded by this key; without
    /// a key, whatever it was graded by.
    pub(crate) fn claim(&mut self, submission: i64, key: Option<&str>) -> Result<Claim> {
        let transaction = self.transaction()?;
        let stored: Option<String> = transaction
            .query_row(
                "SELECT key FROM verdicts WHERE submission = ?1",
                [submission],
                |row| row.get(0),
            )
            .optional()?;
        if stored.is_some() && stored.as_deref() == key {
            return Ok(Claim::Done);
        }
        take(transaction, submission)
    }
}

fn take(transaction: rusqlite::Transaction<'_>, submission: i64) -> Result<Claim> {
    let holder: Option<(u32, String)> = transaction
        .query_row(
            "SELECT process, started FROM claims WHERE submission = ?1",
            [submission],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    let ours = std::process::id();
    if let Some((process, began)) = holder
        && process != ours
        && started(process).is_some_and(|now| now == began)
    {
        return Ok(Claim::Theirs);
    }
    transaction.execute(
        "INSERT OR REPLACE INTO claims (submission, process, started) VALUES (?1, ?2, ?3)",
        params![submission, ours, started(ours).unwrap_or_default()],
    )?;
    transaction.commit().context("cannot claim a submission")?;
    Ok(Claim::Ours)
}

/// When a process began, as the system counts it, so that another one with its
/// number is not taken for it. `None` for one that is not there.
fn started(process: u32) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name, in brackets, may have spaces and brackets of its own. What has
    // ended and was not yet waited for is not there either.
    let after = stat.rsplit_once(')')?.1;
    let mut fields = after.split_whitespace();
    let state = fields.next()?;
    let began = fields.nth(18)?;
    (state != "Z" && state != "X").then(|| began.to_owned())
}
