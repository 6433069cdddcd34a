//! From sources to programs: the one place that knows rustc's command line.
//!
//! A submission is compiled twice. What the real std accepts, we accept, and
//! what the compiler says then is what its author reads (but for holes in its
//! soundness, which are closed here); what is examined is
//! linked against the replaced std, and what is run on the real system, if
//! anything is, against the real one.

mod attributes;
mod canaries;
mod checks;
mod depinfo;
mod diagnostics;
mod implied;
mod lang_start;
mod rustc;
mod soundness;
mod submission;
mod support;
mod toolchain;

use std::path::{Path, PathBuf};

pub(crate) use checks::{driver, judge};
pub(crate) use diagnostics::fuzzed as fuzzed_messages;
pub(crate) use soundness::fuzzed as fuzzed_mir;
pub(crate) use submission::{Wanted, alone, submission};
pub(crate) use support::{PACKAGES, Support};

use crate::course::Start;

/// What can be examined of a submission; its files are gone with it.
#[derive(Debug)]
pub(crate) struct Built {
    /// The scenarios, linked with its library; or why there are none.
    scenarios: Result<PathBuf, String>,
    /// Its own program; or why there is none, in words for its author.
    program: Result<PathBuf, String>,
    /// The program with the real std, where it is to be run so.
    real: Option<PathBuf>,
    /// Holds the files until the last examination is over.
    _scratch: crate::home::Folder,
}

impl Built {
    /// What a check starts; where that is not there, the words say why.
    pub(crate) fn started(&self, start: Start) -> Result<&Path, &str> {
        let started = match start {
            Start::Scenarios => &self.scenarios,
            Start::Program => &self.program,
        };
        started.as_deref().map_err(String::as_str)
    }

    /// The program that is run on the real system, where there is to be one.
    pub(crate) fn real(&self) -> Option<&Path> {
        self.real.as_deref()
    }
}

/// A program that belongs to no exercise; its files are gone with it.
#[derive(Debug)]
pub(crate) struct Alone {
    program: PathBuf,
    _scratch: crate::home::Folder,
}

impl Alone {
    /// The program.
    pub(crate) fn program(&self) -> &Path {
        &self.program
    }
}

/// Why nothing can be examined. Both are the submission's doing.
#[derive(Debug)]
pub(crate) enum Unbuilt {
    /// It may not be graded.
    Refused(String),
    /// The compiler does not accept it; these are its words.
    DoesNotCompile(String),
}
