//! Starts an examined program, gives it its plan and reads what it tells.

mod records;
mod timeline;

use std::io::{BufRead as _, BufReader, Read as _, Take, Write as _};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use verdict::plan::Mode;
use verdict::{Coverage, Ending, Execution, FindingKind, Plan, World};

use crate::home::Home;
use crate::process::{Allowance, Confined, Finished, Limits, Running, Stdin, Stdout, Stopper};
pub(crate) use records::{Line, Records};

pub(crate) use timeline::{shortened, timeline};

/// The exit code of an examined process whose simulation is at a loss. A
/// submission cannot choose it: its own exit codes are simulated.
const SIMULATION_LOST: i32 = 3;
/// The exit code of one that was given a schedule that is none, or none of this
/// program.
const UNFIT_SCHEDULE: i32 = 4;
/// Most bytes of one line of a record, which takes several times as much memory where
/// it is read. The simulation ends an execution that prints too much before: its most
/// writes and its most bytes, each of them escaped, are less together.
const LINE_LIMIT: u64 = 160 << 20;
/// Most bytes of a record.
const RECORD_LIMIT: u64 = 1 << 30;
/// What is to be run.
pub(crate) struct Job<'a> {
    /// The scenario's name.
    pub(crate) scenario: &'a str,
    /// Its parameters.
    pub(crate) params: &'a serde_json::Value,
    /// The programs, and what is around them.
    pub(crate) world: World,
    /// Which schedules are run.
    pub(crate) mode: Mode,
}

/// How a record ended.
#[derive(Debug)]
pub(crate) enum Ended {
    /// It is whole.
    Whole(Coverage),
    /// It is not, and this is why. Also when the process was stopped from
    /// outside: whoever did that knows better.
    Short(FindingKind, String),
    /// An execution used what is not simulated: a sentence that says what. It
    /// was the first one to do so, and was not told.
    NotSimulated(String),
    /// The schedule that was to be replayed cannot be, for this reason.
    Unfit(String),
}

/// A process of an examined program. It runs one job after another.
pub(crate) struct Process {
    program: PathBuf,
    running: Running,
    stdin: Stdin,
    stdout: BufReader<Take<Stdout>>,
    allowance: Allowance,
    _folder: crate::home::Folder,
}

impl Process {
    /// Starts the program, in a folder of its own.
    pub(crate) fn start(home: &Home, program: &Path, limits: &verdict::Limits) -> Result<Process> {
        let folder = home.scratch()?;
        let mut command = Confined::new(program, folder.path(), Limits::examined(limits));
        command.fixed_addresses().is_simulated(limits);
        let mut running = command
            .start()
            .context("cannot start the examined program")?;
        let (stdin, stdout) = running.pipes()?;
        Ok(Process {
            program: program.to_owned(),
            running,
            stdin,
            stdout: BufReader::with_capacity(1 << 16, stdout.take(RECORD_LIMIT)),
            allowance: Allowance::default(),
            _folder: folder,
        })
    }

    /// Whether it is one of this program.
    pub(crate) fn runs(&self, program: &Path) -> bool {
        self.program == program
    }

    /// What ends it.
    pub(crate) fn stopper(&self) -> Stopper {
        self.running.stopper()
    }

