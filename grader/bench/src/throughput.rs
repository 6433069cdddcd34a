//! How many submissions a minute two jobs grade: a class of different ones,
//! right and wrong.

use anyhow::{Context as _, Result, ensure};

use crate::grader::{Grader, timed};
use crate::report::{Goal, Line, Side};
use crate::samples::Samples;
use crate::submissions::{Edited, copy, fixtures, solution};

const EXERCISE: &str = "bank-account";
/// How many submissions a class has.
const CLASS: usize = 60;

pub(crate) fn measure(grader: &Grader, repetitions: u32) -> Result<Vec<Line>> {
    let mut models = vec![solution(EXERCISE)];
    models.extend(fixtures(EXERCISE)?);
    let mut rates = Vec::new();
    for repetition in 0..=repetitions {
        let folder = tempfile::tempdir().context("cannot make a folder for the class")?;
        // The first round is small: it only has made what is made once.
        let class = if repetition == 0 { 1 } else { CLASS };
        for (number, model) in (0..).zip(models.iter().cycle().take(class)) {
            let submission = folder.path().join(format!("student-{number}"));
            copy(model, &submission)?;
            Edited::new(&submission)?.edit(number, "")?;
        }
        let (taken, verdicts) =
            timed(
                grader
                    .grade(folder.path())
                    .args(["--exercise", EXERCISE, "--jobs", "2"]),
            )?;
        ensure!(
            verdicts.len() == class,
            "there are {} verdicts on {class} submissions",
            verdicts.len()
        );
        if repetition > 0 {
            rates.push(class as f64 / taken.as_secs_f64() * 60.0);
        }
    }
    let rates = Samples::new(rates);
    Ok(vec![Line::new(
        "throughput",
        (rates.median(), "submissions a minute"),
        Goal::AtLeast(120.0),
        rates.count(),
        vec![Side::new(
            format!("classes of {CLASS}, --jobs 2"),
            "submissions a minute",
            &rates,
        )],
    )])
}
