//! Runs the tests of a suite on the real std and inside the simulation.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use sandbox::{How, Job, Limits};
use verdict::plan::{Mode, Program, Search};
use verdict::record::{Coverage, Ending, Execution, Record, What};
use verdict::{Network, Plan, World};

use crate::exclusions::Exclusions;
use crate::settle::{Reason, TakenOut, settle};
use crate::suite::{Suite, Test};
use crate::toolchain::{Std, Toolchain};

/// How much is run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    /// Schedules of each test in the bounded search, at most.
    pub(crate) executions: u64,
    /// Schedules of the randomized schedulers, at most.
    pub(crate) random: u64,
    /// Steps of all schedules of a test together, about; a test whose
    /// schedules are long is run under fewer of them.
    pub(crate) steps: u64,
}

/// Fewer schedules of a test than these are no search.
const AT_LEAST: u64 = 4;
/// Steps after which an execution counts as endless.
const ENDLESS: u64 = 5_000_000;

/// Why an optional test is not run that does not compile.
pub(crate) const NOT_RUN: &str = "std's documentation does not run it either";

/// What came of a test.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) test: String,
    pub(crate) result: TestResult,
}

#[derive(Debug)]
pub(crate) enum TestResult {
    /// It passed on both stds, in so many schedules; in all that there are?
    Passed {
        schedules: u64,
        complete: bool,
        /// Why it was not run under others.
        limits: Vec<String>,
    },
    /// It must pass and did not.
    Failed(String),
    /// It was not run, or says nothing.
    Excluded(String),
}

/// Runs all tests of a suite whose names have `filter` in them.
pub(crate) fn suite(
    toolchain: &Toolchain,
    exclusions: &Exclusions,
    suite: &Suite,
    folder: &Path,
    budget: Budget,
    filter: &str,
) -> Result<Vec<Outcome>> {
    let is_wanted = |test: &&Test| format!("{}::{}", suite.file, test.name).contains(filter);
    if !suite.tests.iter().any(|test| is_wanted(&test)) {
        return Ok(Vec::new());
    }
    let real = settle(toolchain, Std::Real, suite, folder, "real", TakenOut::new())?;
    let replaced = settle(
        toolchain,
        Std::Replaced,
        suite,
        folder,
        "replaced",
        real.clone(),
    )?;
    let list = ended(folder, "real", &["--list"], Duration::from_secs(60), &[])?.0;
    let runner = Runner {
        suite,
        exclusions,
        folder,
        budget,
        real,
        replaced,
        list,
    };
    let wanted = suite.tests.iter().filter(is_wanted);
    wanted
        .map(|test| {
            let result = runner.test(test)?;
            Ok(Outcome {
                test: test.name.clone(),
                result,
            })
        })
        .collect()
}

struct Runner<'a> {
    suite: &'a Suite,
    exclusions: &'a Exclusions,
    folder: &'a Path,
    budget: Budget,
    real: TakenOut,
    replaced: TakenOut,
    /// What the program on the real std says that it has.
    list: String,
}