    /// Runs a job to its end. Each execution is given to `told` with its line,
    /// and the record's last line to `ended`. A process whose record is whole
    /// is given back, ready for another job, as long as enough of its limits is
    /// left for any.
    pub(crate) fn run(
        mut self,
        job: &Job<'_>,
        mut told: impl FnMut(&str, Execution),
        mut ended: impl FnMut(&str),
    ) -> Result<(Ended, Option<Process>)> {
        let began = Instant::now();
        let nonce = nonce();
        let plan = Plan {
            nonce: nonce.clone(),
            scenario: job.scenario.to_owned(),
            params: job.params.clone(),
            world: job.world.clone(),
            mode: job.mode.clone(),
        };
        let mut plan = serde_json::to_string(&plan).context("cannot write the plan")?;
        plan.push('\n');
        // A process that ends without reading its plan is found out by its record.
        let _ = self.stdin.write_all(plan.as_bytes());

        self.stdout.get_mut().set_limit(RECORD_LIMIT);
        let mut records = Records::new(nonce);
        let mut line = String::new();
        let (mut lacking, mut too_long) = (None, false);
        let problem = loop {
            line.clear();
            match self.stdout.by_ref().take(LINE_LIMIT).read_line(&mut line) {
                Ok(0) if self.stdout.get_ref().limit() == 0 => {
                    self.stopper().stop();
                    let mib = RECORD_LIMIT >> 20;
                    let words =
                        format!("the program was stopped: it needed more than {mib} MiB of output");
                    return Ok((Ended::Short(FindingKind::LimitExceeded, words), None));
                }
                Ok(0) => break None,
                Ok(_) => {}
                Err(error) => break Some(format!("it cannot be read: {error}")),
            }
            match records.line(&line) {
                Ok(Line::Head) => {}
                Ok(Line::Execution(execution)) => {
                    lacking = not_simulated(&execution);
                    if lacking.is_some() {
                        break None;
                    }
                    told(&line, execution);
                }
                Ok(Line::End) => {
                    ended(&line);
                    if let Some(coverage) = records.whole() {
                        let told = RECORD_LIMIT - self.stdout.get_ref().limit();
                        self.allowance.used(began.elapsed(), told);
                        let again = self.allowance.is_left().then_some(self);
                        return Ok((Ended::Whole(coverage), again));
                    }
                }
                Err(_) if self.stdout.get_ref().limit() == 0 => {
                    too_long = true;
                    break None;
                }
                Err(problem) => break Some(problem),
            }
        };
        if problem.is_some() || lacking.is_some() || too_long {
            self.stopper().stop();
        }
        let Process {
            program: _,
            running,
            stdin,
            stdout,
            allowance: _,
            _folder,
        } = self;
        drop((stdin, stdout));
        let finished = running.wait()?;
        if let Some(sentence) = lacking {
            return Ok((Ended::NotSimulated(sentence), None));
        }
        if too_long {
            let message = format!(
                "the program prints too much: the record of its schedules needs more than {} MiB",
                RECORD_LIMIT >> 20
            );
            return Ok((Ended::Short(FindingKind::LimitExceeded, message), None));
        }
        // The simulation itself ends what goes on for ever, so time that is
        // used up says that the machine is too slow, or that we are wrong.
        if let Some(why) = finished.not_its_fault() {
            bail!(
                "the examination of `{}` came to no end: {why}",
                job.scenario
            );
        }
        if finished.code() == Some(UNFIT_SCHEDULE) {
            return Ok((Ended::Unfit(finished.last_words()), None));
        }
        if finished.code() == Some(SIMULATION_LOST) {
            bail!("the simulation could not go on: {}", finished.last_words());
        }
        let ended = match problem {
            Some(problem) => Ended::Short(
                FindingKind::Crash,
                format!("the record of the run is not whole: {problem}"),
            ),
            None => short(&finished),
        };
        Ok((ended, None))
    }
}

/// Why nothing can be said about a submission with such an execution: it used
/// what a right program may use, and what the simulation does not have.
fn not_simulated(execution: &Execution) -> Option<String> {
    let Ending::NotSimulated {
        what,
        thread,
        place,
    } = &execution.ending
    else {
        return None;
    };
    let thread = match thread {
        0 => "main".to_owned(),
        number => format!("T{number}"),
    };
    let at = match place {
        Some(place) => format!(" at or after {place}"),
        None => String::new(),
    };
    Some(format!(
        "the simulation does not support {what}, which {thread} uses{at}; this says nothing about \
         the submission"
    ))
}

/// What a process that did not end as it should is found to have done.
fn short(finished: &Finished) -> Ended {
    let words = match finished.last_words() {
        words if words.is_empty() => String::new(),
        words => format!("; its last words: {words}"),
    };
    match finished.limit() {
        Some(limit) => Ended::Short(
            FindingKind::LimitExceeded,
            format!("the program was stopped: it needed more than {limit}{words}"),
        ),
        None => Ended::Short(
            FindingKind::Crash,
            format!("the process of the program {}{words}", finished.how()),
        ),
    }
}

