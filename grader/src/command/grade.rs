//! `grader grade`

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueEnum};
use verdict::{Check, CheckOutcome, Finding, FindingKind, Outcome, Verdict};

use super::{CourseArg, session};
use crate::exit::Exit;
use crate::grading::{Event, Prepared, grade_all};
use crate::home::{self, Home};
use crate::report;
use crate::submission::{self, Found, Lost, Sources};
use crate::ui::Ui;

/// Grade submissions: a crate, or a folder of crates
#[derive(Debug, Args)]
#[command(after_help = "\
EXAMPLES:
  grader grade exercises/bank-account
  grader grade class/monday class/tuesday --exercise bank-account --jobs 8
  grader grade fixtures/submissions/bank-account --format json > verdicts.json
  grader grade exercises/bank-account --format html > verdict.html")]
pub(super) struct Grade {
    /// Crates, folders of many crates, or ZIP files of either
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The exercise [default: the package's or the folder's name]
    #[arg(long, value_name = "NAME")]
    exercise: Option<String>,
    /// Run this check only; may be given several times
    #[arg(long, value_name = "ID")]
    check: Vec<String>,
    /// How many processes work at once [default: one a core]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    jobs: Option<usize>,
    /// What is printed
    #[arg(long, value_enum, default_value_t = View::Text)]
    format: View,
    /// Grade again even what was graded before
    #[arg(long)]
    no_cache: bool,
    /// Exit with 0 whatever the scores, as hosts of graders want it
    #[arg(long)]
    exit_zero: bool,
    #[command(flatten)]
    course: CourseArg,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Aligned lines for people.
    Text,
    /// One document for programs.
    Json,
}

/// How verdicts are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum View {
    /// Aligned lines for people.
    Text,
    /// One document for programs.
    Json,
    /// One page for a browser, with all findings in full; it loads nothing.
    Html,
}

/// In the place of the name of an exercise that cannot be told.
const NO_EXERCISE: &str = "unknown exercise";

/// The verdict on what was handed in and is no submission.
fn refused(lost: Lost) -> Verdict {
    Verdict {
        exercise: String::new(),
        submission: lost.shown,
        outcome: Outcome::Refused,
        score: 0,
        max_score: 0,
        message: lost.why,
        checks: Vec::new(),
    }
}

/// How many failures are told in full, of one submission and of each of many.
const DETAILED: (usize, usize) = (3, 1);

impl Grade {
    /// Whether people read the output.
    pub(super) fn is_text(&self) -> bool {
        self.format == View::Text
    }

    pub(super) fn run(self, ui: &mut Ui) -> Result<Exit> {
        let home = Home::find()?;
        let course = session::course(&home, &self.course)?;
        let (found, lost) =
            submission::find(&course, &home, &self.paths, self.exercise.as_deref())?;
        let exercises = session::exercises(&course, &found, &self.check)?;
        let whose = session::whose(&course, &found);
        let tools = session::tools(ui, home, whose, self.jobs, !self.no_cache)?;
        let prepared = session::prepare(&tools, exercises, &self.check)?;
        let submissions: Vec<(&Prepared, Found)> = found
            .into_iter()
            .map(|found| (&prepared[&found.exercise], found))
            .collect();

        ui.begin(
            submissions
                .iter()
                .map(|(prepared, _)| prepared.count())
                .sum(),
        );
        let mut verdicts = grade_all(&tools, &submissions, |event| match self.format {
            View::Text => self.asked().tell(ui, &submissions, event),
            View::Json | View::Html => Ok(()),
        })?;
        ui.finish();
        for verdict in lost.into_iter().map(refused) {
            if self.is_text() {
                let heading = report::heading(NO_EXERCISE, &verdict.submission);
                ui.print(&format!("\n{heading}"))?;
                ui.print(&report::score(&verdict, ui.width()))?;
            }
            verdicts.push(verdict);
        }
        let exit = exit(&verdicts);
        match self.format {
            View::Text if verdicts.len() > 1 => ui.print(&summary(&verdicts))?,
            View::Text => {}
            View::Json => ui.print(&report::json(verdicts)?)?,
            View::Html => ui.print(&self.page(&submissions, verdicts)?)?,
        }
        Ok(if self.exit_zero && exit == Exit::Short {
            Exit::Full
        } else {
            exit
        })
    }

    fn asked(&self) -> Asked<'_> {
        Asked {
            course: &self.course,
            exercise: self.exercise.as_deref(),
        }
    }

    /// The page of what was graded, or of all that was.
    fn page(
        &self,
        submissions: &[(&Prepared, Found)],
        mut verdicts: Vec<Verdict>,
    ) -> Result<String> {
        let refused = verdicts.split_off(submissions.len());
        let shown = |((prepared, found), verdict): (&(&Prepared, Found), Verdict)| {
            let exercise = &prepared.exercise;
            // What could not even be read has no lines to show.
            let sources = match verdict.checks.iter().any(|check| check.finding.is_some()) {
                true => Sources::read(&found.folder, exercise.gradable()?.rubric.kind)?.ok(),
                false => None,
            };
            let again = self.asked().again(found);
            let command = |check: &Check| {
                let command = again.command(check, check.finding.as_ref()?);
                Some((check.id.clone(), command))
            };
            Ok(report::html::Submission {
                title: exercise.manifest.title.clone(),
                again: verdict.checks.iter().filter_map(command).collect(),
                hints: exercise.manifest.hints.clone(),
                sources: sources
                    .map(|sources| sources.files().clone())
                    .unwrap_or_default(),
                verdict,
            })
        };
        let shown: Result<Vec<_>> = submissions.iter().zip(verdicts).map(shown).collect();
        let mut shown = shown?;
        shown.extend(refused.into_iter().map(|verdict| report::html::Submission {
            title: NO_EXERCISE.to_owned(),
            verdict,
            hints: Vec::new(),
            sources: BTreeMap::new(),
            again: BTreeMap::new(),
        }));
        Ok(report::html::document(&shown))
    }
}

