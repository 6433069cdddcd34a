//! What a program can do, without a contract to hold it against: every way in
//! which it goes wrong by itself, and every output that it can have.
//!
//! There is no judge here: what is told is what nobody could want (a deadlock,
//! a panic that nobody caught), in the words of the crate of judging.

mod program;

use std::path::Path;

use anyhow::{Result, bail};
use verdict::exploration::{EXPLORATION, Exploration, Explored, Output};
use verdict::plan::Mode;
use verdict::{Coverage, Ending, Execution, Finding, FindingKind, Search, Stream, Timeline, World};

pub(crate) use program::Program;

use crate::build::{self, Unbuilt};
use crate::examine::{self, Ended, Job, Process};
use crate::grading::Tools;

/// Most findings that are told, each with a timeline of its own.
const MOST: usize = 20;

/// How a program is started, and which of its schedules are run.
#[derive(Debug, Clone)]
pub(crate) struct Start {
    /// Its arguments.
    pub(crate) args: Vec<String>,
    /// What its standard input holds.
    pub(crate) stdin: String,
    /// The budget.
    pub(crate) search: Search,
}

/// One schedule of a program, shown.
#[derive(Debug)]
pub(crate) struct Shown {
    /// Every step.
    pub(crate) timeline: Timeline,
    /// What is wrong with it, if anything is.
    pub(crate) finding: Option<Finding>,
    /// What it gave, where it came to its end.
    pub(crate) output: Option<Output>,
}

/// Runs the schedules of a program and tells what came of them.
///
/// # Errors
/// When the grader itself fails.
pub(crate) fn explore(tools: &Tools, program: &Program, start: &Start) -> Result<Exploration> {
    let mut exploration = explored(tools, program, start)?;
    exploration.message = program.shown(&exploration.message);
    for output in &mut exploration.outputs {
        output.stderr = program.shown(&output.stderr);
    }
    for finding in &mut exploration.findings {
        rename(program, finding);
    }
    Ok(exploration)
}

/// Gives the places of a finding the names of files that people gave them.
fn rename(program: &Program, finding: &mut Finding) {
    finding.message = program.shown(&finding.message);
    rename_steps(program, &mut finding.timeline);
}

fn rename_steps(program: &Program, timeline: &mut Timeline) {
    for step in timeline {
        step.action = program.shown(&step.action);
        if let Some(place) = &mut step.place {
            place.file = program.shown(&place.file);
        }
    }
}

fn explored(tools: &Tools, program: &Program, start: &Start) -> Result<Exploration> {
    let mut exploration = Exploration {
        schema: EXPLORATION.to_owned(),
        outcome: Explored::Explored,
        message: String::new(),
        complete: false,
        preemptions: None,
        schedules: 0,
        outputs: Vec::new(),
        findings: Vec::new(),
    };
    let built = match built(tools, program)? {
        Ok(built) => built,
        Err(why) => {
            (exploration.outcome, exploration.message) = why;
            return Ok(exploration);
        }
    };
    let mut told: Vec<Told> = Vec::new();
    let ended = run(
        tools,
        built.program(),
        (program, start),
        Mode::Search(start.search.clone()),
        |execution| told.push(Told::of(&execution)),
    )?;
    let coverage = match ended {
        Ended::Whole(coverage) => coverage,
        Ended::NotSimulated(sentence) => {
            (exploration.outcome, exploration.message) = (Explored::Unsupported, sentence);
            Coverage::default()
        }
        Ended::Short(kind, message) => {
            // A process that came down by itself has told why, if it could.
            if told.iter().all(|told| told.fault.is_none()) {
                exploration.findings.push(finding(kind, message));
            }
            Coverage::default()
        }
        Ended::Unfit(reason) => bail!("the search speaks of a schedule: {reason}"),
    };
    exploration.complete = coverage.complete;
    exploration.preemptions = coverage.preemptions;
    exploration.schedules = match coverage.bounded + coverage.random {
        0 => told.len() as u64,
        schedules => schedules,
    };
    let mut refused = None;
    for (index, told) in told.into_iter().enumerate() {
        // What only a coarser search has told of is a schedule, too.
        let alike = coverage.alike.get(index).copied().unwrap_or(1).max(1);
        if let Some(output) = told.output {
            add(&mut exploration.outputs, output, alike);
        }
        if let Some((FindingKind::Unsupported, message)) = told.fault {
            // What a graded program may not do is no fault of any other: here
            // it says how far the simulation goes.
            refused.get_or_insert((told.schedule, message));
        } else if let Some((kind, message)) = told.fault {
            let known = |known: &Finding| (known.kind, &known.message) == (kind, &message);
            if !exploration.findings.iter().any(known) && exploration.findings.len() < MOST {
                exploration.findings.push(Finding {
                    schedule: told.schedule,
                    ..finding(kind, message)
                });
            }
        }
    }
    if let Some((schedule, message)) = refused {
        exploration.complete = false;
        if exploration.findings.is_empty() {
            (exploration.outcome, exploration.message) = (Explored::Unsupported, message);
        } else {
            // Other schedules have something to tell, which comes first.
            exploration.findings.push(Finding {
                schedule,
                ..finding(FindingKind::Unsupported, message)
            });
        }
    }
    for finding in &mut exploration.findings {
        if !finding.schedule.is_empty() && finding.kind != FindingKind::Crash {
            let shown = replay(tools, built.program(), (program, start), &finding.schedule)?;
            if shown.finding.as_ref().map(|again| again.kind) != Some(finding.kind) {
                bail!(
                    "the schedule {} went otherwise when it was replayed",
                    finding.schedule
                );
            }
            finding.timeline = examine::shortened(shown.timeline);
        }
    }
    Ok(exploration)
}

