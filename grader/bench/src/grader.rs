//! The grader's binary, and calls of it.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

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
            .filter(|message| message.target.as_ref().is_some_and(|target| target.name == "grader"))
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

    /// `grader grade PATH --no-cache` with more arguments, not started yet.
    pub(crate) fn grade(&self, path: &Path, more: &[&OsStr]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .arg("grade")
            .arg(path)
            .args(["--no-cache", "--exit-zero", "--format", "json"])
            .args(more)
            .current_dir(root())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Has the grader make all that it makes only once.
    pub(crate) fn warm_up(&self, path: &Path, more: &[&OsStr]) -> Result<Vec<Verdict>> {
        let output = self.grade(path, more).output().context("cannot start the grader")?;
        Ok(Graded::read(output)?.verdicts)
    }
}

/// What came of a call.
pub(crate) struct Graded {
    pub(crate) verdicts: Vec<Verdict>,
    /// Whether it had to build its libraries, since their sources have
    /// changed. Such a call measures nothing.
    pub(crate) built_libraries: bool,
}

impl Graded {
    /// Reads the verdicts; a submission that could not be graded is an error.
    pub(crate) fn read(output: Output) -> Result<Graded> {
        let complaint = String::from_utf8_lossy(&output.stderr);
        let Ok(document) = serde_json::from_slice::<Verdicts>(&output.stdout) else {
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
        Ok(Graded {
            verdicts: document.verdicts,
            built_libraries: complaint.contains(BUILDING),
        })
    }
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

/// Arguments as [`Grader::grade`] takes them.
pub(crate) fn arguments<const N: usize>(arguments: [&str; N]) -> [OsString; N] {
    arguments.map(OsString::from)
}