/// What was asked for, as far as it stands in the commands that show a finding
/// again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) course: &'a CourseArg,
    pub(super) exercise: Option<&'a str>,
}

impl Asked<'_> {
    /// Tells of what happens, as it does.
    pub(super) fn tell(
        self,
        ui: &mut Ui,
        submissions: &[(&Prepared, Found)],
        event: Event<'_>,
    ) -> Result<()> {
        match event {
            Event::Progress => ui.advance(),
            Event::Began(index) => {
                let (prepared, found) = &submissions[index];
                let gap = if index == 0 { "" } else { "\n" };
                ui.print(&format!(
                    "{gap}{}",
                    report::heading(&prepared.exercise.name, &found.shown)
                ))?;
            }
            Event::Decided(index, check) => {
                let layout = report::Layout::of(&submissions[index].0.exercise, ui.width());
                ui.print(&report::check_line(check, layout))?;
            }
            Event::Done(index, verdict) => {
                ui.print(&report::score(verdict, ui.width()))?;
                let most = if submissions.len() == 1 {
                    DETAILED.0
                } else {
                    DETAILED.1
                };
                let failures = self.failures(&submissions[index], verdict, most, ui.width())?;
                ui.print(&failures)?;
            }
        }
        Ok(())
    }

    /// The first failures of a submission, in full.
    fn failures(
        self,
        (prepared, found): &(&Prepared, Found),
        verdict: &Verdict,
        most: usize,
        width: usize,
    ) -> Result<String> {
        let failed = || {
            verdict
                .checks
                .iter()
                .filter_map(|check| Some((check, check.finding.as_ref()?)))
        };
        if failed().next().is_none() {
            return Ok(String::new());
        }
        let kind = prepared.exercise.gradable()?.rubric.kind;
        let sources = Sources::read(&found.folder, kind)?.ok();
        let again = self.again(found);
        // That there is no program is told once, whatever it costs.
        let first = failed().position(|(_, finding)| finding.kind == FindingKind::NoProgram);
        let told_before = |(index, (_, finding)): &(usize, (&Check, &Finding))| {
            finding.kind == FindingKind::NoProgram && Some(*index) != first
        };
        let (repeated, details): (Vec<_>, Vec<_>) = failed().enumerate().partition(told_before);
        let mut text = String::new();
        for (_, (check, finding)) in details.iter().take(most) {
            let frames = sources
                .as_ref()
                .map(|sources| report::frames(finding, sources, width))
                .unwrap_or_default();
            text.push_str(&report::details(&again, check, finding, &frames, width));
        }
        let more: Vec<&str> = details
            .iter()
            .skip(most)
            .chain(&repeated)
            .map(|(_, (check, _))| check.id.as_str())
            .collect();
        if !more.is_empty() {
            text.push_str(&format!(
                "\n  more failed: {}; see one with --check ID\n",
                more.join(", ")
            ));
        }
        Ok(text)
    }

    /// The commands that show a submission's findings again.
    pub(super) fn again(self, found: &Found) -> report::Again {
        let course = self
            .course
            .course
            .as_ref()
            .map(|course| course.display().to_string());
        let mut options = Vec::new();
        if let Some(course) = &course {
            options.extend(["--course", course]);
        }
        if let Some(exercise) = self.exercise {
            options.extend(["--exercise", exercise]);
        }
        report::Again::new(&home::called_as(), &found.shown, &options)
    }
}

pub(super) fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|number| *number > 0)
        .ok_or_else(|| "give a whole number from 1".to_owned())
}

fn is_full(verdict: &Verdict) -> bool {
    verdict.outcome == Outcome::Graded
        && verdict
            .checks
            .iter()
            .all(|check| check.outcome == CheckOutcome::Passed)
}

fn exit(verdicts: &[Verdict]) -> Exit {
    let of_one = |verdict: &Verdict| match verdict.outcome {
        Outcome::InfrastructureError => Exit::Infrastructure,
        _ if is_full(verdict) => Exit::Full,
        _ => Exit::Short,
    };
    verdicts.iter().map(of_one).max().unwrap_or(Exit::Full)
}

/// The last line of several.
pub(super) fn summary(verdicts: &[Verdict]) -> String {
    let full = verdicts.iter().filter(|verdict| is_full(verdict)).count();
    let ungraded = verdicts
        .iter()
        .filter(|verdict| verdict.outcome == Outcome::InfrastructureError)
        .count();
    let mut text = format!("\n{} submissions, {full} with full marks", verdicts.len());
    if ungraded > 0 {
        text.push_str(&format!(", {ungraded} could not be graded"));
    }
    text + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(outcome: Outcome) -> Verdict {
        let (exercise, submission, message) = Default::default();
        Verdict {
            exercise,
            submission,
            outcome,
            score: 0,
            max_score: 0,
            message,
            checks: Vec::new(),
        }
    }

    #[test]
    fn the_worst_verdict_decides_the_exit_code() {
        let (full, short) = (verdict(Outcome::Graded), verdict(Outcome::Refused));
        let broken = verdict(Outcome::InfrastructureError);
        assert_eq!(exit(std::slice::from_ref(&full)), Exit::Full);
        assert_eq!(exit(&[full.clone(), short.clone()]), Exit::Short);
        assert_eq!(exit(&[broken, short, full]), Exit::Infrastructure);
    }
}
