//! From a submission to its verdict, and many of them at once.
//!
//! A verdict follows from the sources and the checks alone: not from the
//! number of jobs, nor from what happened to finish first.

mod cache;
mod checks;
mod coverage;
mod jobs;
mod minimize;
mod scenario;
mod slots;
mod system;

use std::path::{Path, PathBuf};

use anyhow::Result;
use verdict::{Check, CheckOutcome, Outcome, Verdict};

use crate::build::{self, Support, Unbuilt, Wanted};
use crate::course::{self, Exercise, On};
use crate::digest::Digest;
use crate::home::Home;
use crate::submission::{Found, Refusal, Sources};

pub(crate) use cache::{Cache, grader};
pub(crate) use jobs::{Event, grade_all};
pub(crate) use scenario::{Examined, Replayed};
pub(crate) use slots::Slots;

/// What grading takes.
pub(crate) struct Tools {
    /// Where things are.
    pub(crate) home: Home,
    /// What submissions are linked with.
    pub(crate) support: Support,
    /// How many processes work at once: compilers, and simulations.
    pub(crate) slots: Slots,
    /// How many runs on the real system there are at once. These wait for most of
    /// their time, and leave the processors to others.
    pub(crate) runs: Slots,
    /// Verdicts reached before, if they may be used.
    pub(crate) cache: Option<Cache>,
}

/// An exercise that is ready to grade.
pub(crate) struct Prepared {
    /// The exercise.
    pub(crate) exercise: Exercise,
    /// Its judge.
    pub(crate) judge: PathBuf,
    /// The driver of its scenarios, if they have one.
    driver: Option<PathBuf>,
    /// The content address of the exercise and its checks.
    digest: String,
    /// The only checks to run, by their ids; all where there are none.
    only: Vec<String>,
}

impl Prepared {
    /// Makes an exercise ready: its judge is compiled if need be.
    pub(crate) fn new(tools: &Tools, exercise: Exercise, only: &[String]) -> Result<Prepared> {
        let checks = &exercise.gradable()?.folder;
        let digest = Digest::default()
            .part(&exercise.name)
            .folder(&exercise.folder)?
            .folder(checks)?
            .finish();
        let judge = build::judge(&tools.home, &tools.support, &exercise)?;
        let driver = build::driver(&tools.home, &tools.support, &exercise)?;
        Ok(Prepared {
            exercise,
            judge,
            driver,
            digest,
            only: only.to_vec(),
        })
    }

    /// The checks to run.
    fn checks(&self) -> impl Iterator<Item = &course::Check> {
        self.exercise
            .checks()
            .iter()
            .filter(|check| self.only.is_empty() || self.only.contains(&check.id))
    }

    /// What a submission is to be built for.
    fn wanted(&self) -> Wanted {
        let mut scenarios = self.checks().flat_map(|check| &check.scenarios);
        match scenarios.any(|scenario| scenario.on != On::Simulation) {
            true => Wanted::System,
            false => Wanted::Simulation,
        }
    }

    /// The content address of the exercise and its checks.
    pub(crate) fn digest(&self) -> &str {
        &self.digest
    }

    /// How many checks are to be run.
    pub(crate) fn count(&self) -> usize {
        self.checks().count()
    }

    /// A check before it was run.
    fn not_run(&self, check: &course::Check) -> Check {
        Check {
            id: check.id.clone(),
            title: check.title.clone(),
            outcome: CheckOutcome::NotRun,
            points: 0,
            max_points: check.points,
            visibility: match self.exercise.is_visible(check) {
                true => verdict::Visibility::Visible,
                false => verdict::Visibility::Hidden,
            },
            coverage: None,
            finding: None,
        }
    }

    /// A verdict on a submission that was not run.
    fn unrun(&self, shown: &str, outcome: Outcome, message: String) -> Verdict {
        let checks = self.checks().map(|check| self.not_run(check)).collect();
        self.verdict(shown, outcome, message, checks)
    }

    fn verdict(
        &self,
        shown: &str,
        outcome: Outcome,
        message: String,
        checks: Vec<Check>,
    ) -> Verdict {
        Verdict {
            exercise: self.exercise.name.clone(),
            submission: shown.to_owned(),
            outcome,
            score: checks.iter().map(|check| check.points).sum(),
            max_score: checks.iter().map(|check| check.max_points).sum(),
            message,
            checks,
        }
    }
}

/// A submission that was read: what a verdict on it follows from.
pub(crate) struct Subject<'a> {
    prepared: &'a Prepared,
    sources: Result<Sources, Refusal>,
}

