//! How a process ended.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use crate::Captured;

/// How a process ended, and what it printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// How.
    pub how: How,
    /// What it printed on standard output; nothing where the caller read that.
    pub stdout: Captured,
    /// What it printed on standard error.
    pub stderr: Captured,
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// By itself, with this exit code.
    Exited(i32),
    /// By this signal, which nobody here sent. `SIGXCPU` says that its time on
    /// the processors was used up, `SIGXFSZ` that a file grew too large.
    Signalled(i32),
    /// Its time on the wall was up.
    TimedOut,
    /// It neither computed nor printed anything for longer than it may.
    Idle,
    /// It printed more than it may.
    OutputLimit,
    /// All of its processes together wanted more memory than they may have.
    MemoryLimit,
    /// It started more threads than it may.
    ProcessLimit,
    /// The caller ended it.
    Stopped,
}

impl How {
    pub(crate) fn from_status(status: ExitStatus) -> How {
        match (status.code(), status.signal()) {
            (Some(code), _) => How::Exited(code),
            // A process that was waited for to its end did one or the other.
            (None, signal) => How::Signalled(signal.unwrap_or_default()),
        }
    }
}

/// As in `the program {how}`.
impl std::fmt::Display for How {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            How::Exited(code) => write!(f, "ended with exit code {code}"),
            How::Signalled(libc::SIGXCPU) => f.write_str("used up its time on the processor"),
            How::Signalled(libc::SIGXFSZ) => f.write_str("wrote a file that is too large"),
            How::Signalled(libc::SIGSEGV) => {
                f.write_str("was ended by signal 11 (a stack overflow, or memory that is not its)")
            }
            How::Signalled(libc::SIGABRT) => f.write_str("was ended by signal 6 (it aborted)"),
            How::Signalled(signal) => write!(f, "was ended by signal {signal}"),
            How::TimedOut => f.write_str("did not end in time"),
            How::Idle => f.write_str("did nothing for too long"),
            How::OutputLimit => f.write_str("printed too much"),
            How::MemoryLimit => f.write_str("wanted too much memory"),
            How::ProcessLimit => f.write_str("started too many threads"),
            How::Stopped => f.write_str("was stopped"),
        }
    }
}
