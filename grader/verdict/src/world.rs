//! What is around the code that is examined: the programs that run, who talks
//! to them, the network between them and the date.

use serde::{Deserialize, Serialize};

use crate::Program;
use crate::limits::Limits;
use crate::script::Script;
use crate::site::Site;

/// The processes of a scenario and what is around them. They run in one
/// simulation, on one clock; or, on the real system, on one machine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct World {
    /// The submission's processes; at least one. With several, or with peers,
    /// the execution goes on until all that was to be done is done
    /// ([`Ending::Over`](crate::Ending::Over)); a single one without peers
    /// is all there is, and its end is the execution's.
    pub programs: Vec<Program>,
    /// Who talks to them.
    pub peers: Vec<Peer>,
    /// What the network may do.
    pub network: Network,
    /// The date at the beginning, in seconds since 1970-01-01 00:00 UTC; one
    /// of the simulation's own where it is not given.
    pub date: Option<u64>,
    /// HTTP servers that the programs can ask; on the real system only.
    pub sites: Vec<Site>,
    /// Files that are in the programs' folder at the beginning.
    pub given: Vec<Given>,
    /// What each of the programs may use.
    pub limits: Limits,
    /// Whether the files that are in that folder at the end are recorded, as
    /// marks [`FILE`](crate::placeholder::FILE) of thread 0, by their names.
    pub files: bool,
}

impl World {
    /// A program on its own.
    pub fn of(program: Program) -> World {
        World {
            programs: vec![program],
            ..World::default()
        }
    }

    /// Whether a single program is all there is.
    pub fn is_alone(&self) -> bool {
        self.programs.len() == 1 && self.peers.is_empty() && self.sites.is_empty()
    }

    /// The first program, which always is there.
    pub fn program(&self) -> Option<&Program> {
        self.programs.first()
    }

    /// The names of all processes: the programs, then the peers, then the
    /// sites. That is also the order of
    /// [`Execution::processes`](crate::Execution).
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let programs = self.programs.iter().map(|program| program.label.as_str());
        let peers = self.peers.iter().map(|peer| peer.name.as_str());
        let sites = self.sites.iter().map(|site| site.name.as_str());
        programs.chain(peers).chain(sites)
    }
}

/// A file that is there at the beginning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// Its path in the programs' folder; folders on the way are made.
    pub path: String,
    /// What it holds. Names in braces are replaced as in arguments.
    #[serde(default)]
    pub text: String,
}

/// Somebody who talks to the programs, or lets them talk to it, after a script
/// of the check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peer {
    /// Its name.
    pub name: String,
    /// What it does.
    pub script: Script,
}

/// What the simulated network may do beside delivering everything at once.
/// Each such event is a choice of the schedule and costs a deviation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Network {
    /// Bytes that each direction of a connection holds: those that were
    /// written and not read yet.
    pub buffer: usize,
    /// How often in an execution a `read` may return, or a `write` may take,
    /// less than it could.
    pub pieces: u32,
    /// How many datagrams may be lost.
    pub lost: u32,
    /// How many datagrams may come twice.
    pub doubled: u32,
    /// How many datagrams may be overtaken by later ones.
    pub overtaken: u32,
    /// Whether a timeout (of a `read`, of a `sleep`, of a wait) may strike
    /// while somebody could run. Where a peer must answer in time, it may not.
    pub late: bool,
}

impl Default for Network {
    fn default() -> Self {
        Network {
            buffer: 64 << 10,
            pieces: 1,
            lost: 0,
            doubled: 0,
            overtaken: 0,
            late: true,
        }
    }
}