impl<'a> Subject<'a> {
    /// Reads the folder of a submission.
    pub(crate) fn read(prepared: &'a Prepared, folder: &Path) -> Result<Subject<'a>> {
        let kind = prepared.exercise.gradable()?.rubric.kind;
        let sources = Sources::read(folder, kind)?;
        Ok(Subject { prepared, sources })
    }

    /// A submission that may not even be unpacked.
    pub(crate) fn refused(prepared: &'a Prepared, why: &str) -> Subject<'a> {
        let sources = Err(Refusal(why.to_owned()));
        Subject { prepared, sources }
    }

    /// The name of the exercise.
    pub(crate) fn exercise(&self) -> &str {
        &self.prepared.exercise.name
    }

    /// The content address of its sources; of why there are none that count.
    pub(crate) fn digest(&self) -> String {
        match &self.sources {
            Ok(sources) => sources.digest(),
            Err(refusal) => Digest::default().part("refused").part(&refusal.0).finish(),
        }
    }

    /// Its sources, where there are any that count.
    pub(crate) fn sources(&self) -> Option<&Sources> {
        self.sources.as_ref().ok()
    }

    /// The content address of everything that the verdict follows from.
    pub(crate) fn key(&self, tools: &Tools) -> String {
        cache::key(
            &tools.support,
            self.prepared,
            &self.digest(),
            &self.prepared.only,
        )
    }

    /// Grades it, as the one that was found at `shown`.
    pub(crate) fn grade(&self, tools: &Tools, shown: &str) -> Verdict {
        self.told(tools, shown, |_| {})
    }

    /// The same; `decided` is told of each check in the rubric's order, as soon as
    /// it and those before it are decided.
    fn told(&self, tools: &Tools, shown: &str, decided: impl FnMut(&Check)) -> Verdict {
        try_grade(tools, self, shown, decided).unwrap_or_else(|error| {
            let message = format!("{error:#}");
            self.prepared
                .unrun(shown, Outcome::InfrastructureError, message)
        })
    }
}

/// Grades one submission. `decided` is told of each check in the rubric's
/// order, as soon as it and those before it are decided.
fn grade(
    tools: &Tools,
    prepared: &Prepared,
    found: &Found,
    decided: impl FnMut(&Check),
) -> Verdict {
    match Subject::read(prepared, &found.folder) {
        Ok(subject) => subject.told(tools, &found.shown, decided),
        Err(error) => {
            let message = format!("{error:#}");
            prepared.unrun(&found.shown, Outcome::InfrastructureError, message)
        }
    }
}

/// How a grading came out, in a sentence.
fn summary(checks: &[Check]) -> String {
    let count = |outcome| {
        let of_it = checks.iter().filter(|check| check.outcome == outcome);
        of_it.count()
    };
    let passed = count(CheckOutcome::Passed);
    let message = format!("{passed} of {} checks passed", checks.len());
    match count(CheckOutcome::NotRun) {
        0 => message,
        1 => format!("{message}; 1 was not run: {}", checks::GIVEN_UP),
        not_run => format!("{message}; {not_run} were not run: {}", checks::GIVEN_UP),
    }
}

fn try_grade(
    tools: &Tools,
    subject: &Subject<'_>,
    shown: &str,
    mut decided: impl FnMut(&Check),
) -> Result<Verdict> {
    let prepared = subject.prepared;
    let exercise = &prepared.exercise;
    let sources = match &subject.sources {
        Ok(sources) => sources,
        Err(refusal) => return Ok(prepared.unrun(shown, Outcome::Refused, refusal.to_string())),
    };
    let key = subject.key(tools);
    if let Some(verdict) = tools.cache.as_ref().and_then(|cache| cache.get(&key)) {
        // Checks are told of as they are where nothing was kept: when they ran.
        if verdict.outcome == Outcome::Graded {
            verdict.checks.iter().for_each(&mut decided);
        }
        return Ok(Verdict {
            submission: shown.to_owned(),
            ..verdict
        });
    }
    let verdict = match build::submission(
        &tools.home,
        &tools.support,
        &tools.slots,
        exercise,
        prepared.driver.as_deref(),
        (sources, prepared.wanted()),
    )? {
        Err(Unbuilt::Refused(why)) => prepared.unrun(shown, Outcome::Refused, why),
        Err(Unbuilt::DoesNotCompile(words)) => {
            prepared.unrun(shown, Outcome::DoesNotCompile, words)
        }
        Ok(built) => {
            let checks = checks::run(tools, prepared, &built, decided)?;
            let message = summary(&checks);
            prepared.verdict(shown, Outcome::Graded, message, checks)
        }
    };
    if let Some(cache) = &tools.cache {
        cache.put(&key, &verdict)?;
    }
    Ok(verdict)
}