/// Runs one schedule again and shows its every step.
///
/// # Errors
/// When the grader itself fails, or the schedule is none of this program.
pub(crate) fn show(
    tools: &Tools,
    program: &Program,
    start: &Start,
    schedule: &str,
) -> Result<Result<Shown, (Explored, String)>> {
    match built(tools, program)? {
        Ok(built) => {
            let mut shown = replay(tools, built.program(), (program, start), schedule)?;
            rename_steps(program, &mut shown.timeline);
            if let Some(finding) = &mut shown.finding {
                rename(program, finding);
            }
            if let Some(output) = &mut shown.output {
                output.stderr = program.shown(&output.stderr);
            }
            Ok(Ok(shown))
        }
        Err((outcome, why)) => Ok(Err((outcome, program.shown(&why)))),
    }
}

fn built(tools: &Tools, program: &Program) -> Result<Result<build::Alone, (Explored, String)>> {
    let Program {
        name,
        edition,
        sources,
        file: _,
    } = program;
    let built = build::alone(
        &tools.home,
        &tools.support,
        &tools.slots,
        (name, edition),
        sources,
    );
    Ok(match built? {
        Ok(built) => Ok(built),
        Err(Unbuilt::DoesNotCompile(words) | Unbuilt::Refused(words)) => {
            Err((Explored::DoesNotCompile, words))
        }
    })
}

fn run(
    tools: &Tools,
    built: &Path,
    (program, start): (&Program, &Start),
    mode: Mode,
    mut told: impl FnMut(Execution),
) -> Result<Ended> {
    let job = Job {
        scenario: "",
        params: &serde_json::Value::Null,
        world: World::of(verdict::Program {
            args: start.args.clone(),
            name: program.name.clone(),
            stdin: start.stdin.clone(),
            ..verdict::Program::default()
        }),
        mode,
    };
    let process = Process::start(&tools.home, built, &job.world.limits)?;
    let (ended, _) = process.run(&job, |_, execution| told(execution), |_| {})?;
    Ok(ended)
}

fn replay(tools: &Tools, built: &Path, of: (&Program, &Start), schedule: &str) -> Result<Shown> {
    let mode = Mode::Replay {
        schedule: schedule.to_owned(),
        search: of.1.search.clone(),
    };
    let mut executions = Vec::new();
    let ended = run(tools, built, of, mode, |execution| {
        executions.push(execution)
    })?;
    match (ended, executions.as_slice()) {
        (Ended::Whole(_), [execution]) => {
            let Told { output, fault, .. } = Told::of(execution);
            let timeline = examine::timeline(execution, &World::default());
            Ok(Shown {
                finding: fault.map(|(kind, message)| Finding {
                    schedule: schedule.to_owned(),
                    timeline: timeline.clone(),
                    ..finding(kind, message)
                }),
                timeline,
                output,
            })
        }
        (Ended::Unfit(reason), _) => crate::exit::usage!("{reason}"),
        (Ended::NotSimulated(sentence), _) => bail!(sentence),
        (Ended::Short(_, message), _) => bail!(message),
        (Ended::Whole(_), executions) => {
            bail!("a replay told of {} executions", executions.len())
        }
    }
}

fn finding(kind: FindingKind, message: String) -> Finding {
    Finding {
        kind,
        message,
        contract: String::new(),
        schedule: String::new(),
        timeline: Timeline::new(),
    }
}

/// One more result, or more schedules of one that is known.
fn add(outputs: &mut Vec<Output>, output: Output, alike: u64) {
    let same = |known: &&mut Output| {
        (&known.stdout, &known.stderr, known.exit_code)
            == (&output.stdout, &output.stderr, output.exit_code)
    };
    match outputs.iter_mut().find(same) {
        Some(known) => known.schedules += alike,
        None => outputs.push(Output {
            schedules: alike,
            ..output
        }),
    }
}

/// What there is to say of an execution.
struct Told {
    schedule: String,
    output: Option<Output>,
    fault: Option<(FindingKind, String)>,
}

impl Told {
    fn of(execution: &Execution) -> Told {
        let output = match execution.ending {
            Ending::Exited { code } => Some(Output {
                stdout: judge::output(execution, Stream::Stdout),
                stderr: judge::output(execution, Stream::Stderr),
                exit_code: code,
                schedules: 1,
                schedule: execution.schedule.clone(),
            }),
            _ => None,
        };
        let fault = judge::exited(execution)
            .map(drop)
            .and_then(|()| judge::no_panic(execution))
            .err()
            .map(|fault| (fault.kind, fault.message));
        Told {
            schedule: execution.schedule.clone(),
            output,
            fault,
        }
    }
}
