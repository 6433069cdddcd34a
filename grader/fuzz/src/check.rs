//! Compares what programs do on the real std with what the simulation finds,
//! and what it finds with and without its reduction.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use verdict::Search;

use crate::program::{Program, sources};
use crate::real;
use crate::simulated::{self, Found, Outcome};
use crate::toolchain::{Std, Toolchain};

/// How much of each program is run.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// Runs on the real std.
    pub runs: u64,
    /// The seed of their delays.
    pub seed: u64,
    /// Schedules of the search with reduction.
    pub reduced: u64,
    /// Schedules of the one without.
    pub full: u64,
    /// Whether a counterexample is made smaller before it is told.
    pub shrink: bool,
}

/// What came of a program.
#[derive(Debug, Clone, Default)]
pub(crate) struct Checked {
    /// What must not be, if it was.
    pub(crate) fault: Option<String>,
    /// An outcome of the real std that a search did not find that was not
    /// complete.
    pub(crate) open: Option<String>,
    /// Whether the exploration was complete.
    pub(crate) complete: bool,
    /// How the two searches were compared.
    pub(crate) compared: Compared,
    /// Distinct outcomes: found, and seen on the real std.
    pub(crate) outcomes: (usize, usize),
    /// Schedules, with and without reduction, where both were complete.
    pub(crate) schedules: (u64, u64),
}

/// How far the searches with and without reduction were compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Compared {
    /// Not at all.
    #[default]
    Not,
    /// Up to some number of deviations.
    Bounded,
    /// All schedules.
    Whole,
}

/// The longest that a run may take that cannot be stuck.
const NEVER_STUCK: Duration = Duration::from_secs(20);
/// The longest for one that may be.
const MAYBE_STUCK: Duration = Duration::from_millis(60);

/// Compiles these programs into one and checks each.
pub(crate) fn check(
    toolchain: &Toolchain,
    folder: &Path,
    programs: &[Program],
    budget: Budget,
) -> Result<Vec<Checked>> {
    let scratch = tempfile::tempdir_in(folder).context("cannot make a scratch folder")?;
    let folder = scratch.path();
    std::fs::write(folder.join("main.rs"), sources(programs))
        .context("cannot write the generated programs")?;
    toolchain.compile(Std::Replaced, folder, "simulated")?;
    let all = 0..programs.len();
    let reduced = search(folder, all.clone(), |_| limits(true, budget.reduced, 1_000))?;
    let full = search(folder, all.clone(), |_| limits(false, budget.full, 1_000))?;
    let mut results: Vec<Checked> = reduced
        .iter()
        .zip(&full)
        .map(|(reduced, full)| compare(reduced, full))
        .collect();
    bounded(folder, &full, budget, &mut results)?;
    if budget.runs > 0 {
        toolchain.compile(Std::Real, folder, "real")?;
        against_real(folder, &reduced, budget, &mut results)?;
    }
    Ok(results)
}

fn limits(reduction: bool, executions: u64, preemptions: u32) -> Search {
    Search {
        preemptions,
        executions,
        // More outcomes where these were not all.
        random: if reduction && preemptions == 1_000 {
            executions / 10
        } else {
            0
        },
        steps: 2_000,
        reduction,
        ..Search::default()
    }
}

fn search(
    folder: &Path,
    programs: impl Iterator<Item = usize>,
    limits: impl Fn(usize) -> Search,
) -> Result<Vec<Found>> {
    let asked: Vec<_> = programs
        .map(|program| simulated::Asked {
            program,
            search: limits(program),
        })
        .collect();
    simulated::run(folder, &asked)
}

fn compare(reduced: &Found, full: &Found) -> Checked {
    let mut checked = Checked {
        complete: reduced.coverage.complete,
        outcomes: (reduced.outcomes.len(), 0),
        ..Checked::default()
    };
    if full.coverage.complete {
        checked.compared = Compared::Whole;
        checked.schedules = (reduced.coverage.bounded, full.coverage.bounded);
    }
    if full.coverage.complete && !reduced.coverage.complete {
        checked.fault = Some("with reduction the search needs more schedules".to_owned());
    } else if reduced.coverage.complete {
        let both = full.coverage.complete;
        checked.fault = difference(reduced, full, both, "complete searches");
    }
    checked
}

