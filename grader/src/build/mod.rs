//! From sources to programs: the one place that knows rustc's command line.
//!
//! A submission is compiled twice. What the real std accepts, we accept, and
//! what the compiler says then is what its author reads; what is examined is
//! linked against the replaced std, and what is run on the real system, if
//! anything is, against the real one.

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
pub(crate) use submission::{Wanted, alone, submission};
pub(crate) use support::Support;

/// A program that can be examined; its files are gone with it.
#[derive(Debug)]
pub(crate) struct Built {
    program: PathBuf,
    /// The same program with the real std, where it is to be run so.
    real: Option<PathBuf>,
    /// Holds the files until the last examination is over.
    _scratch: tempfile::TempDir,
}

impl Built {
    /// The program.
    pub(crate) fn program(&self) -> &Path {
        &self.program
    }

    /// The program that is run on the real system, where there is to be one.
    pub(crate) fn real(&self) -> Option<&Path> {
        self.real.as_deref()
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