impl Runner<'_> {
    fn test(&self, test: &Test) -> Result<TestResult> {
        let excluded = |why: &str| Ok(TestResult::Excluded(why.to_owned()));
        if let Some(why) = &test.excluded {
            return excluded(why);
        }
        if let Some(why) = self.exclusions.why(&self.suite.file, &test.name) {
            return excluded(why);
        }
        if let Some(reason) = self.taken(test, &self.real) {
            return Ok(match reason {
                Reason::Unstable(feature) => {
                    TestResult::Excluded(format!("unstable API: `{feature}`"))
                }
                Reason::Other(_) if test.optional => TestResult::Excluded(NOT_RUN.to_owned()),
                Reason::Other(words) => TestResult::Failed(format!(
                    "stable Rust does not compile it, for another reason than an unstable feature: {words}"
                )),
            });
        }
        if let Some(Reason::Unstable(words) | Reason::Other(words)) =
            self.taken(test, &self.replaced)
        {
            return Ok(TestResult::Failed(format!(
                "it does not compile against the replaced std: {words}"
            )));
        }
        let listed = self.list.lines().find_map(|line| {
            let (name, how) = line.rsplit_once(' ')?;
            (name == test.name).then_some(how)
        });
        match listed {
            None => return excluded("not for this platform: its `cfg` says so"),
            Some("ignored") => return excluded("std itself ignores it on this platform"),
            Some(_) => {}
        }
        if let Some(words) = self.fails_on_the_real_std(test)? {
            return Ok(TestResult::Excluded(format!(
                "the real std does not pass it here: {words}"
            )));
        }
        self.simulate(test)
    }

    fn taken<'a>(&self, test: &Test, taken_out: &'a TakenOut) -> Option<&'a Reason> {
        let items = taken_out.keys().copied().collect();
        taken_out.get(&self.suite.taken_with(test, &items)?)
    }

    /// How it fails on the real std, unless it passes.
    fn fails_on_the_real_std(&self, test: &Test) -> Result<Option<String>> {
        let mut words = String::new();
        // A test of times may fail once where a machine is busy.
        for _ in 0..3 {
            let limit = Duration::from_secs(30);
            let (_, errors, how) = ended(self.folder, "real", &[&test.name], limit, &[])?;
            if how == How::Exited(0) {
                return Ok(None);
            }
            words = format!("{how}{}", last_line(&errors));
            if how == How::TimedOut {
                break;
            }
        }
        Ok(Some(words))
    }

    fn simulate(&self, test: &Test) -> Result<TestResult> {
        let file = &self.suite.file;
        let punctual = self.exclusions.punctual(file, &test.name);
        let no_spurious = self.exclusions.no_spurious(file, &test.name);
        let whole = self.exclusions.whole(file, &test.name);
        let mut search = Search {
            preemptions: 0,
            executions: 1,
            random: 0,
            steps: ENDLESS,
            spurious: punctual.or(no_spurious).is_none(),
            polling: false,
            ..Search::default()
        };
        let first = self.search(test, &search, whole.is_some())?;
        if let Some(words) = first.failure {
            return Ok(TestResult::Failed(words));
        }
        let affordable = (self.budget.steps / first.coverage.steps.max(1)).max(AT_LEAST);
        if punctual.is_none() {
            search.preemptions = 2;
            search.random = self.budget.random.min(affordable / 4);
        }
        search.executions = self.budget.executions.min(affordable);
        let all = self.search(test, &search, whole.is_some())?;
        Ok(match all.failure {
            Some(words) => TestResult::Failed(words),
            None => TestResult::Passed {
                schedules: all.coverage.bounded + all.coverage.random,
                complete: all.coverage.complete,
                limits: punctual
                    .iter()
                    .chain(&no_spurious)
                    .chain(&whole)
                    .map(ToString::to_string)
                    .collect(),
            },
        })
    }

    fn search(&self, test: &Test, search: &Search, whole: bool) -> Result<Found> {
        let plan = Plan {
            nonce: "conformance".to_owned(),
            scenario: String::new(),
            params: serde_json::Value::Null,
            world: World {
                network: Network {
                    pieces: u32::from(!whole),
                    ..Network::default()
                },
                ..World::of(Program {
                    name: "tests".to_owned(),
                    args: vec![test.name.clone()],
                    ..Program::default()
                })
            },
            mode: Mode::Search(search.clone()),
        };
        let mut line = serde_json::to_vec(&plan).context("cannot write the plan")?;
        line.push(b'\n');
        let limit = Duration::from_secs(300);
        let (records, errors, how) = ended(self.folder, "replaced", &[], limit, &line)?;
        let mut found = Found {
            failure: None,
            coverage: Coverage::default(),
        };
        let mut whole = false;
        for line in records.lines() {
            let record: Record = serde_json::from_str(line)
                .with_context(|| format!("cannot read a record of {}", test.name))?;
            match record {
                Record::Head { .. } => {}
                Record::Execution(execution) => {
                    if found.failure.is_none() && execution.ending != (Ending::Exited { code: 0 }) {
                        found.failure = Some(words(&execution));
                    }
                }
                Record::End { coverage, .. } => {
                    found.coverage = coverage;
                    whole = true;
                }
            }
        }
        if !whole && found.failure.is_none() {
            found.failure = Some(format!("the simulation itself {how}{}", last_line(&errors)));
        }
        Ok(found)
    }
}

struct Found {
    failure: Option<String>,
    coverage: Coverage,
}

/// How an execution failed, with the schedule that gives it again.
fn words(execution: &Execution) -> String {
    let mut words = match &execution.ending {
        Ending::Exited { code } => format!("exit code {code}"),
        other => serde_json::to_string(other).unwrap_or_default(),
    };
    for event in &execution.events {
        match &event.what {
            What::Panic { message, place, .. } => {
                let line = place.as_ref().map(|place| format!(" at {place:?}"));
                words.push_str(&format!(
                    "; thread {} panicked{}: {message}",
                    event.thread,
                    line.unwrap_or_default()
                ));
            }
            What::Print { text, .. } if words.len() < 2_000 => {
                words.push_str(&format!("; printed {text:?}"));
            }
            _ => {}
        }
    }
    format!("{words} (schedule `{}`)", execution.schedule)
}

fn last_line(text: &str) -> String {
    let last = text.lines().rev().find(|line| !line.trim().is_empty());
    last.map(|line| format!(": {line}")).unwrap_or_default()
}

/// Runs a program of the suite: what it printed on both streams, and its end.
fn ended(
    folder: &Path,
    program: &str,
    args: &[&str],
    limit: Duration,
    stdin: &[u8],
) -> Result<(String, String, How)> {
    let scratch = tempfile::tempdir_in(folder).context("cannot make a scratch folder")?;
    let mut job = Job::new(folder.join(program), scratch.path());
    job.args = args.iter().map(Into::into).collect();
    job.fixed_addresses = true;
    job.limits = Limits {
        wall: limit,
        cpu_seconds: 600,
        memory_bytes: 4 << 30,
        output_bytes: 512 << 20,
        kept_bytes: 256 << 20,
        ..Limits::default()
    };
    let ended = sandbox::run(&job, stdin)?;
    let Some(output) = ended.stdout.whole() else {
        bail!("a program printed more than is read");
    };
    let output = String::from_utf8_lossy(&output).into_owned();
    Ok((output, ended.stderr.text(), ended.how))
}
