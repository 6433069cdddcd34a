//! Runs a command, confined, and tells how it ended.
//!
//! This is the only place that starts processes. [`run`] gives a process its
//! input and returns what it printed; [`spawn`] lets the caller talk with it
//! while it runs, and end it early.
//!
//! What every process gets: an environment and descriptors of its own, limits
//! on what it may use, and an end for its whole process group when the first
//! process of it ends, when its time is up, when it prints too much, when the
//! caller stops it, and when the grader itself dies.
//!
//! What else it is confined to is a [`Policy`] in a set of [`Layers`]: which
//! files it may read and write, whether it may start others, what it may reach.
//! Which sets of layers this machine can have, [`preflight`] finds out by
//! attacking them.
//!
//! Nothing here knows what is run, or judges what came of it.

mod captured;
mod ended;
mod group;
mod job;
mod neighbours;
mod pipes;
mod policy;
mod preflight;
mod running;
#[expect(
    unsafe_code,
    reason = "sessions, limits, signals and poll are system calls that std does not offer"
)]
mod sys;

pub use captured::Captured;
pub use ended::{Ended, How};
pub use job::{Job, Limits, Streams};
pub use neighbours::Neighbours;
pub use pipes::{Input, Output};
pub use policy::{Keep, Layers, Network, Policy, Scratch};
pub use preflight::{Report, Row, SETS, Set, Tried, machine, preflight, try_layers, uses_cgroup};
pub use running::{Running, Stopper, run, spawn, times};
pub use sys::{end_all_on_interrupt, interrupted, say_on_interrupt};

/// Why a process could not be run. It is never the process's own doing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It did not start: there is no such program, the limits cannot be set,
    /// the system is out of processes.
    #[error("cannot start {program} in {current_dir}")]
    Start {
        /// The program.
        program: String,
        /// The folder that it was to run in.
        current_dir: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// It ran, but what it printed or how it ended was lost.
    #[error("cannot tell how {program} ended")]
    Watch {
        /// The program.
        program: String,
        /// The system's reason.
        source: std::io::Error,
    },
}
