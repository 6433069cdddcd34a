//! The checks of one submission, their scenarios side by side.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;

use anyhow::Result;
use verdict::{Check, CheckOutcome};

use super::coverage::{self, Held};
use super::scenario::{Examined, Judged, Outcome, Session, not_started};
use super::{Prepared, Tools};
use crate::build::Built;
use crate::course::{self, On};

/// A scenario, by the numbers of its check and of itself.
#[derive(Clone, Copy)]
struct Task {
    check: usize,
    scenario: usize,
}

/// Scenarios of a submission that may run for ever without a step. Each costs
/// seconds that only a clock ends; the checks after them are not run.
const RUNAWAYS: usize = 2;

/// Why checks were not run.
pub(super) const GIVEN_UP: &str = "the submission was given up after it had run for ever twice; \
                                   mend that first, and grade again";

/// Runs all checks; `decided` is told of each in order.
///
/// A check fails with its first broken scenario, in the rubric's order. Those
/// after it need not be run, and what came of them if they were is not looked
/// at, so that the outcome does not depend on what was quickest. By the same
/// order a submission is given up that runs for ever again and again.
pub(super) fn run(
    tools: &Tools,
    prepared: &Prepared,
    built: &Built,
    mut decided: impl FnMut(&Check),
) -> Result<Vec<Check>> {
    let rubric = &prepared.exercise.gradable()?.rubric;
    let checks: Vec<&course::Check> = prepared.checks().collect();
    let tasks: Vec<Task> = checks
        .iter()
        .enumerate()
        .flat_map(|(check, of)| {
            (0..of.scenarios.len()).map(move |scenario| Task { check, scenario })
        })
        .collect();
    // The first scenario of each check that is known not to be kept.
    let broken: Vec<AtomicUsize> = checks
        .iter()
        .map(|_| AtomicUsize::new(usize::MAX))
        .collect();
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let is_real = |check: &course::Check| check.scenarios.iter().any(|of| of.on != On::Simulation);
    let workers = match checks.iter().any(|check| is_real(check)) {
        true => tools.runs.count(),
        false => tools.slots.count(),
    };
    let (sender, receiver) = mpsc::channel();

    std::thread::scope(|scope| {
        for _ in 0..workers.min(tasks.len()) {
            let sender = sender.clone();
            scope.spawn(|| {
                let sender = sender;
                let mut session = Session::default();
                while let Some(&task) = tasks.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let first_broken = &broken[task.check];
                    if stop.load(Ordering::Relaxed)
                        || first_broken.load(Ordering::Relaxed) < task.scenario
                    {
                        continue;
                    }
                    let check = checks[task.check];
                    let examined = |program| Examined {
                        exercise: &prepared.exercise,
                        judge: &prepared.judge,
                        program,
                        real: built.real(),
                        check,
                        scenario: &check.scenarios[task.scenario],
                    };
                    let judged = match built.started(rubric.starts(check)) {
                        Ok(program) => examined(program).run(tools, &mut session),
                        Err(why) => Ok(not_started(&prepared.exercise, check, why)),
                    };
                    let kept = judged
                        .as_ref()
                        .is_ok_and(|judged| matches!(judged.outcome, Outcome::Kept(_)));
                    if !kept {
                        first_broken.fetch_min(task.scenario, Ordering::Relaxed);
                    }
                    // Nobody listens once an earlier check could not be decided.
                    let _ = sender.send((task, judged));
                }
            });
        }
        drop(sender);
        let mut results: Vec<Vec<Option<Result<Judged>>>> = checks
            .iter()
            .map(|check| check.scenarios.iter().map(|_| None).collect())
            .collect();
        let mut all = Vec::new();
        let mut runaways = 0;
        for check in checks.iter().copied() {
            let mut kept = Vec::new();
            let decision = loop {
                if kept.len() == check.scenarios.len() {
                    break Decision::Kept(&kept);
                }
                if runaways >= RUNAWAYS {
                    stop.store(true, Ordering::Relaxed);
                    break Decision::GivenUp;
                }
                match results[all.len()][kept.len()].take() {
                    Some(Ok(Judged { outcome, ran_away })) => {
                        runaways += usize::from(ran_away);
                        match outcome {
                            Outcome::Kept(held) => kept.push(held),
                            Outcome::Broken(finding) => break Decision::Broken(finding),
                        }
                    }
                    Some(Err(error)) => {
                        stop.store(true, Ordering::Relaxed);
                        let scenario = &check.scenarios[kept.len()].name;
                        return Err(
                            error.context(format!("check `{}`, scenario `{scenario}`", check.id))
                        );
                    }
                    None => match receiver.recv() {
                        Ok((Task { check, scenario }, judged)) => {
                            results[check][scenario] = Some(judged)
                        }
                        Err(_) => {
                            unreachable!("every scenario before a broken one is run and told")
                        }
                    },
                }
            };
            let check = decide(prepared, check, decision);
            decided(&check);
            all.push(check);
        }
        Ok(all)
    })
}

/// What is known of a check.
enum Decision<'a> {
    /// All its scenarios were kept.
    Kept(&'a [Held]),
    /// One was not.
    Broken(Box<verdict::Finding>),
    /// The submission was given up before all of them were run.
    GivenUp,
}

fn decide(prepared: &Prepared, check: &course::Check, decision: Decision<'_>) -> Check {
    let undecided = prepared.not_run(check);
    match decision {
        Decision::GivenUp => undecided,
        Decision::Broken(finding) => Check {
            outcome: CheckOutcome::Failed,
            finding: Some(*finding),
            ..undecided
        },
        Decision::Kept(kept) => Check {
            outcome: CheckOutcome::Passed,
            points: check.points,
            coverage: Some(coverage::sentence(kept)),
            ..undecided
        },
    }
}
