//! From an edit to its verdict: what the grader takes for a submission that it
//! has never seen, against what rustc takes to compile and link the same crate
//! with an empty `main`.

use std::process::Stdio;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};

use crate::grader::{Grader, expect_full_marks, timed};
use crate::report::{Goal, Line, Side};
use crate::samples::by_turns;
use crate::submissions::{Edited, copy, solution};

const EXERCISE: &str = "bank-account";

pub(crate) fn measure(grader: &Grader, repetitions: u32) -> Result<Vec<Line>> {
    let folder = tempfile::tempdir().context("cannot make a folder for the submission")?;
    let (graded, compiled) = (folder.path().join("graded"), folder.path().join("compiled"));
    for target in [&graded, &compiled] {
        copy(&solution(EXERCISE), target)?;
    }
    let submission = Edited::new(&graded)?;
    let program = Edited::new(&compiled)?;

    let mut grade = |number| {
        submission.edit(number, "")?;
        let (taken, verdicts) = timed(grader.grade(&graded).args(["--exercise", EXERCISE]))?;
        expect_full_marks(&verdicts)?;
        Ok(taken)
    };
    let mut compile = |number| {
        program.edit(number, "fn main() {}\n")?;
        let began = Instant::now();
        // Nothing calls the library here; to say so would only cost time.
        let status = grader
            .rustc()
            .args([
                "--edition",
                "2024",
                "-A",
                "warnings",
                "src/lib.rs",
                "-o",
                "program",
            ])
            .args(["--crate-type", "bin"])
            .current_dir(&compiled)
            .stderr(Stdio::inherit())
            .status()
            .context("cannot start rustc")?;
        ensure!(
            status.success(),
            "the solution does not compile with an empty `main`"
        );
        Ok(began.elapsed())
    };
    // What is made only once is made here, and both are in the file cache.
    grade(repetitions)?;
    compile(repetitions)?;

    let [graded, compiled] = by_turns(repetitions, [&mut grade, &mut compile])?;
    let ratio = graded.median() / compiled.median();
    Ok(vec![Line::new(
        "edit-to-verdict",
        (ratio, ""),
        Goal::AtMost(4.0),
        graded.count(),
        vec![
            Side::new("edit to verdict", "s", &graded),
            Side::new("rustc with an empty main", "s", &compiled),
        ],
    )])
}
