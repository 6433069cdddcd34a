//! Starting a process inside of layers.
//!
//! The process is cloned here, and not started by std's `Command`, because it
//! has to be born into its namespaces: of those who share a process, only a
//! child can be in another one. Everything that can be decided or allocated is
//! made before that ([`plan`]); what runs in the child (`start`, `mounts`,
//! `privileges`) makes system calls and nothing else, since another thread of
//! the grader may have held any lock at the moment of the clone.

mod channel;
mod filter;
mod landlock;
mod mounts;
mod plan;
mod privileges;
mod sockets;
mod start;
mod terminal;

use std::io;
use std::os::fd::OwnedFd;
use std::process::ExitStatus;

use crate::Job;

/// A process that was started inside of layers.
#[derive(Debug)]
pub(crate) struct Layered {
    /// The child of this process: the one that runs the program, or the first
    /// of its namespace, which ends with it. Killing it ends all.
    pub(crate) pid: u32,
    /// The one that runs the program.
    pub(crate) worker: u32,
    /// Its standard streams, from this side.
    pub(crate) stdin: OwnedFd,
    /// Standard output.
    pub(crate) stdout: OwnedFd,
    /// Standard error, where it is not the same terminal.
    pub(crate) stderr: Option<OwnedFd>,
    /// What there will be to reap.
    pub(crate) reaped: Reaped,
}

/// A child that is to be reaped once it has ended.
#[derive(Debug)]
pub(crate) struct Reaped {
    pid: u32,
    /// Where the first process of the namespace tells how the program ended.
    status: Option<OwnedFd>,
}

impl Reaped {
    /// Reaps it, which has ended or is about to.
    pub(crate) fn reap(&self) -> io::Result<ExitStatus> {
        start::reap(self.pid, self.status.as_ref())
    }
}

/// Starts a job inside of its layers.
pub(crate) fn spawn(job: &Job) -> io::Result<Layered> {
    start::spawn(&plan::Plan::new(job, plan::Runs::Program)?)
}

/// Does these attacks from inside of a job's layers, in place of its program.
pub(crate) fn spawn_attacks(
    job: &Job,
    attacks: crate::sys::attacks::Targets,
) -> io::Result<Layered> {
    start::spawn(&plan::Plan::new(job, plan::Runs::Attacks(attacks))?)
}

/// A layer that could not be set up.
#[derive(Debug, thiserror::Error)]
#[error("cannot set up the layer `{layer}`: {source}")]
pub(crate) struct LayerFailed {
    layer: &'static str,
    source: io::Error,
}

impl LayerFailed {
    fn error(layer: &'static str, source: io::Error) -> io::Error {
        io::Error::other(LayerFailed { layer, source })
    }
}
