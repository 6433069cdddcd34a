//! `cargo conformance`: runs the standard library's own tests, and the examples
//! of its documentation, inside the simulation.
//!
//! The texts are the toolchain's. They are read where they lie, compiled once
//! against the real std and once against the replaced one, and each test is run
//! under many schedules. A test counts if stable Rust compiles it: the compiler
//! decides what is unstable, not a list.

mod docs;
mod exclusions;
mod layout;
mod report;
mod run;
mod settle;
mod source;
mod suite;
mod toolchain;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result};
use clap::{Parser, ValueEnum};

use exclusions::Exclusions;
use report::Report;
use run::{Budget, Outcome};
use suite::Suite;
use toolchain::Toolchain;

/// Runs the standard library's own tests and examples inside the simulation.
#[derive(Debug, Parser)]
#[command(name = "conformance")]
struct Args {
    /// What is run
    #[arg(default_value = "tests")]
    what: What,
    /// The folder `library` of the standard library's sources [default: the
    /// toolchain's component rust-src]
    #[arg(long, value_name = "DIR")]
    rust_src: Option<PathBuf>,
    /// Run only tests with this in `FILE::TEST`
    #[arg(long, value_name = "WORDS", default_value = "")]
    only: String,
    /// Print one JSON document instead of lines
    #[arg(long)]
    json: bool,
    /// Schedules of each test in the bounded search, at most
    #[arg(long, value_name = "N", default_value_t = 300)]
    executions: u64,
    /// Schedules of the randomized schedulers for each test, at most
    #[arg(long, value_name = "N", default_value_t = 50)]
    random: u64,
    /// Steps of all schedules of a test together, about
    #[arg(long, value_name = "N", default_value_t = 2_000_000)]
    steps: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// The library's tests, from its sources.
    Tests,
    /// The examples of its documentation.
    Docs,
}

fn main() -> ExitCode {
    match conformance(&Args::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            report::complain(&format!("{error:#}"));
            ExitCode::from(2)
        }
    }
}

fn conformance(args: &Args) -> Result<bool> {
    let program = std::env::current_exe().context("cannot find this program")?;
    let target = program.parent().and_then(Path::parent);
    let folder = target
        .context("this program is not in a target folder")?
        .join("conformance");
    report::progress("building the simulation's libraries");
    let toolchain = Toolchain::ready(&folder)?;
    let suites = match args.what {
        What::Tests => {
            let installed = toolchain.sysroot.join("lib/rustlib/src/rust/library");
            layout::suites(args.rust_src.as_ref().unwrap_or(&installed))?
        }
        What::Docs => docs::suites(&toolchain.sysroot.join("share/doc/rust/html"))?,
    };
    let report = Report::of(&run_all(&toolchain, &suites, args)?);
    match args.json {
        true => report.print_json()?,
        false => report.print(),
    }
    Ok(report.is_well())
}

/// Runs the suites, as many at a time as there are processors; the results
/// are in their order.
fn run_all(
    toolchain: &Toolchain,
    suites: &[Suite],
    args: &Args,
) -> Result<Vec<(String, Vec<Outcome>)>> {
    let exclusions = Exclusions::read()?;
    let budget = Budget {
        executions: args.executions,
        random: args.random,
        steps: args.steps,
    };
    let scratch = tempfile::tempdir().context("cannot make a scratch folder")?;
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(suite) = suites.get(index) else {
                        break;
                    };
                    let folder = scratch.path().join(index.to_string());
                    let run = std::fs::create_dir(&folder)
                        .with_context(|| format!("cannot make the folder {}", folder.display()))
                        .and_then(|()| {
                            run::suite(toolchain, &exclusions, suite, &folder, budget, &args.only)
                        });
                    // Programs are large; only one for each processor is kept.
                    let _ = std::fs::remove_dir_all(&folder);
                    if run.as_ref().is_ok_and(|outcomes| !outcomes.is_empty()) {
                        report::progress(&format!("ran {}", suite.file));
                    }
                    let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
                    results.push((index, suite.file.clone(), run));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(index, ..)| *index);
    let results = results.into_iter();
    results.map(|(_, file, run)| Ok((file, run?))).collect()
}
