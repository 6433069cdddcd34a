//! What a class costs where the visible tests are run, as students run them.

use std::collections::BTreeSet;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use super::{Class, files, write};
use crate::grader::root;
use crate::submissions::solution;

/// How long a submission's tests may take: some never end.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(5);

/// What was run.
#[derive(Debug, Default)]
pub(super) struct Tested {
    pub(super) count: usize,
    pub(super) taken: Duration,
    /// How many of them did not end by themselves.
    pub(super) ended: usize,
}

/// Runs `cargo test` on so many submissions, spread over the class, one after the
/// other with a target folder for all. Those of an exercise are the same crate, with
/// other sources: so nothing is compiled again but these.
pub(super) fn measure(class: &Class, count: usize) -> Result<Tested> {
    let crates = class.beside("crates");
    let exercises: BTreeSet<&String> = class
        .submissions
        .iter()
        .map(|submission| &submission.exercise)
        .collect();
    for exercise in exercises {
        // What the tests need is compiled once, and does not count.
        let folder = crates.join(exercise);
        make(&folder, exercise)?;
        replace(&folder, &solution(exercise))?;
        run(class, &folder)?;
    }
    let all = &class.submissions;
    let count = count.min(all.len());
    let mut tested = Tested {
        count,
        ..Tested::default()
    };
    for number in 0..count {
        let submission = &all[number * all.len() / count];
        let folder = crates.join(&submission.exercise);
        replace(&folder, &submission.folder)?;
        let taken = run(class, &folder)?;
        tested.taken += taken;
        tested.ended += usize::from(taken > PATIENCE);
    }
    Ok(tested)
}

/// A crate with the visible tests of an exercise.
fn make(folder: &Path, exercise: &str) -> Result<()> {
    let tests = root().join("exercises").join(exercise).join("tests");
    for entry in walkdir::WalkDir::new(&tests).min_depth(1) {
        let entry = entry?;
        let to = folder
            .join("tests")
            .join(entry.path().strip_prefix(&tests)?);
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(&to)?;
        } else {
            to.parent().map_or(Ok(()), std::fs::create_dir_all)?;
            std::fs::copy(entry.path(), &to)?;
        }
    }
    let manifest = format!(
        "[package]\nname = \"{exercise}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
         [dev-dependencies]\nassert_cmd = \"2\"\npredicates = \"3\"\n\n[workspace]\n"
    );
    std::fs::write(folder.join("Cargo.toml"), manifest)?;
    std::fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock"))
        .map(drop)
        .context("cannot copy Cargo.lock")
}

/// Puts other sources there.
fn replace(folder: &Path, with: &Path) -> Result<()> {
    let src = folder.join("src");
    if src.exists() {
        std::fs::remove_dir_all(&src).with_context(|| format!("cannot empty {}", src.display()))?;
    }
    write(folder, &files(with)?)
}

/// Runs the tests, whatever they say: how long that took.
fn run(class: &Class, folder: &Path) -> Result<Duration> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let began = Instant::now();
    let mut tests = Command::new(cargo)
        .args(["test", "--quiet", "--no-fail-fast"])
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", class.beside("tests-target"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .context("cannot start Cargo")?;
    while tests.try_wait()?.is_none() {
        if began.elapsed() > PATIENCE {
            // Its tests and what they have started, too.
            let group = format!("-{}", tests.id());
            Command::new("kill")
                .args(["-KILL", "--", &group])
                .status()?;
            tests.wait()?;
        }
        std::thread::sleep(PAUSE);
    }
    Ok(began.elapsed())
}