/// A name that nobody can have guessed: the hasher's keys are random.
pub(crate) fn nonce() -> String {
    use std::hash::BuildHasher as _;
    let half = |n: u8| std::hash::RandomState::new().hash_one(n);
    format!("{:016x}{:016x}", half(0), half(1))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use verdict::Search;

    use super::*;

    /// Runs a script in the place of an examined program; `$nonce` is the
    /// plan's.
    fn examine(script: &str) -> (Vec<String>, Ended) {
        let home = Home::find().unwrap();
        let folder = home.scratch().unwrap();
        let program = folder.path().join("program");
        let nonce = r#"nonce=$(expr "$plan" : '{"nonce":"\([0-9a-f]*\)"')"#;
        std::fs::write(
            &program,
            format!("#!/bin/sh\nread -r plan\n{nonce}\n{script}\n"),
        )
        .unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
        let job = Job {
            scenario: "s",
            params: &serde_json::Value::Null,
            world: World::default(),
            mode: Mode::Search(Search::default()),
        };
        let mut told = Vec::new();
        let tell = |_: &str, execution: Execution| told.push(execution.schedule);
        let process = Process::start(&home, &program, &verdict::Limits::default()).unwrap();
        let (ended, _) = process.run(&job, tell, |_| {}).unwrap();
        (told, ended)
    }

    /// What is told is kept in a file, for its seal.
    const HEAD: &str =
        r#"echo "{\"head\":{\"format\":\"lockstep/record/v1\",\"nonce\":\"$nonce\"}}" | tee told"#;
    const EXECUTION: &str = r#"echo '{"execution":{"schedule":"a","preemptions":0,"ending":{"how":"exited","code":0},"threads":[],"events":[]}}' | tee -a told"#;
    const END: &str = r#"set -- $(cksum < told)
        echo "{\"end\":{\"nonce\":\"$nonce\",\"told\":1,\"seal\":{\"sum\":$1,\"length\":$2},\"coverage\":{\"bounded\":7,\"preemptions\":3,\"complete\":true,\"random\":0,\"held_up\":0,\"steps\":9}}}""#;

    #[test]
    fn a_whole_record_tells_what_was_run() {
        let (told, ended) = examine(&format!("{HEAD}\n{EXECUTION}\n{END}"));
        assert_eq!(told, ["a"]);
        assert!(matches!(ended, Ended::Whole(coverage) if coverage.bounded == 7));
    }

    #[test]
    fn a_process_that_comes_down_is_a_crash_with_its_last_words() {
        let table = [
            (
                format!("{HEAD}\n{EXECUTION}\necho alas >&2\nexit 9"),
                "exit code 9; its last words: alas",
            ),
            (format!("{HEAD}\n{EXECUTION}\nkill -SEGV $$"), "signal 11"),
            (format!("{HEAD}\n{EXECUTION}\nexit 1"), "exit code 1"),
            ("exit 0".to_owned(), "exit code 0"),
            (
                format!("{HEAD}\necho '{{\"pass\":true}}'\nsleep 100"),
                "not the simulation's",
            ),
            (
                format!("nonce=0\n{HEAD}\n{EXECUTION}\n{END}"),
                "does not begin as it should",
            ),
        ];
        for (script, expected) in table {
            match examine(&script).1 {
                Ended::Short(FindingKind::Crash, words) => {
                    assert!(words.contains(expected), "{words}")
                }
                other => panic!("{script}: {other:?}"),
            }
        }
    }

    #[test]
    fn want_of_memory_is_a_limit() {
        let (_, ended) = examine("echo memory allocation of 99 bytes failed >&2\nkill -ABRT $$");
        assert!(
            matches!(ended, Ended::Short(FindingKind::LimitExceeded, words) if words.contains("MiB of memory"))
        );
    }
}
