//! From sources to programs: the one place that knows rustc's command line.
//!
//! A submission is compiled twice. What the real std accepts, we accept, and
//! what the compiler says then is what its author reads; what is examined is
//! linked against the replaced std.

mod checks;
mod depinfo;
mod diagnostics;
mod lang_start;
mod rustc;
mod submission;
mod support;
mod toolchain;

use std::path::{Path, PathBuf};

pub(crate) use checks::{driver, judge};
pub(crate) use submission::{alone, submission};
pub(crate) use support::Support;

/// A program that can be examined; its files are gone with it.
#[derive(Debug)]
pub(crate) struct Built {
    program: PathBuf,
    /// Holds the files until the last examination is over.
    _scratch: tempfile::TempDir,
}

impl Built {
    /// The program.
    pub(crate) fn program(&self) -> &Path {
        &self.program
    }
}

/// Why there is no program. Both are the submission's doing.
#[derive(Debug)]
pub(crate) enum Unbuilt {
    /// It may not be graded.
    Refused(String),
    /// The compiler does not accept it; these are its words.
    DoesNotCompile(String),
}
