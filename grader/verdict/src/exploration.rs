//! What a program can do, whatever it is for: what `grader explore` tells.

use serde::{Deserialize, Serialize};

use crate::Finding;

/// The version of the document.
pub const EXPLORATION: &str = "lockstep/exploration/v1";

/// What was found out about a program.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exploration {
    /// [`EXPLORATION`].
    pub schema: String,
    /// Whether it could be explored.
    pub outcome: Explored,
    /// Why it could not, or what else is to be said.
    pub message: String,
    /// Whether every schedule there is was run, but for those that differ from
    /// one that was run in the order of independent steps only.
    pub complete: bool,
    /// Every schedule with at most this many preemptions was run.
    pub preemptions: Option<u32>,
    /// Schedules that were run.
    pub schedules: u64,
    /// The distinct results of executions that came to their end.
    pub outputs: Vec<Output>,
    /// What went wrong in some of them. The contract of a finding is empty.
    pub findings: Vec<Finding>,
}

/// Whether a program could be explored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Explored {
    /// It was.
    Explored,
    /// The compiler does not accept it.
    DoesNotCompile,
    /// It uses something that the simulation does not offer.
    Unsupported,
    /// The grader itself failed.
    InfrastructureError,
}

/// One result that a program can have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// What was written to standard output.
    pub stdout: String,
    /// What was written to standard error.
    pub stderr: String,
    /// The exit code.
    pub exit_code: i32,
    /// In how many of the schedules.
    pub schedules: u64,
    /// The first of them, as `--schedule` takes it.
    pub schedule: String,
}
