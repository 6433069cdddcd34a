//! What is to be run, and within which limits.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use crate::Policy;

/// A command to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The program, as an absolute path: nothing is looked up in `PATH`.
    pub program: PathBuf,
    /// What it is told that it is called; its path unless given.
    pub called: Option<OsString>,
    /// Its arguments, its name not among them.
    pub args: Vec<OsString>,
    /// The folder that it runs in.
    pub current_dir: PathBuf,
    /// All of its environment; empty unless given.
    pub env: Vec<(OsString, OsString)>,
    /// What it may use.
    pub limits: Limits,
    /// Whether its code, heap and stack lie at the same addresses in every run,
    /// where the system can do that (Linux, unless a filter refuses it).
    pub fixed_addresses: bool,
    /// What its standard streams are.
    pub streams: Streams,
    /// Whether it may start no other process, where the system can refuse that
    /// (Linux on x86-64 and ARM64); threads it may. Then its end is the end of
    /// all that it did.
    pub alone: bool,
    /// What it may see and reach.
    pub policy: Policy,
}

/// What the standard streams of a process are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Streams {
    /// Pipes. Standard error is captured.
    #[default]
    Captured,
    /// Pipes. The caller reads standard error, too.
    Read,
    /// A pseudo-terminal of its own without an echo, which the caller types at
    /// and reads from. It is the one that the process is controlled from.
    Terminal,
}

impl Job {
    /// A command without arguments or environment, within the default limits.
    pub fn new(program: impl Into<PathBuf>, current_dir: impl Into<PathBuf>) -> Job {
        Job {
            program: program.into(),
            called: None,
            args: Vec::new(),
            current_dir: current_dir.into(),
            env: Vec::new(),
            limits: Limits::default(),
            fixed_addresses: false,
            policy: Policy::default(),
            streams: Streams::default(),
            alone: false,
        }
    }
}

/// What a process may use. Where the grader itself has less, it has that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Time on the wall, for the whole process group.
    pub wall: Duration,
    /// How long its first process may do nothing at all, not use a moment of
    /// the processors nor wait for one, while the caller waits for its standard
    /// output; `None` lets it wait. Only where the system tells the time on the processors
    /// (Linux).
    pub idle: Option<Duration>,
    /// Time on the processors, in seconds, for each process.
    pub cpu_seconds: u64,
    /// Writable private memory, in bytes, for each process (`RLIMIT_DATA`).
    pub memory_bytes: u64,
    /// Bytes that it may write to standard output, and as many to standard
    /// error.
    pub output_bytes: u64,
    /// Bytes of a stream that are kept where it is captured: half of them from
    /// its beginning, half from its end.
    pub kept_bytes: usize,
    /// Open descriptors, for each process.
    pub open_files: u64,
    /// Size of a file that it writes.
    pub file_bytes: u64,
    /// Processes and threads of this start (of all that share a kept folder
    /// together), where something counts those by themselves: the system in
    /// [`Layers::Full`](crate::Layers::Full) and wherever the grader is root, a
    /// control group where there is one, and the grader itself in
    /// [`Layers::Bare`](crate::Layers::Bare) for what is a single process. `None`
    /// sets no limit.
    pub processes: Option<u64>,
}

/// Enough for a small program that does what it should.
impl Default for Limits {
    fn default() -> Self {
        const MIB: u64 = 1024 * 1024;
        Limits {
            wall: Duration::from_secs(10),
            idle: None,
            cpu_seconds: 10,
            memory_bytes: 1024 * MIB,
            output_bytes: 16 * MIB,
            kept_bytes: 128 * 1024,
            open_files: 256,
            file_bytes: 64 * MIB,
            processes: Some(512),
        }
    }
}
