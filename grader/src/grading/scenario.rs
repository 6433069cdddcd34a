//! One scenario of one submission: examined, judged, and replayed where it is
//! broken.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Result, bail};
use verdict::plan::Mode;
use verdict::{
    Answer, Ending, Event, Execution, Finding, FindingKind, Limit, Limits, Question, Timeline,
    What, World,
};

use super::Tools;
use super::coverage::Held;
use super::minimize::{Measure, minimized};
use crate::course::{Check, Exercise, On, Scenario};
use crate::examine::{self, Ended, Job, Process};
use crate::exit::usage;
use crate::judge::Judge;
use crate::process::Stopper;

/// What came of a scenario.
#[derive(Debug)]
pub(crate) struct Judged {
    /// Whether it was kept.
    pub(crate) outcome: Outcome,
    /// Whether a thread ran for ever without a step, in the execution that
    /// broke it or, where it was kept, in any. Only time ends such a thread.
    pub(crate) ran_away: bool,
}

/// Whether a scenario was kept.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It was kept in all of this.
    Kept(Held),
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
    /// What the check starts of the submission.
    pub(crate) program: &'a Path,
    /// The same for the real system, where it is to be run there.
    pub(crate) real: Option<&'a Path>,
    /// The check.
    pub(crate) check: &'a Check,
    /// The scenario.
    pub(crate) scenario: &'a Scenario,
}

/// What is remembered of an execution that was told.
struct Told {
    schedule: String,
    ending: Ending,
    /// A digest of its events.
    events: u64,
}

impl Told {
    /// Whether the time on the processors ended it: a thread ran for ever without
    /// a step, or all together needed too much of it.
    fn ran_away(&self) -> bool {
        matches!(
            self.ending,
            Ending::Runaway { .. }
                | Ending::TooMuch {
                    limit: Limit::Cpu,
                    ..
                }
        )
    }
}

/// Whether an execution ended in the same way when it was replayed, where
/// things that are waited for have names of their own.
fn alike(replayed: &Ending, told: &Ending) -> bool {
    match (replayed, told) {
        (Ending::Over { waits }, Ending::Over { waits: other }) => {
            let wait =
                |wait: &verdict::record::Wait| (wait.thread, wait.call.clone(), wait.place.clone());
            waits.iter().map(wait).eq(other.iter().map(wait))
        }
        _ => replayed == told,
    }
}

/// A digest of what happened in an execution, its steps aside.
fn digest(events: &[Event]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for event in events {
        if !matches!(event.what, What::Step(_)) {
            format!("{event:?}").hash(&mut hasher);
        }
    }
    hasher.finish()
}

/// The line of a record that a judge reads: steps are none of its business.
fn line(mut execution: Execution) -> Result<String> {
    let is_step = |event: &Event| matches!(event.what, What::Step(_));
    execution.events.retain(|event| !is_step(event));
    Ok(serde_json::to_string(&verdict::Record::Execution(execution))? + "\n")
}

/// An execution that was replayed, with its judgement.
pub(crate) struct Replayed {
    /// Every step of it.
    pub(crate) timeline: Timeline,
    /// What is wrong with it, if anything is.
    pub(crate) finding: Option<Finding>,
}

/// What came of one schedule.
enum Again {
    /// An execution, and the record's last line.
    Whole(Box<Execution>, String),
    /// The process came to another end.
    Short(FindingKind, String),
    /// The schedule cannot be followed.
    Unfit(String),
}

/// The processes that one scenario leaves for the next one.
#[derive(Default)]
pub(crate) struct Session {
    process: Option<Process>,
    pub(super) judge: Option<Judge>,
}

/// Stops an examined process once its judge has found a fault, in whichever
/// order the two come to be known.
#[derive(Clone, Default)]
struct StopOnFault(Arc<Mutex<(bool, Option<Stopper>)>>);

