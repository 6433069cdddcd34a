//! One scenario of one submission: examined, judged, and replayed where it is
//! broken.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Result, bail};
use verdict::plan::Mode;
use verdict::{
    Answer, Coverage, Ending, Execution, Finding, FindingKind, Question, Timeline, What,
};

use super::Tools;
use crate::course::{Check, Exercise, Scenario};
use crate::examine::{self, Ended, Job};
use crate::judge::Judge;
use crate::process::Stopper;

/// What came of a scenario.
#[derive(Debug)]
pub(crate) enum Judged {
    /// It was kept in all of this.
    Kept(Coverage),
    /// It was not.
    Broken(Box<Finding>),
}

/// A scenario of a program that is ready to be examined.
#[derive(Clone, Copy)]
pub(crate) struct Examined<'a> {
    /// The exercise.
    pub(crate) exercise: &'a Exercise,
    /// Its judge.
    pub(crate) judge: &'a Path,
    /// The submission's program.
    pub(crate) program: &'a Path,
    /// The check.
    pub(crate) check: &'a Check,
    /// The scenario.
    pub(crate) scenario: &'a Scenario,
}

/// What is remembered of an execution that was told.
struct Told {
    schedule: String,
    ending: Ending,
}

/// An execution that was replayed, with its judgement.
pub(crate) struct Replayed {
    /// Every step of it.
    pub(crate) timeline: Timeline,
    /// What is wrong with it, if anything is.
    pub(crate) finding: Option<Finding>,
}

/// Stops an examined process once its judge has answered, in whichever order
/// the two come to be known.
#[derive(Clone, Default)]
struct StopOnAnswer(Arc<Mutex<(bool, Option<Stopper>)>>);

impl StopOnAnswer {
    fn answered(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.0 = true;
        if let Some(stopper) = &state.1 {
            stopper.stop();
        }
    }

    fn started(&self, stopper: Stopper) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.0 {
            stopper.stop();
        }
        state.1 = Some(stopper);
    }
}

