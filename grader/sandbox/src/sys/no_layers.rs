//! Layers on a system that has none: nothing starts inside of them.

use std::io;
use std::os::fd::OwnedFd;
use std::process::ExitStatus;

use crate::Job;

/// A process that was started inside of layers: there is none.
#[derive(Debug)]
pub(crate) struct Layered {
    pub(crate) pid: u32,
    pub(crate) worker: u32,
    pub(crate) stdin: OwnedFd,
    pub(crate) stdout: OwnedFd,
    pub(crate) stderr: Option<OwnedFd>,
    pub(crate) reaped: Reaped,
}

/// A child that is to be reaped: there is none.
#[derive(Debug)]
pub(crate) struct Reaped;

impl Reaped {
    pub(crate) fn reap(&self) -> io::Result<ExitStatus> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn ran_out_of_memory(&self) -> bool {
        false
    }
}

/// Whether nothing but the grader can count how many threads a job has.
pub(crate) fn only_we_count(_: &Job) -> bool {
    false
}

/// Fails: layers are Linux's.
pub(crate) fn spawn(_: &Job) -> io::Result<Layered> {
    let words = "only Linux has the layers that this is to run in";
    Err(io::Error::new(io::ErrorKind::Unsupported, words))
}

/// Fails: layers are Linux's.
pub(crate) fn times(job: &Job) -> io::Result<Vec<(&'static str, std::time::Duration)>> {
    spawn(job).map(|_| Vec::new())
}
