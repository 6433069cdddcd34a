//! `rubric.toml`: the checks of an exercise.

pub(super) mod date;

use serde::Deserialize;
use verdict::{Given, Limits, Network, Peer, Program, Search, Site, World};

/// The rubric of an exercise.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rubric {
    /// What a submission is.
    pub(crate) kind: Kind,
    /// Sentences of the contract that vetting and the compiler hold.
    #[serde(default)]
    pub(crate) build: Vec<String>,
    /// Sentences that are not graded yet.
    #[serde(default)]
    pub(crate) later: Vec<String>,
    /// What the submission's programs may use.
    #[serde(default)]
    pub(crate) limits: Limits,
    /// The checks, in the order in which they are shown.
    #[serde(default, rename = "check")]
    pub(crate) checks: Vec<Check>,
}

/// What a submission is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    /// It has a `src/lib.rs`, which scenarios call; and perhaps a
    /// `src/main.rs`, which checks may start.
    Library,
    /// It has a `src/main.rs`, which is started.
    Program,
}

impl Kind {
    /// The source file that a submission of this kind begins with.
    pub(crate) fn entry(self) -> &'static str {
        match self {
            Kind::Library => "src/lib.rs",
            Kind::Program => "src/main.rs",
        }
    }
}

/// What a scenario starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Start {
    /// The scenarios' own program, with the submission's library.
    Scenarios,
    /// The submission's `src/main.rs`.
    Program,
}

impl Rubric {
    /// What the scenarios of a check start.
    pub(crate) fn starts(&self, check: &Check) -> Start {
        check.starts.unwrap_or(match self.kind {
            Kind::Library => Start::Scenarios,
            Kind::Program => Start::Program,
        })
    }

    /// Whether any check starts this.
    pub(crate) fn needs(&self, start: Start) -> bool {
        self.checks.iter().any(|check| self.starts(check) == start)
    }
}

/// One graded claim.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Check {
    /// Its id.
    pub(crate) id: String,
    /// The claim, in words.
    pub(crate) title: String,
    /// What it is worth.
    pub(crate) points: u32,
    /// The sentences of the contract that it holds; a finding quotes the
    /// first where the judge names none.
    pub(crate) holds: Vec<String>,
    /// What its scenarios start, where a library has a program, too.
    #[serde(default)]
    starts: Option<Start>,
    /// All of them must be kept.
    #[serde(default, rename = "scenario")]
    pub(crate) scenarios: Vec<Scenario>,
}

/// What the threads of a check do.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scenario {
    /// Its name, unique in its check.
    pub(crate) name: String,
    /// Which rule of the judge applies.
    pub(crate) rule: String,
    /// Parameters of the scenario and of its judge.
    #[serde(default = "no_params")]
    pub(crate) params: serde_json::Value,
    /// The program's arguments.
    #[serde(default)]
    pub(crate) args: Vec<String>,
    /// The program's standard input.
    #[serde(default)]
    pub(crate) stdin: String,
    /// Several programs, instead of one with `args` and `stdin`.
    #[serde(default, rename = "program")]
    pub(crate) programs: Vec<Started>,
    /// Who talks to the programs.
    #[serde(default, rename = "peer")]
    pub(crate) peers: Vec<Peer>,
    /// What the simulated network may do.
    #[serde(default)]
    pub(crate) network: Network,
    /// HTTP servers that the programs can ask; on the real system only.
    #[serde(default, rename = "site")]
    pub(crate) sites: Vec<Site>,
    /// Files that are in the programs' folder at the beginning.
    #[serde(default)]
    pub(crate) given: Vec<Given>,
    /// Whether the files that are there at the end are recorded.
    #[serde(default)]
    pub(crate) files: bool,
    /// The date at the beginning, in UTC.
    #[serde(default)]
    pub(crate) date: Option<toml::value::Datetime>,
    /// Where it is run.
    #[serde(default)]
    pub(crate) on: On,
    /// The budget.
    #[serde(default)]
    pub(crate) search: Search,
}

/// Where a scenario is run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum On {
    /// In the simulation only.
    #[default]
    Simulation,
    /// On the real system only.
    System,
    /// In the simulation, and where that is kept, on the real system, too.
    Both,
}

/// A program of a scenario with several processes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Started {
    /// What the scenario calls it.
    pub(crate) name: String,
    /// Its arguments. `{NAME}` is the address of another process.
    #[serde(default)]
    pub(crate) args: Vec<String>,
    /// Its standard input; what it begins with, where it is `open`.
    #[serde(default)]
    pub(crate) stdin: String,
    /// See [`Program::open`].
    #[serde(default)]
    pub(crate) open: bool,
    /// See [`Program::announces`].
    #[serde(default)]
    pub(crate) announces: Option<String>,
    /// See [`Program::waits`].
    #[serde(default)]
    pub(crate) waits: bool,
    /// See [`Program::terminal`].
    #[serde(default)]
    pub(crate) terminal: bool,
}

impl Scenario {
    /// The programs, under the exercise's name, and what is around them.
    pub(crate) fn world(&self, name: &str, limits: Limits) -> World {
        let one = Program {
            args: self.args.clone(),
            name: name.to_owned(),
            stdin: self.stdin.clone(),
            label: name.to_owned(),
            ..Program::default()
        };
        let several = self.programs.iter().map(|program| Program {
            args: program.args.clone(),
            name: name.to_owned(),
            stdin: program.stdin.clone(),
            open: program.open,
            label: program.name.clone(),
            announces: program.announces.clone(),
            waits: program.waits,
            terminal: program.terminal,
        });
        World {
            programs: match self.programs.is_empty() {
                true => vec![one],
                false => several.collect(),
            },
            peers: self.peers.clone(),
            network: self.network.clone(),
            date: self.date.as_ref().and_then(date::seconds),
            sites: self.sites.clone(),
            given: self.given.clone(),
            files: self.files,
            limits,
        }
    }
}

fn no_params() -> serde_json::Value {
    serde_json::Value::Object(serde_json::Map::new())
}
