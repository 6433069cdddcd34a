//! `grader pack`

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand};

use super::{CourseArg, session};
use crate::course::{Course, Exercise};
use crate::exit::{Exit, usage};
use crate::home::Home;
use crate::pack::{self, Pack};
use crate::report::visible_line;
use crate::ui::Ui;

/// Write the course as students get it, or as Gradescope takes it
#[derive(Debug, Args)]
#[command(after_help = "\
EXAMPLES:
  grader pack students --out students/
  grader pack gradescope --exercise bank-account --out bank-account.zip

The same course gives the same bytes. A pack is there whole or not at all, and takes the place of
nothing but an empty folder or a pack in which nobody has changed anything.")]
pub(super) struct PackArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// The course as students get it: starters, READMEs, visible tests and a workflow
    #[command(after_help = "\
EXAMPLES:
  grader pack students --out students/            a folder, for a template repository
  grader pack students --out students.zip
  grader pack students --exercise chat --out chat.zip

Of each exercise its Cargo.toml, README.md, exercise.toml, src/ and tests/ are packed; nothing of
solutions and checks. The workflow runs the visible tests of what a student has begun.")]
    Students {
        /// A folder, or a ZIP file by its name's end
        #[arg(long, value_name = "DIR|ZIP")]
        out: PathBuf,
        /// The exercises; may be given several times [default: all]
        #[arg(long, value_name = "NAME")]
        exercise: Vec<String>,
        #[command(flatten)]
        course: CourseArg,
    },
    /// The ZIP file of an autograder for one exercise
    #[command(after_help = "\
EXAMPLES:
  grader pack gradescope --exercise bank-account --out bank-account.zip

Upload the file as the autograder of an assignment, and give the assignment as many points as the
exercise has. It holds the checks: it is not for students. Its setup.sh needs the network, to
install Rust and to build the grader; its run_autograder needs none. To try both elsewhere, unpack
the file to DIR/source, put a submission into DIR/submission, and run them with
AUTOGRADER_ROOT=DIR.")]
    Gradescope {
        /// The ZIP file
        #[arg(long, value_name = "FILE.zip")]
        out: PathBuf,
        /// The exercise
        #[arg(long, value_name = "NAME")]
        exercise: String,
        #[command(flatten)]
        course: CourseArg,
    },
}

impl PackArgs {
    pub(super) fn run(self, ui: &mut Ui) -> Result<Exit> {
        let home = Home::find()?;
        let (pack, out) = match self.what {
            What::Students {
                out,
                exercise,
                course,
            } => {
                let course = session::course(&home, &course)?;
                let names = match exercise.is_empty() {
                    true => course.names(),
                    false => &exercise,
                };
                let exercises: Result<Vec<_>> =
                    names.iter().map(|name| known(&course, name)).collect();
                (pack::students(course.root(), &exercises?)?, out)
            }
            What::Gradescope {
                out,
                exercise,
                course,
            } => {
                if !out
                    .extension()
                    .is_some_and(|end| end.eq_ignore_ascii_case("zip"))
                {
                    usage!("Gradescope takes a ZIP file; give --out a name that ends in .zip");
                }
                let course = session::course(&home, &course)?;
                let exercise = known(&course, &exercise)?;
                if exercise.grading.is_none() {
                    usage!("the exercise `{}` has no checks yet", exercise.name);
                }
                (pack::gradescope(home.root(), &exercise)?, out)
            }
        };
        pack::write(&pack, &out)?;
        self::told(ui, &pack, &out.display().to_string())?;
        Ok(Exit::Full)
    }
}

fn known(course: &Course, name: &str) -> Result<Exercise> {
    if !course.has(name) {
        usage!(
            "there is no exercise `{name}`; the exercises are {}",
            course.names().join(", ")
        );
    }
    course.exercise(name)
}

fn told(ui: &mut Ui, pack: &Pack, out: &str) -> Result<()> {
    for note in &pack.notes {
        ui.status(&format!("note: {}", visible_line(note)));
    }
    Ok(ui.line(&format!("{}: {} files", visible_line(out), pack.count()))?)
}
