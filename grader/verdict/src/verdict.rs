//! What a submission is worth, and why.

use serde::{Deserialize, Serialize};

use crate::Timeline;

/// The version of the JSON document.
pub const SCHEMA: &str = "lockstep/verdicts/v1";

/// The document that `grader grade --format json` prints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdicts {
    /// [`SCHEMA`].
    pub schema: String,
    /// One for each submission, in the order given.
    pub verdicts: Vec<Verdict>,
}

/// The verdict on one submission for one exercise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The exercise.
    pub exercise: String,
    /// The submission's path, as given.
    pub submission: String,
    /// How far the grading came.
    pub outcome: Outcome,
    /// Points reached. Means nothing where the outcome is an infrastructure
    /// error.
    pub score: u32,
    /// Points of the exercise.
    pub max_score: u32,
    /// One or more sentences; for `does-not-compile`, the compiler's words.
    pub message: String,
    /// The checks, in the rubric's order.
    pub checks: Vec<Check>,
}

/// How far a grading came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The checks were run.
    Graded,
    /// The compiler does not accept the sources.
    DoesNotCompile,
    /// The sources may not be graded: `unsafe`, a file too large, no sources.
    Refused,
    /// The grader could not do its work. Never the submission's fault.
    InfrastructureError,
}

/// One graded claim.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// Its id in the rubric.
    pub id: String,
    /// The claim.
    pub title: String,
    /// Whether it holds.
    pub outcome: CheckOutcome,
    /// Points reached: all or none.
    pub points: u32,
    /// Points of the check.
    pub max_points: u32,
    /// Whether students see it before they submit.
    pub visibility: Visibility,
    /// What was run, where it passed: `holds in all 1,482 schedules`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub coverage: Option<String>,
    /// What is wrong, where it failed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub finding: Option<Finding>,
}

/// Whether a check holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckOutcome {
    /// It holds in everything that was run.
    Passed,
    /// It does not.
    Failed,
    /// It was not looked at.
    NotRun,
}

/// Who may see a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Visibility {
    /// Its title and scenarios are told to students.
    Visible,
    /// It is not.
    Hidden,
}

/// What a check found wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The kind of fault.
    pub kind: FindingKind,
    /// What is wrong, in words.
    pub message: String,
    /// The sentence of the contract that it breaks.
    pub contract: String,
    /// What `grader replay --schedule` takes; empty where there is none.
    pub schedule: String,
    /// The execution, step by step; empty where there is none.
    pub timeline: Timeline,
}

/// Every fault that a check can find.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingKind {
    /// The results are those of no order of the calls.
    NotLinearizable,
    /// What was printed is not what the contract says.
    WrongOutput,
    /// The right thing was printed by the wrong thread.
    WrongThread,
    /// The exit code is not what the contract says.
    WrongExitCode,
    /// A call returned what the contract rules out.
    WrongResult,
    /// A file is missing, wrong, or should not be there.
    WrongFile,
    /// Too many or too few things are done at once.
    WrongConcurrency,
    /// What somebody got over a connection is not what the contract says.
    WrongAnswer,
    /// Somebody waited for what should have come over a connection, and it
    /// never came.
    NoAnswer,
    /// Threads wait for one another.
    Deadlock,
    /// A notification came when nobody waited, and is waited for now.
    LostWakeup,
    /// A thread polls where it should wait blocked.
    Polling,
    /// The program goes on for ever although every thread gets its turns.
    Livelock,
    /// A thread panicked.
    Panic,
    /// A thread was still alive when it should have ended.
    ThreadLeft,
    /// The process ended in a way of its own: abort, stack overflow, memory.
    Crash,
    /// More time, memory or output was used than is allowed.
    LimitExceeded,
    /// What no graded program may do: leave its folder, start another program.
    Unsupported,
    /// There is no program to start, or it does not compile, in a submission
    /// whose library does.
    NoProgram,
}
