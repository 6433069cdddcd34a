//! The grader's binary, and calls of it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use verdict::{Outcome, Verdict, Verdicts};

/// What the grader says before it builds its libraries.
const BUILDING: &str = "building the grader's libraries";

/// The grader, optimised, and the compiler that it uses.
#[derive(Debug)]
pub(crate) struct Grader {
    program: PathBuf,
    rustc: PathBuf,
}

/// What matters of a message of Cargo's.
#[derive(Deserialize)]
struct Message {
    executable: Option<PathBuf>,
    target: Option<Target>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

impl Grader {
    /// Has Cargo build it.
    pub(crate) fn build() -> Result<Grader> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = Command::new(cargo)
            .args(["build", "--release", "--package", "grader"])
            .args(["--message-format", "json-render-diagnostics"])
            .current_dir(root())
            .stderr(Stdio::inherit())
            .output()
            .context("cannot start Cargo to build the grader")?;
        ensure!(built.status.success(), "the grader does not build");
        let program = String::from_utf8_lossy(&built.stdout)
            .lines()
            .filter_map(|line| serde_json::from_str::<Message>(line).ok())
            .filter(|message| {
                message
                    .target
                    .as_ref()
                    .is_some_and(|target| target.name == "grader")
            })
            .find_map(|message| message.executable)
            .context("Cargo told of no binary `grader`")?;
        Ok(Grader {
            program,
            rustc: rustc()?,
        })
    }

    /// The compiler itself, without rustup's proxy in front of it: so the
    /// grader calls it too.
    pub(crate) fn rustc(&self) -> Command {
        Command::new(&self.rustc)
    }

    /// The grader with other words, with a cache of its own, not started yet.
    pub(crate) fn verb(&self, verb: &str, cache: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command
            .arg(verb)
            .env("LOCKSTEP_CACHE", cache)
            .current_dir(root())
            .stdin(Stdio::null());
        command
    }

    /// `grader grade PATH`, with nothing cached and its verdicts as JSON, not
    /// started yet.
    pub(crate) fn grade(&self, path: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command
            .arg("grade")
            .arg(path)
            .args(["--no-cache", "--exit-zero", "--format", "json"])
            .current_dir(root())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }
}

/// Runs a call of the grader: how long it took, and its verdicts. It is run
/// again where the grader had to build its libraries, since their sources have
/// changed: that happens once, and is not what is measured.
pub(crate) fn timed(call: &mut Command) -> Result<(Duration, Vec<Verdict>)> {
    loop {
        let began = Instant::now();
        let output = call.output().context("cannot start the grader")?;
        let taken = began.elapsed();
        let built_libraries = String::from_utf8_lossy(&output.stderr).contains(BUILDING);
        let verdicts = verdicts(&output)?;
        if !built_libraries {
            return Ok((taken, verdicts));
        }
    }
}

/// The verdicts of a call. That a submission could not be graded is an error.
pub(crate) fn verdicts(output: &Output) -> Result<Vec<Verdict>> {
    let Ok(document) = serde_json::from_slice::<Verdicts>(&output.stdout) else {
        let complaint = String::from_utf8_lossy(&output.stderr);
        bail!("the grader gave no verdicts: {}", complaint.trim());
    };
    for verdict in &document.verdicts {
        ensure!(
            verdict.outcome != Outcome::InfrastructureError,
            "{} could not be graded: {}",
            verdict.submission,
            verdict.message
        );
    }
    Ok(document.verdicts)
}

/// Fails unless a submission got all its points: what is measured must be what
/// is meant.
pub(crate) fn expect_full_marks(verdicts: &[Verdict]) -> Result<()> {
    for verdict in verdicts {
        ensure!(
            verdict.score == verdict.max_score,
            "{} got {} of {} points, but must get all: {}",
            verdict.submission,
            verdict.score,
            verdict.max_score,
            verdict.message
        );
    }
    Ok(())
}

/// The compiler behind rustup's proxy.
fn rustc() -> Result<PathBuf> {
    let answer = Command::new("rustc")
        .args(["--print", "sysroot"])
        .current_dir(root())
        .output()
        .context("cannot ask rustc where it is")?;
    let sysroot = String::from_utf8(answer.stdout).context("rustc's folder is not UTF-8")?;
    let name = format!("rustc{}", std::env::consts::EXE_SUFFIX);
    Ok(Path::new(sysroot.trim()).join("bin").join(name))
}

/// The workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
