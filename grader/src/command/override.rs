//! `grader override`

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use crate::exit::{Exit, usage};
use crate::gradebook::{Book, Gradebook, Student};
use crate::report;
use crate::ui::Ui;

/// Give points by hand, whatever the verdict is or will be
#[derive(Debug, Args)]
#[command(after_help = "\
EXAMPLES:
  grader override --gradebook autumn.sqlite --student ann --exercise bank-account \\
      --points 18 --reason \"explained the race orally\"
  grader override --gradebook autumn.sqlite --student ann --exercise bank-account --remove

They stay when the submission is graded again, and win in every export. Where nothing was
handed in, gradescope, classroom50 and exercism get no document, whatever was given by hand.")]
pub(super) struct Override {
    /// The gradebook
    #[arg(long, value_name = "FILE")]
    gradebook: PathBuf,
    /// The student: what the hand-ins are called by, the name, or the id
    #[arg(long, value_name = "STUDENT")]
    student: String,
    /// The exercise
    #[arg(long, value_name = "NAME")]
    exercise: String,
    /// The points
    #[arg(
        long,
        value_name = "N",
        requires = "reason",
        required_unless_present = "remove",
        allow_negative_numbers = true,
        value_parser = whole_points
    )]
    points: Option<u32>,
    /// Why, as the student may read it
    #[arg(long, value_name = "TEXT", requires = "points")]
    reason: Option<String>,
    /// Let the verdict count again
    #[arg(long, conflicts_with_all = ["points", "reason"])]
    remove: bool,
}

fn whole_points(text: &str) -> Result<u32, String> {
    let points = text.parse().ok();
    points.ok_or_else(|| "give a whole number of points, from 0".to_owned())
}

impl Override {
    pub(super) fn run(self, ui: &mut Ui) -> Result<Exit> {
        let mut gradebook = Gradebook::open(&self.gradebook)?;
        let book = gradebook.book()?;
        let student = student(&book, &self.student)?;
        let exercises = &book.exercises;
        let Some(exercise) = exercises.iter().find(|of| of.name == self.exercise) else {
            let names: Vec<&str> = exercises.iter().map(|of| of.name.as_str()).collect();
            usage!(
                "the gradebook has no exercise `{}`; it has {}",
                self.exercise,
                names.join(", ")
            );
        };
        let points = match (self.points, &self.reason) {
            (Some(points), Some(reason)) => Some((points, reason.trim())),
            _ => None,
        };
        if let Some((points, _)) = points
            && points > exercise.points
        {
            usage!(
                "`{}` has {} points, so {points} is too much",
                exercise.name,
                exercise.points
            );
        }
        if points.is_some_and(|(_, reason)| reason.is_empty()) {
            usage!("give the reason in words");
        }
        let before = gradebook.change(&student.key, &exercise.name, points)?;
        let graded = student
            .entries
            .get(&exercise.name)
            .and_then(|entry| entry.current());
        let verdict = match graded {
            Some(graded) => format!("the verdict gives {}", graded.score),
            None => "there is no verdict".to_owned(),
        };
        let what = match points {
            Some((points, reason)) => {
                format!("{points}/{} by hand: {reason}; {verdict}", exercise.points)
            }
            None if before => format!("nothing by hand any more; {verdict}"),
            None => format!("there was nothing by hand; {verdict}"),
        };
        let line = format!("{}  {}  {what}", student.name, exercise.name);
        ui.line(&report::visible_line(&line))?;
        Ok(Exit::Full)
    }
}

/// The one student that a person means.
pub(super) fn student<'a>(book: &'a Book, meant: &str) -> Result<&'a Student> {
    let students = &book.students;
    if let Some(student) = students.iter().find(|student| student.key == meant) {
        return Ok(student);
    }
    let is_meant = |student: &&Student| {
        let submissions = student.entries.values();
        let mut numbers =
            submissions.filter_map(|entry| entry.submission.as_ref()?.lms_id.as_deref());
        student.name.to_lowercase() == meant.to_lowercase()
            || student.roster_id.as_deref() == Some(meant)
            || numbers.any(|number| number == meant)
    };
    let found: Vec<&Student> = students.iter().filter(is_meant).collect();
    match &found[..] {
        [student] => Ok(student),
        [] => {
            let known: Vec<&str> = students.iter().map(|of| of.key.as_str()).take(20).collect();
            let more = if students.len() > known.len() {
                ", ..."
            } else {
                ""
            };
            usage!(
                "the gradebook has no student `{meant}`; it has {}{more}",
                known.join(", ")
            )
        }
        several => {
            let keys: Vec<&str> = several.iter().map(|of| of.key.as_str()).collect();
            usage!("`{meant}` may be {}; give one of these", keys.join(" or "))
        }
    }
}