impl StopOnFault {
    fn found(&self) {
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
    /// Runs it where it is to be run, in the processes of a session: on the
    /// real system only what is kept in the simulation.
    pub(crate) fn run(self, tools: &Tools, session: &mut Session) -> Result<Judged> {
        let searched = match self.scenario.on {
            On::System => return self.on_the_system(tools, session),
            On::Simulation | On::Both => self.search(tools, session)?,
        };
        match searched.outcome {
            Outcome::Kept(mut held) if self.scenario.on == On::Both => {
                let mut judged = self.on_the_system(tools, session)?;
                judged.ran_away |= searched.ran_away;
                if let Outcome::Kept(on_the_system) = &mut judged.outcome {
                    held.on_the_system = true;
                    *on_the_system = held;
                }
                Ok(judged)
            }
            outcome => Ok(Judged {
                outcome,
                ..searched
            }),
        }
    }

    /// Runs every schedule of its search.
    fn search(self, tools: &Tools, session: &mut Session) -> Result<Judged> {
        let _slot = tools.slots.take();
        let stop = StopOnFault::default();
        let fault = stop.clone();
        let mut judge = match session.judge.take() {
            Some(judge) => judge,
            None => Judge::start(&tools.home, self.judge)?,
        };
        judge.ask(&self.question(), move |answer| {
            if !matches!(answer, Answer::Kept { .. }) {
                fault.found();
            }
        })?;
        let process = session.process.take();
        let process = match process.filter(|process| process.runs(self.program)) {
            Some(process) => process,
            None => Process::start(&tools.home, self.program, &self.limits())?,
        };
        stop.started(process.stopper());
        let mut told = Vec::new();
        let mut end = None;
        let (ended, process) = process.run(
            &self.job(Mode::Search(self.scenario.search.clone())),
            |line, execution| {
                judge.tell(line);
                told.push(Told {
                    events: digest(&execution.events),
                    schedule: execution.schedule,
                    ending: execution.ending,
                });
            },
            |line| end = Some(line.to_owned()),
        )?;
        let coverage = match ended {
            Ended::Whole(coverage) => coverage,
            Ended::Unfit(reason) => bail!("a search came to a schedule that is none: {reason}"),
            Ended::Short(kind, message) => {
                // A fault in an execution is one, however the process ended.
                return match judge.cut_short() {
                    Some(answer @ Answer::Broken { .. }) => self.broken(tools, answer, &told),
                    // Not for what is missing: that, it says otherwise.
                    Some(Answer::Lost { reason }) => {
                        bail!("the judge is at a loss: {reason}")
                    }
                    // Without a whole record there is nothing to pass,
                    // whatever the judge made of the part that it saw.
                    _ => Ok(Judged {
                        outcome: Outcome::Broken(Box::new(self.finding(kind, message, None))),
                        ran_away: false,
                    }),
                };
            }
            Ended::NotSimulated(sentence) => {
                // A fault in an execution before that one is one all the same,
                // whether or not the judge knew of it when this one came.
                return match judge.cut_short() {
                    Some(answer @ Answer::Broken { .. }) => self.broken(tools, answer, &told),
                    Some(Answer::Lost { reason }) => {
                        bail!("the judge is at a loss: {reason}")
                    }
                    _ => bail!(sentence),
                };
            }
        };
        if let Some(line) = &end {
            judge.tell(line);
        }
        match judge.answer()? {
            (Answer::Kept { judged }, judge) => {
                if judged != told.len() as u64 {
                    bail!("the judge has judged {judged} of {} executions", told.len());
                }
                // A process that has told of its own end is not there any more.
                let over = |told: &Told| {
                    matches!(told.ending, Ending::Crashed { .. } | Ending::TooMuch { .. })
                        || told.ran_away()
                };
                let process = process.filter(|_| !told.last().is_some_and(over));
                *session = Session { process, judge };
                Ok(Judged {
                    outcome: Outcome::Kept(Held::in_schedules(coverage)),
                    ran_away: told.iter().any(Told::ran_away),
                })
            }
            (answer @ Answer::Broken { .. }, _) => self.broken(tools, answer, &told),
            (Answer::Lost { reason }, _) => bail!("the judge is at a loss: {reason}"),
            (Answer::CutShort { judged }, _) => {
                bail!("the judge has seen no end after {judged} executions")
            }
        }
    }

    /// The finding of an answer that says what is broken, with its timeline.
    fn broken(self, tools: &Tools, answer: Answer, told: &[Told]) -> Result<Judged> {
        let Answer::Broken {
            execution,
            kind,
            message,
            sentence,
        } = answer
        else {
            unreachable!("only asked of answers that say what is broken");
        };
        let told = usize::try_from(execution)
            .ok()
            .and_then(|index| told.get(index));
        let Some(told) = told else {
            bail!("the judge speaks of execution {execution}, which was not told");
        };
        if !told.ran_away() {
            let simpler = minimized(&told.schedule, |choices| {
                let fault = self.fault(tools, choices)?;
                Ok(fault
                    .filter(|(of, _)| *of == kind)
                    .map(|(_, measure)| measure))
            })?;
            if simpler != told.schedule {
                let Replayed { timeline, finding } = self.replayed(tools, &simpler)?;
                let Some(mut finding) = finding.filter(|finding| finding.kind == kind) else {
                    bail!("the schedule {simpler} went otherwise when it was replayed");
                };
                finding.timeline = examine::shortened(timeline);
                return Ok(Judged {
                    outcome: Outcome::Broken(Box::new(finding)),
                    ran_away: false,
                });
            }
        }
        let mut finding = self.finding(kind, message, sentence.as_deref());
        finding.schedule = format!("{}@{}", self.scenario.name, told.schedule);
        finding.timeline = self.retold(tools, told)?;
        Ok(Judged {
            outcome: Outcome::Broken(Box::new(finding)),
            ran_away: told.ran_away(),
        })
    }

    /// The kind of fault that the execution of a schedule has by itself, if it
    /// has one, and how simple it is.
    fn fault(self, tools: &Tools, choices: &str) -> Result<Option<(FindingKind, Measure)>> {
        let Again::Whole(execution, _) = self.one(tools, choices)? else {
            return Ok(None);
        };
        let measure = Measure::of(&execution);
        let mut judge = Judge::start(&tools.home, self.judge)?;
        judge.ask(&self.question(), |_| {})?;
        judge.tell(&line(*execution)?);
        // Not asked for what is missing at the end, which is no fault of one
        // execution.
        Ok(match judge.cut_short() {
            Some(Answer::Broken { kind, .. }) => Some((kind, measure)),
            _ => None,
        })
    }

    /// Runs one schedule, as a person asked for, and has it judged.
    pub(crate) fn replay(self, tools: &Tools, choices: &str) -> Result<Replayed> {
        let _slot = tools.slots.take();
        self.replayed(tools, choices)
    }

    fn replayed(self, tools: &Tools, choices: &str) -> Result<Replayed> {
        let (execution, end) = match self.one(tools, choices)? {
            Again::Whole(execution, end) => (*execution, end),
            Again::Unfit(reason) => usage!("{reason}; give one as a finding shows it"),
            Again::Short(kind, message) => {
                let finding = self.finding(kind, message, None);
                return Ok(Replayed {
                    timeline: Vec::new(),
                    finding: Some(finding),
                });
            }
        };
        let mut judge = Judge::start(&tools.home, self.judge)?;
        judge.ask(&self.question(), |_| {})?;
        judge.tell(&line(execution.clone())?);
        judge.tell(&end);
        let timeline = examine::timeline(&execution, &self.world());
        match judge.answer()?.0 {
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
            Answer::CutShort { judged } => {
                bail!("the judge has seen no end after {judged} executions")
            }
        }
    }

    /// The timeline of an execution that was told, which must come out the
    /// same again.
    fn retold(self, tools: &Tools, told: &Told) -> Result<Timeline> {
        match self.one(tools, &told.schedule)? {
            Again::Whole(execution, _)
                if alike(&execution.ending, &told.ending)
                    && digest(&execution.events) == told.events =>
            {
                Ok(examine::shortened(examine::timeline(
                    &execution,
                    &self.world(),
                )))
            }
            // Time does not strike at the same step again.
            Again::Whole(..)
                if matches!(
                    told.ending,
                    Ending::TooMuch {
                        limit: Limit::Cpu,
                        ..
                    }
                ) =>
            {
                Ok(Vec::new())
            }
            Again::Whole(..) if let Ending::Runaway { seconds, .. } = told.ending => bail!(
                "a single step of it took more than {seconds} seconds of processor time, and less \
                 when it was run again: whether it ends cannot be told; grade it once more"
            ),
            Again::Whole(execution, _) => bail!(
                "the schedule {} went otherwise when it was replayed, and ended with {:?} after {:?}",
                told.schedule,
                execution.ending,
                told.ending
            ),
            // The process itself came down, as it may have the first time.
            Again::Short(..) if matches!(told.ending, Ending::Crashed { .. }) => Ok(Vec::new()),
            Again::Short(_, message) | Again::Unfit(message) => bail!(
                "the schedule {} cannot be replayed: {message}",
                told.schedule
            ),
        }
    }

    /// One execution with all its steps, and the record's last line.
    fn one(self, tools: &Tools, choices: &str) -> Result<Again> {
        let mode = Mode::Replay {
            schedule: choices.to_owned(),
            search: self.scenario.search.clone(),
        };
        let (mut executions, mut end) = (Vec::new(), String::new());
        let (ended, _) = Process::start(&tools.home, self.program, &self.limits())?.run(
            &self.job(mode),
            |_, execution| executions.push(execution),
            |line| line.clone_into(&mut end),
        )?;
        match (ended, executions.len(), executions.pop()) {
            (Ended::Whole(_), 1, Some(execution)) => Ok(Again::Whole(Box::new(execution), end)),
            (Ended::Short(kind, message), ..) => Ok(Again::Short(kind, message)),
            (Ended::NotSimulated(sentence), ..) => bail!(sentence),
            (Ended::Unfit(reason), ..) => Ok(Again::Unfit(reason)),
            (Ended::Whole(_), count, _) => bail!("a replay told of {count} executions"),
        }
    }

    fn job(&self, mode: Mode) -> Job<'_> {
        Job {
            scenario: &self.scenario.name,
            params: &self.scenario.params,
            world: self.world(),
            mode,
        }
    }

