//! What programs can do in the simulation.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use sandbox::{Job, Limits};
use serde_json::{Value, json};
use verdict::plan::{Mode, Program as Start};
use verdict::{Coverage, Ending, Execution, Plan, Record, Search, Stream, What, World};

/// One search, by the number of its program.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) program: usize,
    pub(crate) search: Search,
}

/// What a search found.
#[derive(Debug, Clone, Default)]
pub(crate) struct Found {
    /// Every outcome, with a schedule that gives it.
    pub(crate) outcomes: BTreeMap<Outcome, String>,
    pub(crate) coverage: Coverage,
}

/// How an execution ended.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Outcome {
    /// As the real run tells it: what was printed, or `deadlock`.
    pub(crate) seen: String,
    /// What else is known of it: who waits for whom.
    pub(crate) detail: String,
}

/// Runs these searches in one process, one after another.
pub(crate) fn run(folder: &Path, asked: &[Asked]) -> Result<Vec<Found>> {
    let scratch = tempfile::tempdir_in(folder).context("cannot make a scratch folder")?;
    let mut plans = Vec::new();
    for (number, asked) in asked.iter().enumerate() {
        let plan = Plan {
            nonce: number.to_string(),
            scenario: String::new(),
            params: Value::Null,
            world: World::of(Start {
                args: vec![asked.program.to_string()],
                name: "program".to_owned(),
                ..Start::default()
            }),
            mode: Mode::Search(asked.search.clone()),
        };
        serde_json::to_writer(&mut plans, &plan)?;
        plans.push(b'\n');
    }
    let mut job = Job::new(folder.join("simulated"), scratch.path());
    job.fixed_addresses = true;
    job.limits = Limits {
        wall: Duration::from_secs(3600),
        cpu_seconds: 3600,
        memory_bytes: 4 << 30,
        output_bytes: 1 << 30,
        kept_bytes: 1 << 30,
        ..Limits::default()
    };
    let ended = sandbox::run(&job, &plans)?;
    let output = ended.stdout.whole().context("its record is too long")?;
    let text = String::from_utf8_lossy(&output);
    let mut all: Vec<Found> = Vec::new();
    let mut whole = 0;
    for line in text.lines() {
        let record =
            serde_json::from_str(line).with_context(|| format!("the simulation said `{line}`"))?;
        match (record, all.last_mut()) {
            (Record::Head { .. }, _) => all.push(Found::default()),
            (Record::Execution(execution), Some(found)) => {
                let schedule = execution.schedule.clone();
                let outcome = outcome(&execution);
                found.outcomes.entry(outcome).or_insert(schedule);
            }
            (Record::End { coverage, .. }, Some(found)) => {
                found.coverage = coverage;
                whole += 1;
            }
            (_, None) => bail!("the simulation's record has no beginning"),
        }
    }
    if whole < asked.len() {
        bail!(
            "the simulation {} at program {}: {}",
            ended.how,
            asked[whole].program,
            ended.stderr.text()
        );
    }
    Ok(all)
}

fn outcome(execution: &Execution) -> Outcome {
    match &execution.ending {
        Ending::Exited { code } => {
            let printed = |stream: Stream| -> String {
                let texts = execution
                    .events
                    .iter()
                    .filter_map(|event| match &event.what {
                        What::Print { stream: on, text } if *on == stream => Some(text.as_str()),
                        _ => None,
                    });
                texts.collect()
            };
            let mut seen = printed(Stream::Stdout);
            if *code != 0 {
                seen = format!("exit code {code}: {}", printed(Stream::Stderr));
            }
            Outcome {
                seen,
                detail: String::new(),
            }
        }
        Ending::Deadlock { waits } => {
            let mut detail = json!(waits);
            for wait in detail.as_array_mut().into_iter().flatten() {
                // Names of things are given by first use, which may come in
                // any order.
                wait["object"].take();
            }
            Outcome {
                seen: "deadlock".to_owned(),
                detail: detail.to_string(),
            }
        }
        other => Outcome {
            seen: json!(other).to_string(),
            detail: String::new(),
        },
    }
}
