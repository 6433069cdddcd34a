//! `cargo benchmark`: measures the grader against what it must be.
//!
//! Machines differ and are shared, so what can be is a ratio of two things
//! measured in the same run, by turns. Nothing here fails for a goal that is
//! missed: the line says so, and people decide.

mod class;
mod course;
mod edit_to_verdict;
mod grader;
mod kernels;
mod memory;
mod on_shuttle;
mod programs;
mod random;
mod report;
mod samples;
mod sandbox;
mod simulation;
mod submissions;
mod throughput;
mod variant;

/// What the programs of `programs/` and `kernels/` run on here; in a submission it is std.
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
    /// What is measured [default: everything but `class`, which takes an hour]
    names: Vec<Name>,
    /// How often each side is measured [default: 11 for edit-to-verdict, 3 for throughput, 5 for the others]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    repetitions: Option<u32>,
    /// How many seeds the randomized schedulers get, in `kernels`
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    seeds: u32,
    /// Run only the kernels whose names have this in them
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
    #[command(flatten)]
    class: class::Size,
    /// Run shuttle's part of a kernel, and print what it found as JSON
    #[arg(long, value_name = "KERNEL", hide = true)]
    on_shuttle: Option<String>,
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
    /// Executions until known bugs are found, against shuttle's schedulers.
    Kernels,
    /// The peak memory of the grader and of what it examines.
    Memory,
    /// What the sandbox adds to the start of a process, part by part.
    Sandbox,
    /// A whole class: graded, graded again, against `cargo test`, killed and resumed.
    Class,
}

impl Name {
    fn measure(self, grader: &Grader, args: &Args) -> Result<Vec<Line>> {
        let tell = |lines: &[Line]| {
            if !args.json {
                lines.iter().for_each(report::print);
            }
        };
        let mut rows = 0;
        let tell_row = |line: &Line| {
            if !args.json {
                report::print_row(line, rows);
                rows += 1;
            }
        };
        let lines = match self {
            Name::EditToVerdict => edit_to_verdict::measure(grader, args.repetitions.unwrap_or(11)),
            Name::Throughput => throughput::measure(grader, args.repetitions.unwrap_or(3)),
            Name::Simulation => simulation::measure(grader, args.repetitions.unwrap_or(5)),
            // It takes minutes, and is told row by row.
            Name::Kernels => return kernels::measure(grader, &args.only, args.seeds, tell_row),
            Name::Memory => memory::measure(grader, args.repetitions.unwrap_or(5)),
            Name::Sandbox => sandbox::measure(args.repetitions.unwrap_or(100)),
            // It takes an hour, and is told line by line.
            Name::Class => {
                return class::measure(grader, &args.class, |line| {
                    tell(std::slice::from_ref(line))
                });
            }
        }?;
        tell(&lines);
        Ok(lines)
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
    if let Some(kernel) = &args.on_shuttle {
        report::print_raw(&kernels::on_shuttle(kernel, args.seeds)?);
        return Ok(());
    }
    let names = match args.names.as_slice() {
        [] => &Name::value_variants()
            .iter()
            .copied()
            .filter(|name| *name != Name::Class)
            .collect::<Vec<_>>(),
        names => names,
    };
    let grader = Grader::build()?;
    let mut lines = Vec::new();
    for name in names {
        lines.extend(name.measure(&grader, args)?);
    }
    if args.json {
        report::print_json(&lines)?;
    }
    Ok(())
}
