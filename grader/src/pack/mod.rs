//! The course as other houses take it: as students get it, and as an
//! autograder's container does.
//!
//! What goes into a pack is listed, not left out: a file that nobody thought of
//! stays where it is. The same sources give the same bytes.

mod cargo;
mod folder;
mod gradescope;
mod place;
mod students;

use std::collections::BTreeMap;

pub(crate) use gradescope::gradescope;
pub(crate) use place::write;
pub(crate) use students::students;

use crate::publish::Content;

/// Files that belong together.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Pack {
    /// By their paths, `/` between the parts.
    files: BTreeMap<String, Content>,
    /// Sentences on what was left out.
    pub(crate) notes: Vec<String>,
}

impl Pack {
    /// Adds a file.
    fn add(&mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        let file = Content {
            bytes: bytes.into(),
            executable: false,
        };
        self.files.insert(path.into(), file);
    }

    /// Adds a program.
    fn add_program(&mut self, path: impl Into<String>, text: impl Into<Vec<u8>>) {
        let file = Content {
            bytes: text.into(),
            executable: true,
        };
        self.files.insert(path.into(), file);
    }

    /// How many files there are.
    pub(crate) fn count(&self) -> usize {
        self.files.len()
    }
}
