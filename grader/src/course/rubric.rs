//! `rubric.toml`: the checks of an exercise.

use serde::Deserialize;
use verdict::{Program, Search};

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
    /// The checks, in the order in which they are shown.
    #[serde(default, rename = "check")]
    pub(crate) checks: Vec<Check>,
}

/// What a submission is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    /// It has a `src/lib.rs`, which scenarios call.
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
    /// The budget.
    #[serde(default)]
    pub(crate) search: Search,
}

impl Scenario {
    /// How the program is started, under the exercise's name.
    pub(crate) fn program(&self, name: &str) -> Program {
        Program {
            args: self.args.clone(),
            name: name.to_owned(),
            stdin: self.stdin.clone(),
        }
    }
}

fn no_params() -> serde_json::Value {
    serde_json::Value::Object(serde_json::Map::new())
}
