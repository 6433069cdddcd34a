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
mod users;

use std::io;
use std::os::fd::OwnedFd;
use std::process::ExitStatus;
use std::time::Duration;

use super::cgroup::Cgroup;
use crate::{Job, Layers};
use channel::Stage;
pub(super) use start::Blocked;
use users::Lease;

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
    /// The time that it had on the processors, where it is a single process.
    cpu: Option<Duration>,
    held: Held,
}

/// What a start has to itself until it is reaped.
#[derive(Debug, Default)]
struct Held {
    /// It goes first: what is still in it runs as the user.
    cgroup: Option<Cgroup>,
    /// The user, where it is not the grader's.
    _user: Option<Lease>,
}

impl Reaped {
    /// Reaps it, which has ended or is about to.
    pub(crate) fn reap(&self) -> io::Result<ExitStatus> {
        start::reap(self.pid, self.status.as_ref(), self.cpu)
    }

    /// Whether one of its processes was killed for want of memory that they have
    /// together.
    pub(crate) fn ran_out_of_memory(&self) -> bool {
        let cgroup = self.held.cgroup.as_ref();
        cgroup.is_some_and(Cgroup::ran_out_of_memory)
    }
}

/// Whether nothing but the grader can count how many threads a job has.
pub(crate) fn only_we_count(job: &Job) -> bool {
    // Without namespaces the grader's user has what it had before.
    let is_alone = job.alone || !job.policy.starts_programs;
    job.policy.layers == Layers::Bare && is_alone && privileges::is_no_other_user()
}

/// Starts a job inside of its layers.
pub(crate) fn spawn(job: &Job) -> io::Result<Layered> {
    start::spawn(plan::Plan::new(job, plan::Runs::Program)?)
}

/// Starts a job inside of its layers and ends it again, and gives the time that
/// each part of the start took.
pub(crate) fn times(job: &Job) -> io::Result<Vec<(&'static str, Duration)>> {
    let began = channel::now();
    let mut plan = plan::Plan::without_cgroup(job, plan::Runs::Program)?;
    plan.tells_times = true;
    let without = channel::now();
    plan.held.cgroup = Cgroup::new(job);
    let planned = channel::now();
    let (layered, told) = start::spawn_timed(plan)?;
    let started = channel::now();
    super::kill(layered.pid);
    layered.reaped.reap()?;
    let ended = channel::now();
    drop(layered);
    let removed = channel::now();

    let mut times = vec![
        ("plan", without.saturating_sub(began)),
        (
            "cgroup",
            planned.saturating_sub(without) + removed.saturating_sub(ended),
        ),
    ];
    let mut before = planned;
    for (stage, at) in told {
        // What is told is the lower half; a start takes less than four seconds.
        let later = u64::from(at.wrapping_sub(before.as_nanos() as u32));
        let name = match stage {
            Stage::Streams => "clone into namespaces, descriptors",
            stage => stage.name(),
        };
        times.push((name, Duration::from_nanos(later)));
        before += Duration::from_nanos(later);
    }
    times.push(("exec", started.saturating_sub(before)));
    times.push(("end of all", ended.saturating_sub(started)));
    Ok(times)
}

/// Does these attacks from inside of a job's layers, in place of its program.
pub(crate) fn spawn_attacks(
    job: &Job,
    attacks: crate::sys::attacks::Targets,
) -> io::Result<Layered> {
    start::spawn(plan::Plan::new(job, plan::Runs::Attacks(attacks))?)
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
