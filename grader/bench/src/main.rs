//! `cargo benchmark`: measures the grader against what it must be.
//!
//! Machines differ and are shared, so what can be is a ratio of two things
//! measured in the same run, by turns. Nothing here fails for a goal that is
//! missed: the line says so, and people decide.

mod edit_to_verdict;
mod grader;
mod memory;
mod programs;
mod report;
mod samples;
mod simulation;
mod submissions;
mod throughput;

/// What the programs of `programs/` run on here; in a submission it is std.
mod model {
    pub(crate) use shuttle::{sync, thread};
}

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, ValueEnum};

use grader::Grader;
use report::Line;

/// Measures the grader's speed and memory against their goals.
#[derive(Debug, Parser)]
#[command(name = "benchmark")]
struct Args {
    /// What is measured [default: everything]
    names: Vec<Name>,
    /// How often each side is measured [default: 11 for edit-to-verdict, 3 for throughput, 5 for the others]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    repetitions: Option<u32>,
    /// Print one JSON document instead of a table
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Name {
    /// From an edit to its verdict, against rustc on the same crate.
    EditToVerdict,
    /// Submissions a minute with two jobs.
    Throughput,
    /// Executions a second, against shuttle's.
    Simulation,
    /// The peak memory of the grader and of what it examines.
    Memory,
}

impl Name {
    fn measure(self, grader: &Grader, repetitions: Option<u32>) -> Result<Vec<Line>> {
        match self {
            Name::EditToVerdict => edit_to_verdict::measure(grader, repetitions.unwrap_or(11)),
            Name::Throughput => throughput::measure(grader, repetitions.unwrap_or(3)),
            Name::Simulation => simulation::measure(grader, repetitions.unwrap_or(5)),
            Name::Memory => memory::measure(grader, repetitions.unwrap_or(5)),
        }
    }
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report::complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<()> {
    let names = match args.names.as_slice() {
        [] => Name::value_variants(),
        names => names,
    };
    let grader = Grader::build()?;
    let mut lines = Vec::new();
    for name in names {
        let measured = name.measure(&grader, args.repetitions)?;
        if !args.json {
            measured.iter().for_each(report::print);
        }
        lines.extend(measured);
    }
    if args.json {
        report::print_json(&lines)?;
    }
    Ok(())
}
