//! How many executions a second the simulation runs, against plain shuttle on
//! the same program.
//!
//! The simulation is measured through the grader, with a course of this
//! benchmark's own. What a grading takes besides (its start, the compiler, the
//! judge) is taken out by grading twice, with many executions and with few:
//! only the difference counts.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use crate::course::{Asked, Course};
use crate::grader::{Grader, expect_full_marks, timed};
use crate::programs::{PROGRAMS, Program, SUBMISSION};
use crate::report::{Goal, Line, Side};
use crate::samples::by_turns;

/// Executions with which a grading takes hardly longer than with none.
const FEW: u32 = 10;
/// What the ratio to shuttle's rate must be, where only what can be observed
/// is recorded, and where every step is.
const PLAIN: f64 = 0.8;
const RECORDED: f64 = 0.5;

pub(crate) fn measure(grader: &Grader, repetitions: u32) -> Result<Vec<Line>> {
    let course = course()?;
    let mut lines = Vec::new();
    for program in PROGRAMS {
        lines.extend(compare(grader, &course, program, repetitions)?);
    }
    Ok(lines)
}

fn compare(
    grader: &Grader,
    course: &Course,
    program: &Program,
    repetitions: u32,
) -> Result<[Line; 2]> {
    let files = [("main.rs", SUBMISSION), ("program.rs", program.text)];
    let submission = course.submission(program.name, &files)?;
    let grade = |check: &str| -> Result<Duration> {
        let mut call = course.grade(grader, &submission);
        call.args(["--check", check, "--jobs", "1"]);
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

    let recorded = recorded(program.name);
    let [plain, recorded, few, shuttle] = by_turns(
        repetitions,
        [
            &mut |_| grade(program.name),
            &mut |_| grade(&recorded),
            &mut |_| grade("few"),
            &mut { on_shuttle },
        ],
    )?;
    let theirs = f64::from(many) / shuttle.median();
    let line = |name, many_took: &crate::samples::Samples, goal| {
        let ours = f64::from(many - FEW) / (many_took.median() - few.median());
        Line::new(
            format!("{name}/{}", program.name),
            (ours / theirs, ""),
            Goal::AtLeast(goal),
            shuttle.count(),
            vec![
                Side::new(format!("graded with {many} executions"), "s", many_took),
                Side::new(format!("graded with {FEW} executions"), "s", &few),
                Side::new(format!("shuttle, {many} executions"), "s", &shuttle),
                Side::single("executions a second", "1/s", ours),
                Side::single("shuttle's executions a second", "1/s", theirs),
            ],
        )
    };
    Ok([
        line("simulation", &plain, PLAIN),
        line("simulation-recorded", &recorded, RECORDED),
    ])
}

/// A check for each program, with its executions, one with every step
/// recorded, and one with few of them.
fn course() -> Result<Course> {
    let check = |id: String, executions, recorded| Asked {
        id,
        rule: "anything",
        args: Vec::new(),
        search: format!(
            "preemptions = 0, executions = 1, random = {executions}, spurious = false, \
             recorded = {recorded}"
        ),
    };
    let mut checks = vec![check("few".to_owned(), FEW, false)];
    for program in PROGRAMS {
        checks.push(check(program.name.to_owned(), program.executions, false));
        checks.push(check(recorded(program.name), program.executions, true));
    }
    Course::new(&checks)
}

fn recorded(name: &str) -> String {
    format!("{name}-recorded")
}
