//! What an examined process is asked to do: one scenario, and which of its
//! schedules.

use serde::{Deserialize, Serialize};

use crate::World;

/// One run of an examined process. It is given to the process as one line of
/// JSON, and answered with a stream of [`Record`](crate::Record)s.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Repeated in the first and the last record, so that a record that was
    /// made up, doubled or cut short is told from the real one.
    pub nonce: String,
    /// The scenario's name; a library's scenarios choose by it what to do.
    pub scenario: String,
    /// The scenario's parameters, as its rubric gives them.
    #[serde(default)]
    pub params: serde_json::Value,
    /// The programs that run, and what is around them.
    #[serde(default)]
    pub world: World,
    /// Which schedules are run.
    pub mode: Mode,
}

/// The simulated process around `main`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// Arguments after the program's name.
    #[serde(default)]
    pub args: Vec<String>,
    /// The program's name, argument 0.
    #[serde(default)]
    pub name: String,
    /// What standard input holds: in full, unless it is `open`.
    #[serde(default)]
    pub stdin: String,
    /// Whether standard input goes on after that: peers type on it, and it
    /// ends when one of them hangs up.
    #[serde(default)]
    pub open: bool,
    /// What a scenario with several processes calls this one (`server`).
    #[serde(default)]
    pub label: String,
    /// What the line of standard output begins with that tells the address at
    /// which it listens (`listening on `). `{LABEL}` in the arguments of
    /// another program is that address; such a program starts when the line
    /// has come.
    #[serde(default)]
    pub announces: Option<String>,
    /// Whether it starts only when a peer says so.
    #[serde(default)]
    pub waits: bool,
    /// Whether its standard streams are a terminal: on the real system only, in
    /// the simulation it changes nothing. What is typed there must be text, and
    /// what it prints on either stream is recorded as standard output.
    #[serde(default)]
    pub terminal: bool,
}

/// Which schedules of a scenario are run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Many schedules; only distinct executions are recorded.
    Search(Search),
    /// One schedule, recorded with every step ([`What::Step`](crate::What)).
    Replay {
        /// The choices, as an earlier record gave them.
        schedule: String,
        /// The limits of the search that found it.
        search: Search,
    },
}

/// The budget of a search. It counts executions and steps, never time, so
/// that it ends at the same schedule on every machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Search {
    /// Highest number of preemptions (and of other deviations that a schedule
    /// must pay for: timeouts that strike early, spurious wake-ups).
    pub preemptions: u32,
    /// Executions of the bounded search, in rising order of preemptions as long
    /// as those with as many are few enough. One counts once for every 1,000 steps
    /// that it has begun.
    pub executions: u64,
    /// Executions of the randomized schedulers after it, together, counted in
    /// the same way.
    pub random: u64,
    /// Steps after which one execution counts as endless.
    pub steps: u64,
    /// Whether a condition variable or `park` may wake without a reason.
    pub spurious: bool,
    /// Whether to look for polling: each thread is held up at each of its
    /// steps in turn (of an execution of thousands, at some of them), and the
    /// others must come to rest.
    pub polling: bool,
    /// Whether the bounded search leaves out schedules that are equal to one
    /// that was run, but for the order of steps that have nothing to do with
    /// each other.
    pub reduction: bool,
    /// Whether the randomized executions take turns with those of the bounded
    /// search, as long as there are both, instead of coming after it. Bugs that
    /// need many threads are found sooner, but the first execution that shows
    /// a bug is no longer one with the fewest preemptions.
    pub interleaved: bool,
    /// What the randomized schedulers begin with. Other seeds are for
    /// measuring them.
    pub seed: u64,
    /// Whether every step of every execution is recorded, as in a replay. What
    /// is told stays the same: this is for measuring what it costs.
    pub recorded: bool,
}

impl Default for Search {
    fn default() -> Self {
        Search {
            preemptions: 1_000,
            executions: 3_000,
            random: 300,
            steps: 20_000,
            spurious: true,
            polling: false,
            reduction: true,
            interleaved: false,
            seed: 0,
            recorded: false,
        }
    }
}
