//! A course of one exercise, written for the tests, in a folder of its own: it
//! shows that the grader knows no exercise, and is quick to grade.

#![allow(
    clippy::unwrap_used,
    dead_code,
    unreachable_pub,
    reason = "several test programs share this, and each uses a part of it"
)]

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;

/// The course and the submissions beside it.
pub struct Tiny {
    folder: tempfile::TempDir,
}

const README: &str = "\
# Counter

## The contract

- **C1** `Counter::new` makes a counter that stands at 0.
- **C2** `add` adds one and gives what the counter stands at then,
  whatever other threads do.
- **C3** `get` gives what the counter stands at.
- **C4** The library is `src/lib.rs`.
- **O1** Open: what happens past `u64::MAX`.
";

const EXERCISE: &str = "\
title = \"Counter\"
points = 4
hints = [\"Two steps are not one.\"]
visible = [\"starts-at-zero\"]
";

const RUBRIC: &str = r#"
kind = "library"
build = ["C4"]

[[check]]
id = "starts-at-zero"
title = "A new counter stands at 0"
points = 1
holds = ["C1", "C3"]
[[check.scenario]]
name = "fresh"
rule = "total"
params = { threads = 0 }

[[check]]
id = "counts-one"
title = "One thread counts"
points = 1
holds = ["C2"]
[[check.scenario]]
name = "one"
rule = "total"
params = { threads = 1 }

[[check]]
id = "counts-two"
title = "Two threads count"
points = 1
holds = ["C2"]
[[check.scenario]]
name = "two"
rule = "total"
params = { threads = 2 }

[[check]]
id = "differs"
title = "No two results are the same"
points = 1
holds = ["C2"]
[[check.scenario]]
name = "two"
rule = "different"
params = { threads = 2 }
search = { preemptions = 1 }
"#;

const SCENARIOS: &str = r#"
use counter::Counter;
use sim::scenario::{self, Value};

fn main() {
    let counter = Counter::new();
    std::thread::scope(|scope| {
        for _ in 0..scenario::number("threads") {
            scope.spawn(|| {
                scenario::call("add", (), || counter.add(), |now: &u64| Value::from(*now));
            });
        }
    });
    scenario::call("get", (), || counter.get(), |now: &u64| Value::from(*now));
}
"#;

const JUDGE: &str = r#"
use judge::{Execution, Fault, FindingKind, Judge, Lost, Question, Returned, Value};

fn main() -> std::process::ExitCode {
    judge::serve(|question: &Question| -> Result<Box<dyn Judge>, Lost> {
        let threads = question.params["threads"].as_u64().ok_or(Lost("no threads".to_owned()))?;
        match question.rule.as_str() {
            "total" => Ok(Box::new(move |execution: &Execution| {
                judge::exited(execution)?;
                let got = numbers(execution, "get");
                if got == [threads] {
                    return Ok(());
                }
                let message = format!("{threads} threads have added, and get gives {got:?}");
                Err(Fault::new(FindingKind::WrongResult, message))
            })),
            "different" => Ok(Box::new(|execution: &Execution| {
                judge::exited(execution)?;
                let mut got = numbers(execution, "add");
                got.sort();
                got.dedup();
                match got.len() {
                    2 => Ok(()),
                    _ => Err(Fault::new(FindingKind::NotLinearizable, format!("add gives {got:?}"))),
                }
            })),
            other => Err(Lost(format!("no rule {other}"))),
        }
    })
}

fn numbers(execution: &Execution, op: &str) -> Vec<u64> {
    let calls = judge::history(execution).into_iter().filter(|call| call.op == op);
    calls
        .filter_map(|call| match call.outcome {
            Returned::Value(Value::Number(number)) => Some(number),
            _ => None,
        })
        .collect()
}
"#;

/// A counter that is right.
pub const RIGHT: &str = "\
use std::sync::atomic::{AtomicU64, Ordering};

pub struct Counter(AtomicU64);

impl Counter {
    pub fn new() -> Counter {
        Counter(AtomicU64::new(0))
    }
    pub fn add(&self) -> u64 {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}
";

/// What makes [`RIGHT`] wrong: `(one step, two steps)`.
pub const TWO_STEPS: (&str, &str) = (
    "self.0.fetch_add(1, Ordering::SeqCst) + 1",
    "let now = self.0.load(Ordering::SeqCst) + 1;
        self.0.store(now, Ordering::SeqCst);
        now",
);

/// The starter, whose interface is the contract's.
const STARTER: &str = "\
pub struct Counter;

impl Counter {
    pub fn new() -> Counter {
        todo!(\"make a counter\")
    }
    pub fn add(&self) -> u64 {
        todo!(\"add one\")
    }
    pub fn get(&self) -> u64 {
        todo!(\"read the counter\")
    }
}
";

impl Tiny {
    /// Writes the course.
    pub fn new() -> Tiny {
        let tiny = Tiny {
            folder: tempfile::tempdir().unwrap(),
        };
        tiny.write("course/exercises/counter/README.md", README);
        tiny.write("course/exercises/counter/exercise.toml", EXERCISE);
        tiny.write("course/exercises/counter/src/lib.rs", STARTER);
        tiny.write(
            "course/exercises/counter/tests/counter.rs",
            "#[test]\nfn counts() {}\n",
        );
        tiny.write("course/solutions/counter/src/lib.rs", RIGHT);
        tiny.write("course/checks/counter/rubric.toml", RUBRIC);
        tiny.write("course/checks/counter/scenarios.rs", SCENARIOS);
        tiny.write("course/checks/counter/judge.rs", JUDGE);
        tiny
    }

    /// Writes a file.
    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// A path in the folder.
    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Writes a submission: `class/NAME/src/lib.rs`.
    pub fn submit(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        self.write(&format!("class/{name}/src/lib.rs"), text);
        self.path(&format!("class/{name}"))
    }

    /// The grader, for this course, with a cache of its own.
    pub fn grader(&self, verb: &str) -> Command {
        let mut grader = Command::new(assert_cmd::cargo::cargo_bin!("grader"));
        grader.arg(verb).arg("--course").arg(self.path("course"));
        grader.env("LOCKSTEP_CACHE", self.path("cache"));
        grader
    }

    /// The verdict on a submission.
    pub fn verdict(&self, submission: &Path) -> Value {
        let mut grader = self.grader("grade");
        grader
            .args(["--exercise", "counter", "--format", "json"])
            .arg(submission);
        let output = grader.output().unwrap();
        let document: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
            panic!("{error}: {}", String::from_utf8_lossy(&output.stderr));
        });
        document["verdicts"][0].clone()
    }
}
