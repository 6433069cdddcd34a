//! What a process may see and reach, besides what it may use.

use std::path::{Path, PathBuf};

use crate::Neighbours;

/// A set of layers of confinement, strongest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Layers {
    /// Limits and an empty environment only, the rest of a [`Policy`] is not
    /// heeded: for the grader's own programs, and for a student's own code on a
    /// system that has nothing better.
    #[default]
    None,
    /// Landlock (ABI 3 or later), a strict filter of system calls, and a user of
    /// its own where the grader is root. No namespaces: for containers, and for
    /// systems that keep them from users.
    Bare,
    /// Namespaces of its own for processes, files, network, IPC and names, an
    /// empty root with only what it may see; then as in [`Layers::Bare`], but
    /// for Landlock, which is used as far as the kernel has it.
    Full,
}

/// As in `the {layers} layers`.
impl std::fmt::Display for Layers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Layers::None => "none",
            Layers::Bare => "bare",
            Layers::Full => "full",
        })
    }
}

/// What a process may see and reach. The default is nothing but itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policy {
    /// The layers that hold it to the rest of this.
    pub layers: Layers,
    /// Files and folders that it may read, besides its program and the system's
    /// libraries. Each must be there.
    pub readable: Vec<PathBuf>,
    /// The folder that it may write to.
    pub scratch: Option<Scratch>,
    /// Whether it may start other programs, of the system's and of what it may
    /// read: a compiler starts a linker. One that may not is a single process
    /// for as long as it lives.
    pub starts_programs: bool,
    /// What it may reach.
    pub network: Network,
}

/// The folder that a process may write to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scratch {
    /// It, as an absolute path. Where the grader is root, it is given to the
    /// user that the process runs as.
    pub folder: PathBuf,
    /// Whether what is written there is for the grader to have.
    pub keep: Keep,
    /// Where it is for a process with a root of its own ([`Layers::Full`]) when it
    /// stays ([`Keep::All`]); at its own path unless given, as in all other layers.
    pub at: Option<PathBuf>,
}

impl Policy {
    /// The path that the process has for a path of the grader's.
    pub fn seen<'a>(&'a self, path: &'a Path) -> &'a Path {
        match &self.scratch {
            Some(Scratch {
                folder,
                keep: Keep::All,
                at: Some(at),
            }) if self.layers == Layers::Full && folder == path => at,
            _ => path,
        }
    }
}

/// What becomes of what is written to a scratch folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// It stays. No links and no pipes can be made there. `Limits::file_bytes`
    /// bounds each file, and nothing their number.
    All,
    /// With namespaces the process sees an empty folder in memory in its place,
    /// of this many bytes, which is gone with the process. Without them it is
    /// the folder itself.
    Nothing {
        /// The most that it may hold at a time.
        bytes: u64,
    },
}

/// What a process may reach.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Network {
    /// Nothing: it can make no socket.
    #[default]
    None,
    /// Sockets of TCP and UDP on a loopback interface of its own, which nobody
    /// else is on. Only [`Layers::Full`] has it.
    Loopback,
    /// Sockets of TCP and UDP on the machine's loopback interface, where it reaches
    /// only those of the same run: its own, those of other processes that have the
    /// same neighbours, and those that the grader admitted to them. Only for what
    /// starts no programs.
    SharedLoopback(Neighbours),
}