impl Examined<'_> {
    /// Runs every schedule of its search.
    pub(crate) fn search(self, tools: &Tools) -> Result<Judged> {
        let _slot = tools.slots.take();
        let stop = StopOnAnswer::default();
        let answered = stop.clone();
        let mut judge = Judge::ask(&tools.home, self.judge, &self.question(), move || {
            answered.answered()
        })?;
        let mut told = Vec::new();
        let mut end = None;
        let ended = examine::run(
            &tools.home,
            &self.job(Mode::Search(self.scenario.search.clone())),
            |stopper| stop.started(stopper),
            |line,
             Execution {
                 schedule, ending, ..
             }| {
                judge.tell(line);
                told.push(Told { schedule, ending });
            },
            |line| end = Some(line.to_owned()),
        )?;
        if let Some(line) = &end {
            judge.tell(line);
        }
        match (judge.answer(), ended) {
            // A fault in an execution is one, however the process ended later.
            (
                Ok(Answer::Broken {
                    execution,
                    kind,
                    message,
                    sentence,
                }),
                _,
            ) => {
                let told = usize::try_from(execution)
                    .ok()
                    .and_then(|index| told.get(index));
                let mut finding = self.finding(kind, message, sentence.as_deref());
                let Some(told) = told else {
                    bail!("the judge speaks of execution {execution}, which was not told");
                };
                finding.schedule = format!("{}@{}", self.scenario.name, told.schedule);
                finding.timeline = self.retold(tools, told)?;
                Ok(Judged::Broken(Box::new(finding)))
            }
            // Without a whole record there is nothing to pass, whatever the
            // judge made of the part that it saw.
            (_, Ended::Short(kind, message)) => {
                Ok(Judged::Broken(Box::new(self.finding(kind, message, None))))
            }
            (Ok(Answer::Kept { judged }), Ended::Whole(coverage)) => {
                if judged != told.len() as u64 {
                    bail!("the judge has judged {judged} of {} executions", told.len());
                }
                Ok(Judged::Kept(coverage))
            }
            (Ok(Answer::Lost { reason }), Ended::Whole(_)) => {
                bail!("the judge is at a loss: {reason}")
            }
            (Err(error), Ended::Whole(_)) => Err(error),
        }
    }

    /// Runs one schedule, as a person asked for, and has it judged.
    pub(crate) fn replay(self, tools: &Tools, choices: &str) -> Result<Replayed> {
        let _slot = tools.slots.take();
        let (execution, end) = match self.one(tools, choices)? {
            Ok(one) => one,
            Err((kind, message)) => {
                let finding = self.finding(kind, message, None);
                return Ok(Replayed {
                    timeline: Vec::new(),
                    finding: Some(finding),
                });
            }
        };
        let mut judge = Judge::ask(&tools.home, self.judge, &self.question(), || {})?;
        let mut plain = execution.clone();
        plain
            .events
            .retain(|event| !matches!(event.what, What::Step(_)));
        judge.tell(&(serde_json::to_string(&verdict::Record::Execution(plain))? + "\n"));
        judge.tell(&end);
        let timeline = examine::timeline(&execution);
        match judge.answer()? {
            Answer::Kept { .. } => Ok(Replayed {
                timeline,
                finding: None,
            }),
            Answer::Broken {
                kind,
                message,
                sentence,
                ..
            } => {
                let mut finding = self.finding(kind, message, sentence.as_deref());
                finding.schedule = format!("{}@{choices}", self.scenario.name);
                finding.timeline.clone_from(&timeline);
                Ok(Replayed {
                    timeline,
                    finding: Some(finding),
                })
            }
            Answer::Lost { reason } => bail!("the judge is at a loss: {reason}"),
        }
    }

    /// The timeline of an execution that was told, which must come out the
    /// same again.
    fn retold(self, tools: &Tools, told: &Told) -> Result<Timeline> {
        match self.one(tools, &told.schedule)? {
            Ok((execution, _)) if execution.ending == told.ending => {
                Ok(examine::shortened(examine::timeline(&execution)))
            }
            Ok((execution, _)) => bail!(
                "the schedule {} ended otherwise when it was replayed: {:?}, not {:?}",
                told.schedule,
                execution.ending,
                told.ending
            ),
            // The process itself came down, as it may have the first time.
            Err(_) if matches!(told.ending, Ending::Crashed { .. }) => Ok(Vec::new()),
            Err((_, message)) => bail!(
                "the schedule {} cannot be replayed: {message}",
                told.schedule
            ),
        }
    }

    /// One execution with all its steps, and the record's last line.
    fn one(
        self,
        tools: &Tools,
        choices: &str,
    ) -> Result<Result<(Execution, String), (FindingKind, String)>> {
        let mode = Mode::Replay {
            schedule: choices.to_owned(),
            search: self.scenario.search.clone(),
        };
        let (mut executions, mut end) = (Vec::new(), String::new());
        let ended = examine::run(
            &tools.home,
            &self.job(mode),
            |_| {},
            |_, execution| executions.push(execution),
            |line| line.clone_into(&mut end),
        )?;
        match (ended, executions.len(), executions.pop()) {
            (Ended::Whole(_), 1, Some(execution)) => Ok(Ok((execution, end))),
            (Ended::Short(kind, message), ..) => Ok(Err((kind, message))),
            (Ended::Whole(_), count, _) => bail!("a replay told of {count} executions"),
        }
    }

    fn job(&self, mode: Mode) -> Job<'_> {
        Job {
            program: self.program,
            scenario: &self.scenario.name,
            params: &self.scenario.params,
            start: self.scenario.program(&self.exercise.name),
            mode,
        }
    }

    fn question(&self) -> Question {
        Question {
            check: self.check.id.clone(),
            scenario: self.scenario.name.clone(),
            rule: self.scenario.rule.clone(),
            params: self.scenario.params.clone(),
            program: self.scenario.program(&self.exercise.name),
        }
    }

    fn finding(&self, kind: FindingKind, message: String, sentence: Option<&str>) -> Finding {
        let contract = &self.exercise.contract;
        // A judge that names no sentence, or none that there is, leaves it to
        // the rubric.
        let sentence = sentence.filter(|id| contract.text(id).is_some()).or(self
            .check
            .holds
            .first()
            .map(String::as_str));
        Finding {
            kind,
            message,
            contract: sentence.map(|id| contract.quote(id)).unwrap_or_default(),
            schedule: String::new(),
            timeline: Vec::new(),
        }
    }
}
