//! A course of the benchmark's own, with one exercise, in a temporary folder.
//!
//! So the simulation is measured through the grader, as everybody uses it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use tempfile::TempDir;

use crate::grader::Grader;

const EXERCISE: &str = "program";

/// A check of the exercise: one run of a program.
#[derive(Debug)]
pub(crate) struct Asked {
    /// Its id.
    pub(crate) id: String,
    /// The rule of `course/judge.rs` that judges it.
    pub(crate) rule: &'static str,
    /// The program's arguments.
    pub(crate) args: Vec<String>,
    /// The budget, as in a rubric.
    pub(crate) search: String,
}

/// The course.
#[derive(Debug)]
pub(crate) struct Course {
    folder: TempDir,
}

impl Course {
    /// Makes it, with these checks, of which there must be three at least: none
    /// may be worth more than a third.
    pub(crate) fn new(checks: &[Asked]) -> Result<Course> {
        let folder = tempfile::tempdir().context("cannot make a folder for the course")?;
        let exercise = folder.path().join("exercises").join(EXERCISE);
        let kept = folder.path().join("checks").join(EXERCISE);
        write(
            &exercise.join("README.md"),
            include_str!("../course/README.md"),
        )?;
        write(&exercise.join("exercise.toml"), &manifest(checks.len()))?;
        write(&exercise.join("src/main.rs"), "fn main() {}\n")?;
        write(&kept.join("judge.rs"), include_str!("../course/judge.rs"))?;
        write(&kept.join("rubric.toml"), &rubric(checks))?;
        Ok(Course { folder })
    }

    /// Makes a submission of these files.
    pub(crate) fn submission(&self, name: &str, files: &[(&str, &str)]) -> Result<PathBuf> {
        let folder = self.folder.path().join("submissions").join(name);
        for (path, text) in files {
            write(&folder.join("src").join(path), text)?;
        }
        Ok(folder)
    }

    /// A call of the grader for a submission, not started yet.
    pub(crate) fn grade(&self, grader: &Grader, submission: &Path) -> Command {
        let mut call = grader.grade(submission);
        call.arg("--course").arg(self.folder.path());
        call.args(["--exercise", EXERCISE]);
        call
    }
}

/// The grader wants a manifest whose points are those of the rubric.
fn manifest(points: usize) -> String {
    format!(
        "title = \"A program of the benchmark\"\npoints = {points}\n\
         hints = [\"There is nothing to do: the benchmark measures how a program is run.\"]\n",
    )
}

fn rubric(checks: &[Asked]) -> String {
    let mut rubric = "kind = \"program\"\n".to_owned();
    for Asked {
        id,
        rule,
        args,
        search,
    } in checks
    {
        rubric.push_str(&format!(
            "[[check]]\nid = \"{id}\"\ntitle = \"The program runs\"\npoints = 1\nholds = [\"C1\"]\n\
             [[check.scenario]]\nname = \"runs\"\nrule = \"{rule}\"\nargs = {args:?}\n\
             search = {{ {search} }}\n"
        ));
    }
    rubric
}

fn write(path: &Path, text: &str) -> Result<()> {
    let context = || format!("cannot write {}", path.display());
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(context)?;
    }
    std::fs::write(path, text).with_context(context)
}