/// Compares searches up to the number of deviations that the full search has
/// finished.
fn bounded(folder: &Path, full: &[Found], budget: Budget, results: &mut [Checked]) -> Result<()> {
    let programs: Vec<(usize, u32)> = full
        .iter()
        .enumerate()
        .filter(|(_, full)| !full.coverage.complete)
        .filter_map(|(program, full)| Some((program, full.coverage.preemptions?)))
        .collect();
    if programs.is_empty() {
        return Ok(());
    }
    let both = [true, false].map(|reduction| {
        let asked: Vec<_> = programs
            .iter()
            .map(|(program, level)| simulated::Asked {
                program: *program,
                search: limits(reduction, budget.full, *level),
            })
            .collect();
        simulated::run(folder, &asked)
    });
    let [reduced, full] = both;
    for (((program, level), reduced), full) in programs.into_iter().zip(reduced?).zip(full?) {
        let result = &mut results[program];
        if full.coverage.preemptions != Some(level) {
            continue;
        }
        result.compared = Compared::Bounded;
        let fault = if reduced.coverage.preemptions == Some(level) {
            let name = format!("searches up to {level} deviations");
            difference(&reduced, &full, true, &name)
        } else {
            Some(format!(
                "with reduction the search up to {level} deviations needs more schedules"
            ))
        };
        result.fault = result.fault.take().or(fault);
    }
    Ok(())
}

/// What one search found and the other did not. The full one may have been
/// ended before it found all.
fn difference(reduced: &Found, full: &Found, both: bool, name: &str) -> Option<String> {
    let tell = |of: &Found, others: &Found| -> Vec<String> {
        of.outcomes
            .iter()
            .filter(|(outcome, _)| !others.outcomes.contains_key(outcome))
            .map(|(outcome, schedule)| {
                let Outcome { seen, detail } = outcome;
                format!("    `{seen}`, schedule {schedule} {detail}\n")
            })
            .take(3)
            .collect()
    };
    let lost = tell(full, reduced).concat();
    if !lost.is_empty() {
        return Some(format!("{name}: only without reduction:\n{lost}"));
    }
    let new = tell(reduced, full).concat();
    (both && !new.is_empty()).then(|| format!("{name}: only with reduction:\n{new}"))
}

fn against_real(
    folder: &Path,
    found: &[Found],
    budget: Budget,
    results: &mut [Checked],
) -> Result<()> {
    let sets: Vec<BTreeSet<&str>> = found
        .iter()
        .map(|found| {
            found
                .outcomes
                .keys()
                .map(|outcome| outcome.seen.as_str())
                .collect()
        })
        .collect();
    let asked: Vec<_> = sets
        .iter()
        .enumerate()
        .map(|(program, set)| real::Asked {
            program,
            limit: match set.contains("deadlock") {
                true => MAYBE_STUCK,
                false => NEVER_STUCK,
            },
        })
        .collect();
    let seen = real::run(folder, &asked, budget.seed, budget.runs)?;
    for ((result, seen), set) in results.iter_mut().zip(seen).zip(sets) {
        result.outcomes.1 = seen.len();
        let missing: Vec<String> = seen
            .iter()
            .filter(|(outcome, _)| !set.contains(outcome.as_str()))
            .map(|(outcome, count)| format!("    `{outcome}`, seen {count} times\n"))
            .collect();
        if missing.is_empty() {
            continue;
        }
        let words = format!("only on the real std:\n{}", missing.concat());
        if result.complete {
            result.fault = result.fault.take().or(Some(words));
        } else {
            result.open = Some(words);
        }
    }
    Ok(())
}
