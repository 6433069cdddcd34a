//! `grader replay`

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::{CourseArg, session};
use crate::build::{self, Unbuilt, Wanted};
use crate::course::On;
use crate::exit::{Exit, usage};
use crate::grading::{Examined, Replayed};
use crate::home::Home;
use crate::report;
use crate::submission::{self, Sources};
use crate::ui::Ui;

/// Run one schedule of a submission again and show its every step
#[derive(Debug, Args)]
#[command(after_help = "\
EXAMPLES:
  grader replay class/ann --check no-lost-deposit --schedule two-deposits@a4.1-9.2")]
pub(super) struct Replay {
    /// The folder of a crate
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// The check that the schedule belongs to
    #[arg(long, value_name = "ID")]
    check: String,
    /// The schedule, as a finding gives it
    #[arg(long, value_name = "S")]
    schedule: String,
    /// The exercise [default: the package's or the folder's name]
    #[arg(long, value_name = "NAME")]
    exercise: Option<String>,
    #[command(flatten)]
    course: CourseArg,
}

impl Replay {
    pub(super) fn run(self, ui: &mut Ui) -> Result<Exit> {
        let home = Home::find()?;
        let course = session::course(&home, &self.course)?;
        let exercise = self.exercise.as_deref();
        let (found, lost) = submission::find(&course, &home, &[&self.path], exercise)?;
        let ([submission], []) = (found.as_slice(), lost.as_slice()) else {
            usage!(
                "{} holds {} crates; give one of them",
                self.path.display(),
                found.len() + lost.len()
            );
        };
        let Some((name, choices)) = self.schedule.split_once('@') else {
            if self.schedule.is_empty() {
                usage!("{}", self.none_to_replay());
            }
            usage!(
                "`{}` is no schedule; give one as a finding shows it, scenario@choices",
                self.schedule
            );
        };
        let exercises = session::exercises(&course, &found, std::slice::from_ref(&self.check))?;
        let exercise = &exercises[&submission.exercise];
        let checks = exercise
            .checks()
            .iter()
            .filter(|check| check.id == self.check);
        let mut scenarios = checks.flat_map(|check| {
            check
                .scenarios
                .iter()
                .map(move |scenario| (check, scenario))
        });
        let Some((check, scenario)) = scenarios.find(|(_, scenario)| scenario.name == name) else {
            usage!("the check `{}` has no scenario `{name}`", self.check);
        };
        if scenario.on == On::System || (scenario.on == On::Both && choices.is_empty()) {
            usage!("{}", self.none_to_replay());
        }
        let tools = session::tools(ui, home, session::whose(&course, &found), None, false)?;
        let judge = &build::judge(&tools.home, &tools.support, exercise)?;
        let driver = build::driver(&tools.home, &tools.support, exercise)?;

        let sources = Sources::read(&submission.folder, exercise.gradable()?.rubric.kind)?;
        let sources = match sources {
            Ok(sources) => sources,
            Err(refusal) => return told(ui, &format!("refused: {refusal}")),
        };
        let built = match build::submission(
            &tools.home,
            &tools.support,
            &tools.slots,
            exercise,
            driver.as_deref(),
            (&sources, Wanted::Simulation),
        )? {
            Ok(built) => built,
            Err(Unbuilt::Refused(why)) => return told(ui, &format!("refused: {why}")),
            Err(Unbuilt::DoesNotCompile(words)) => {
                return told(
                    ui,
                    &format!(
                        "this does not compile:
{words}"
                    ),
                );
            }
        };
        let program = match built.started(exercise.gradable()?.rubric.starts(check)) {
            Ok(program) => program,
            Err(why) => return told(ui, why),
        };
        let examined = Examined {
            exercise,
            judge,
            program,
            real: None,
            check,
            scenario,
        };
        let Replayed { timeline, finding } = examined.replay(&tools, choices)?;
        let frames = finding
            .as_ref()
            .map(|finding| report::frames(finding, &sources, ui.width()))
            .unwrap_or_default();
        let finding = finding.as_ref();
        ui.print(&report::replayed(&timeline, finding, &frames, ui.width()))?;
        Ok(if finding.is_some() {
            Exit::Short
        } else {
            Exit::Full
        })
    }
}

impl Replay {
    /// What is to be done instead of a replay where there is no schedule.
    fn none_to_replay(&self) -> String {
        format!(
            "a run on the real system has no schedule to replay; run it again with `grader grade {} \
             --check {} --no-cache`",
            self.path.display(),
            self.check
        )
    }
}

/// There is nothing to replay, and that is the submission's doing.
fn told(ui: &mut Ui, why: &str) -> Result<Exit> {
    ui.error(why);
    Ok(Exit::Short)
}
