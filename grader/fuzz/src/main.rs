//! `cargo fuzz-programs`: compares random small programs on the real std with
//! their exploration in the simulation.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Parser;
use fuzz::{Budget, Toolchain};

/// Compares random small programs on the real std with their exploration.
#[derive(Debug, Parser)]
#[command(
    name = "fuzz-programs",
    after_help = "\
EXIT CODES:
  0  every outcome of the real std was found, and reduction changed none
  1  there is a counterexample
  2  something else failed"
)]
struct Args {
    /// How many programs are made
    #[arg(long, value_name = "N", default_value_t = 500)]
    programs: usize,
    /// What they are made from
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Runs of each on the real std
    #[arg(long, value_name = "N", default_value_t = 200)]
    runs: u64,
    /// Schedules of each, at most
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    executions: u64,
    /// Schedules of each without reduction, at most
    #[arg(long, value_name = "N", default_value_t = 5_000)]
    full: u64,
    /// Tell counterexamples as they were found, without making them smaller
    #[arg(long)]
    as_found: bool,
    /// Check one program again, by the number that a counterexample tells
    #[arg(long, value_name = "HEX", value_parser = hexadecimal)]
    program: Option<u64>,
}

fn hexadecimal(text: &str) -> Result<u64, String> {
    u64::from_str_radix(text.trim_start_matches("0x"), 16).map_err(|error| error.to_string())
}

fn main() -> ExitCode {
    sandbox::end_all_on_interrupt();
    match run(&Args::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            say(&format!("error: {error:#}"));
            ExitCode::from(2)
        }
    }
}

fn run(args: &Args) -> Result<bool> {
    let program = std::env::current_exe().context("cannot find this program")?;
    let target = program.parent().and_then(Path::parent);
    let folder = target
        .context("this program is not in a target folder")?
        .join("tmp/support");
    say("building the simulation's libraries");
    let toolchain = Toolchain::ready(&folder)?;
    let scratch = tempfile::tempdir().context("cannot make a scratch folder")?;
    let budget = Budget {
        runs: args.runs,
        seed: args.seed,
        reduced: args.executions,
        full: args.full,
        shrink: !args.as_found,
    };
    let folder = scratch.path();
    let summary = match args.program {
        Some(seed) => fuzz::programs(&toolchain, folder, &[seed], budget, &mut say)?,
        None => {
            let wanted = (args.seed, args.programs);
            fuzz::fuzz(&toolchain, folder, wanted, budget, &mut say)?
        }
    };
    Ok(summary.faults == 0)
}

/// Prints a line; a reader that has gone away changes nothing.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
