//! How many executions a second the simulation runs, against plain shuttle on
//! the same program.
//!
//! The simulation is measured through the grader, with a course of this
//! benchmark's own. What a grading takes besides (its start, the compiler, the
//! judge) is taken out by grading twice, with many executions and with few:
//! only the difference counts.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;

use crate::grader::{Grader, expect_full_marks, timed};
use crate::programs::{PROGRAMS, Program, SUBMISSION};
use crate::report::{Goal, Line, Side};
use crate::samples::by_turns;

const EXERCISE: &str = "program";
/// Executions with which a grading takes hardly longer than with none.
const FEW: u32 = 10;

pub(crate) fn measure(grader: &Grader, repetitions: u32) -> Result<Vec<Line>> {
    let course = Course::new()?;
    PROGRAMS
        .iter()
        .map(|program| compare(grader, &course, program, repetitions))
        .collect()
}

fn compare(grader: &Grader, course: &Course, program: &Program, repetitions: u32) -> Result<Line> {
    let submission = course.submission(program)?;
    let grade = |check: &str| -> Result<Duration> {
        let mut call = grader.grade(&submission);
        call.arg("--course").arg(course.folder.path());
        call.args(["--exercise", EXERCISE, "--check", check, "--jobs", "1"]);
        let (taken, verdicts) = timed(&mut call)?;
        expect_full_marks(&verdicts)?;
        let check = verdicts.first().and_then(|verdict| verdict.checks.first());
        let coverage = check
            .and_then(|check| check.coverage.as_deref())
            .unwrap_or_default();
        // The words may change; that every schedule was run must not be in
        // them, since then there were fewer executions than were asked for.
        ensure!(
            !coverage.contains("all ") || coverage.contains("among"),
            "the program {} is too small: it {coverage}",
            program.name
        );
        Ok(taken)
    };
    let many = program.executions;
    let on_shuttle = |_| {
        let executions = usize::try_from(many).context("there are too many executions")?;
        let began = Instant::now();
        shuttle::check_random(program.on_shuttle, executions);
        Ok(began.elapsed())
    };
    grade("few")?;

    let [with_many, with_few, shuttle] = by_turns(
        repetitions,
        [&mut |_| grade(program.name), &mut |_| grade("few"), &mut {
            on_shuttle
        }],
    )?;
    let ours = f64::from(many - FEW) / (with_many.median() - with_few.median());
    let theirs = f64::from(many) / shuttle.median();
    Ok(Line::new(
        format!("simulation/{}", program.name),
        (ours / theirs, ""),
        Goal::AtLeast(0.5),
        shuttle.count(),
        vec![
            Side::new(format!("graded with {many} executions"), "s", &with_many),
            Side::new(format!("graded with {FEW} executions"), "s", &with_few),
            Side::new(format!("shuttle, {many} executions"), "s", &shuttle),
            Side::single("executions a second", "1/s", ours),
            Side::single("shuttle's executions a second", "1/s", theirs),
        ],
    ))
}

/// A course with one exercise, in a temporary folder.
struct Course {
    folder: TempDir,
}

impl Course {
    fn new() -> Result<Course> {
        let folder = tempfile::tempdir().context("cannot make a folder for the course")?;
        let exercise = folder.path().join("exercises").join(EXERCISE);
        let checks = folder.path().join("checks").join(EXERCISE);
        write(
            &exercise.join("README.md"),
            include_str!("../course/README.md"),
        )?;
        write(&exercise.join("exercise.toml"), &manifest())?;
        write(&exercise.join("src/main.rs"), "fn main() {}\n")?;
        write(&checks.join("judge.rs"), include_str!("../course/judge.rs"))?;
        write(&checks.join("rubric.toml"), &rubric())?;
        Ok(Course { folder })
    }

    /// Makes a submission of a program.
    fn submission(&self, program: &Program) -> Result<PathBuf> {
        let folder = self.folder.path().join("submissions").join(program.name);
        write(&folder.join("src/main.rs"), SUBMISSION)?;
        write(&folder.join("src/program.rs"), program.text)?;
        Ok(folder)
    }
}

/// The grader wants a manifest whose points are those of the rubric.
fn manifest() -> String {
    format!(
        "title = \"A program of the benchmark\"\npoints = {}\n\
         hints = [\"There is nothing to do: the benchmark measures how fast a program is run.\"]\n",
        PROGRAMS.len() + 1
    )
}

/// A check for each program, with its executions, and one with few of them.
fn rubric() -> String {
    let mut rubric = "kind = \"program\"\n".to_owned();
    let many = PROGRAMS
        .iter()
        .map(|program| (program.name, program.executions));
    for (id, executions) in many.chain([("few", FEW)]) {
        rubric.push_str(&format!(
            "[[check]]\nid = \"{id}\"\ntitle = \"The program runs\"\npoints = 1\nholds = [\"C1\"]\n\
             [[check.scenario]]\nname = \"runs\"\nrule = \"anything\"\n\
             search = {{ preemptions = 0, executions = 1, random = {executions}, spurious = false }}\n"
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
