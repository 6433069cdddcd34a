//! What is told of a pull request: annotations on its lines and a summary, as
//! GitHub shows them, and JUnit's XML.
//!
//! All of it is read by programs, and much of it comes of a submission: each
//! format has its own escape, and nothing goes past it.

mod annotations;
mod junit;
mod summary;

use verdict::{Check, CheckOutcome, FindingKind, Verdict};

pub(crate) use annotations::{annotations, complaint, resume, stop};
pub(crate) use junit::junit;
pub(crate) use summary::{outputs, summary};

use super::Again;
use crate::submission::Sources;

/// A verdict on a crate of a repository.
pub(crate) struct Graded {
    /// The verdict.
    pub(crate) verdict: Verdict,
    /// The crate's folder, relative to the repository's root, `/` between its
    /// parts; empty for the root itself.
    pub(crate) folder: String,
    /// Its sources, where they could be read.
    pub(crate) sources: Option<Sources>,
    /// How to see its findings again.
    pub(crate) again: Again,
    /// The least points that are asked for.
    pub(crate) least: u32,
}

impl Graded {
    /// Whether it has as many points as are asked for.
    fn suffices(&self) -> bool {
        self.verdict.score >= self.least
    }

    /// A file of the crate, relative to the repository's root.
    fn path(&self, file: &str) -> String {
        match self.folder.as_str() {
            "" => file.to_owned(),
            folder => format!("{folder}/{file}"),
        }
    }

    /// The checks that failed; of those that fail since there is no program, the
    /// first only.
    fn failed(&self) -> impl Iterator<Item = &Check> {
        let failed = self.verdict.checks.iter();
        let failed = failed.filter(|check| check.outcome == CheckOutcome::Failed);
        let no_program = |check: &&Check| {
            let finding = check.finding.as_ref();
            finding.is_some_and(|finding| finding.kind == FindingKind::NoProgram)
        };
        let first = failed.clone().find(no_program).map(|check| &check.id);
        failed.filter(move |check| !no_program(check) || Some(&check.id) == first)
    }
}

/// A text with no more than so many characters.
fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => format!("{} …", &text[..end]),
    }
}

#[cfg(test)]
mod tests;