    /// What the submission's programs may use.
    fn limits(&self) -> Limits {
        let grading = self.exercise.grading.as_ref();
        grading.map_or_else(Limits::default, |grading| grading.rubric.limits)
    }

    fn world(&self) -> World {
        self.scenario.world(&self.exercise.name, self.limits())
    }

    pub(super) fn question(&self) -> Question {
        Question {
            check: self.check.id.clone(),
            scenario: self.scenario.name.clone(),
            rule: self.scenario.rule.clone(),
            params: self.scenario.params.clone(),
            world: self.world(),
        }
    }

    pub(super) fn finding(
        &self,
        kind: FindingKind,
        message: String,
        sentence: Option<&str>,
    ) -> Finding {
        finding((self.exercise, self.check), kind, message, sentence)
    }
}

/// What comes of a scenario of a submission that lacks what it starts.
pub(super) fn not_started(exercise: &Exercise, check: &Check, why: &str) -> Judged {
    let kind = FindingKind::NoProgram;
    let finding = finding((exercise, check), kind, why.to_owned(), None);
    Judged {
        outcome: Outcome::Broken(Box::new(finding)),
        ran_away: false,
    }
}

fn finding(
    (exercise, check): (&Exercise, &Check),
    kind: FindingKind,
    message: String,
    sentence: Option<&str>,
) -> Finding {
    let contract = &exercise.contract;
    // A judge that names no sentence, or none that there is, leaves it to the
    // rubric.
    let sentence = sentence
        .filter(|id| contract.text(id).is_some())
        .or(check.holds.first().map(String::as_str));
    // What no graded program may do is not in the contract.
    let sentence = sentence.filter(|_| kind != FindingKind::Unsupported);
    Finding {
        kind,
        message,
        contract: sentence.map(|id| contract.quote(id)).unwrap_or_default(),
        schedule: String::new(),
        timeline: Vec::new(),
    }
}
