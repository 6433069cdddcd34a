//! Compares random small programs on the real std with their exploration in
//! the simulation.
//!
//! A program is made from a seed ([`fuzz`]), and prints at its end what each of
//! its threads observed: its outcome. Every outcome that it has on the real
//! std, over many runs with random delays, must be one that the simulation
//! finds; and what the simulation finds must not depend on its reduction.

mod check;
mod generate;
mod program;
mod random;
mod real;
mod simulated;
mod summary;
mod toolchain;

use std::path::Path;

use anyhow::Result;

pub use check::Budget;
use check::{Checked, check};
use program::Program;
use random::Random;
pub use summary::Summary;
pub use toolchain::Toolchain;

/// Programs that are compiled as one.
const AT_ONCE: usize = 50;

/// Makes and checks so many programs. `told` hears of each batch, and at once
/// of every counterexample, made small.
///
/// # Errors
/// When something other than a generated program fails.
pub fn fuzz(
    toolchain: &Toolchain,
    folder: &Path,
    (seed, count): (u64, usize),
    budget: Budget,
    told: &mut dyn FnMut(&str),
) -> Result<Summary> {
    let mut random = Random::new(seed);
    let seeds: Vec<u64> = (0..count).map(|_| random.next() >> 16).collect();
    programs(toolchain, folder, &seeds, budget, told)
}

/// Checks the programs of these seeds.
///
/// # Errors
/// When something other than a generated program fails.
pub fn programs(
    toolchain: &Toolchain,
    folder: &Path,
    seeds: &[u64],
    budget: Budget,
    told: &mut dyn FnMut(&str),
) -> Result<Summary> {
    let mut summary = Summary::default();
    for seeds in seeds.chunks(AT_ONCE) {
        let programs: Vec<Program> = seeds.iter().map(|seed| generate::program(*seed)).collect();
        let results = check(toolchain, folder, &programs, budget)?;
        for (program, result) in programs.iter().zip(&results) {
            summary.add(result);
            if let Some(fault) = &result.fault {
                told(&format!("counterexample {:#x}: {fault}", program.seed));
                let (program, result) = match budget.shrink {
                    true => shrunk(toolchain, folder, program, result, budget)?,
                    false => (program.clone(), result.clone()),
                };
                told(&counterexample(&program, &result));
            } else if let Some(open) = &result.open {
                told(&format!(
                    "not explored completely, {:#x}: {open}",
                    program.seed
                ));
            }
        }
        told(&summary.line());
    }
    Ok(summary)
}

/// The program with as few operations as still show a fault.
fn shrunk(
    toolchain: &Toolchain,
    folder: &Path,
    program: &Program,
    result: &Checked,
    budget: Budget,
) -> Result<(Program, Checked)> {
    let (mut program, mut result) = (program.clone(), result.clone());
    // One that depends on the real run may need luck to be seen again.
    let patient = Budget {
        runs: match result.fault.as_deref() {
            Some(fault) if fault.starts_with("only on the real std") => budget.runs * 4,
            _ => 0,
        },
        ..budget
    };
    'smaller: loop {
        for candidates in program.smaller().chunks(AT_ONCE) {
            let results = check(toolchain, folder, candidates, patient)?;
            let mut pairs = candidates.iter().zip(results);
            if let Some((smaller, fault)) = pairs.find(|(_, result)| result.fault.is_some()) {
                (program, result) = (smaller.clone(), fault);
                continue 'smaller;
            }
        }
        return Ok((program, result));
    }
}

fn counterexample(program: &Program, result: &Checked) -> String {
    let fault = result.fault.as_deref().unwrap_or_default();
    format!(
        "source of {:#x}:\n{}{fault}",
        program.seed,
        program.source()
    )
}
