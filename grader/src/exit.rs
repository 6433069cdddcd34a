//! How the grader ends, and the mistakes of its caller.

use std::process::{ExitCode, Termination};

/// The exit codes, which scripts and CI may rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Everything got full marks; a class, whose points are its students', was
    /// graded.
    Full = 0,
    /// Something did not.
    Short = 1,
    /// The command line was wrong.
    Usage = 2,
    /// The grader could not grade. Never to be taken for a score of zero.
    Infrastructure = 3,
}

impl Termination for Exit {
    fn report(self) -> ExitCode {
        ExitCode::from(self as u8)
    }
}

/// A command line that cannot be carried out: one sentence that says what is
/// wrong and what to give instead.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Usage(pub(crate) String);

/// Ends the current function with a [`Usage`] error.
macro_rules! usage {
    ($($word:tt)*) => {
        return Err($crate::exit::Usage(format!($($word)*)).into())
    };
}
pub(crate) use usage;
