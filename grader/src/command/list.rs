//! `grader list`

use anyhow::Result;
use clap::Args;

use super::{CourseArg, session};
use crate::course::Exercise;
use crate::exit::Exit;
use crate::home::Home;
use crate::report;
use crate::ui::Ui;
use crate::ui::style::{CODE, HEAD, paint};

/// List the exercises of a course
#[derive(Debug, Args)]
#[command(after_help = "\
EXAMPLES:
  grader list
  grader list --course ../another-course")]
pub(super) struct List {
    #[command(flatten)]
    course: CourseArg,
}

impl List {
    pub(super) fn run(self, ui: &mut Ui) -> Result<Exit> {
        let course = session::course(&Home::find()?, &self.course)?;
        let header = ["EXERCISE", "TITLE", "POINTS", "CHECKS", "VISIBLE"];
        let mut rows = vec![header.map(|cell| paint(HEAD, cell)).to_vec()];
        let mut broken = Vec::new();
        for name in course.names() {
            match course.exercise(name) {
                Ok(exercise) => rows.push(row(&exercise)),
                Err(error) => broken.push(format!("{error:#}")),
            }
        }
        ui.print(&report::table(&rows))?;
        for error in &broken {
            ui.error(error);
        }
        Ok(if broken.is_empty() {
            Exit::Full
        } else {
            Exit::Infrastructure
        })
    }
}

fn row(exercise: &Exercise) -> Vec<String> {
    let checks = match exercise.checks() {
        [] => "no checks yet".to_owned(),
        checks => checks.len().to_string(),
    };
    let manifest = &exercise.manifest;
    vec![
        paint(CODE, &exercise.name),
        manifest.title.clone(),
        manifest.points.to_string(),
        checks,
        manifest.visible.join(", "),
    ]
}
