//! What people see, and programs.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is where it is printed"
)]

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::run::{Outcome, TestResult};

/// The version of the document.
const SCHEMA: &str = "lockstep/conformance/v1";

/// What came of all tests.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    schema: &'static str,
    /// Tests that passed, of those that must.
    passed: u32,
    total: u32,
    files: Vec<File>,
    /// Tests that were not run, or say nothing, by the reason.
    excluded: BTreeMap<String, Vec<String>>,
    /// Tests that were run under some schedules only, by the reason.
    limited: BTreeMap<String, Vec<String>>,
    failed: Vec<Failure>,
}

/// What came of the tests of a file.
#[derive(Debug, Default, Serialize)]
struct File {
    file: String,
    passed: u32,
    total: u32,
    excluded: u32,
    /// Schedules of all its tests together.
    schedules: u64,
    /// Tests that were run under every schedule that they have.
    complete: u32,
}

/// A test that must pass and did not.
#[derive(Debug, Serialize)]
struct Failure {
    test: String,
    why: String,
}

impl Report {
    /// Adds up what came of the tests of each file.
    pub(crate) fn of(files: &[(String, Vec<Outcome>)]) -> Report {
        let mut report = Report {
            schema: SCHEMA,
            ..Report::default()
        };
        for (name, outcomes) in files.iter().filter(|(_, outcomes)| !outcomes.is_empty()) {
            let mut file = File {
                file: name.clone(),
                ..File::default()
            };
            for outcome in outcomes {
                let test = format!("{name}: {}", outcome.test);
                match &outcome.result {
                    TestResult::Passed {
                        schedules,
                        complete,
                        limits,
                    } => {
                        for why in limits {
                            let limited = report.limited.entry(why.clone()).or_default();
                            limited.push(test.clone());
                        }
                        file.passed += 1;
                        file.total += 1;
                        file.schedules += schedules;
                        file.complete += u32::from(*complete);
                    }
                    TestResult::Failed(why) => {
                        file.total += 1;
                        report.failed.push(Failure {
                            test,
                            why: why.clone(),
                        });
                    }
                    TestResult::Excluded(why) => {
                        file.excluded += 1;
                        report.excluded.entry(why.clone()).or_default().push(test);
                    }
                }
            }
            report.passed += file.passed;
            report.total += file.total;
            report.files.push(file);
        }
        report
    }

    /// Whether all is well.
    pub(crate) fn is_well(&self) -> bool {
        self.failed.is_empty() && self.total > 0
    }

    /// Prints it for people.
    pub(crate) fn print(&self) {
        for file in &self.files {
            println!(
                "{:4} of {:4} passed, {:3} excluded  {}  ({} schedules, {} tests in all of theirs)",
                file.passed, file.total, file.excluded, file.file, file.schedules, file.complete
            );
        }
        println!("{:4} of {:4} passed", self.passed, self.total);
        list("excluded", &self.excluded);
        list("run under some schedules only", &self.limited);
        if !self.failed.is_empty() {
            println!("\n{} failed:", self.failed.len());
            for Failure { test, why } in &self.failed {
                println!("\n  {test}\n    {why}");
            }
        }
    }

    /// Prints it for programs.
    pub(crate) fn print_json(&self) -> Result<()> {
        let text = serde_json::to_string_pretty(self).context("cannot write the report as JSON")?;
        println!("{text}");
        Ok(())
    }
}

/// Says what is being done.
pub(crate) fn progress(words: &str) {
    eprintln!("{words}");
}

/// Prints tests by the reason that they share.
fn list(what: &str, tests: &BTreeMap<String, Vec<String>>) {
    let count: usize = tests.values().map(Vec::len).sum();
    if count == 0 {
        return;
    }
    println!("\n{count} {what}:");
    for (why, tests) in tests {
        println!("\n  {why} ({}):", tests.len());
        for test in tests {
            println!("    {test}");
        }
    }
}

/// Prints what went wrong with the command itself.
pub(crate) fn complain(words: &str) {
    eprintln!("error: {words}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_test_is_counted_once_and_every_reason_told() {
        let outcome = |test: &str, result| Outcome {
            test: test.to_owned(),
            result,
        };
        let passed = TestResult::Passed {
            schedules: 7,
            complete: true,
            limits: vec!["late".to_owned()],
        };
        let outcomes = vec![
            outcome("a", passed),
            outcome("b", TestResult::Failed("exit code 1".to_owned())),
            outcome("c", TestResult::Excluded("unstable".to_owned())),
        ];
        let report = Report::of(&[("x.rs".to_owned(), outcomes), ("y.rs".to_owned(), vec![])]);
        assert!(!report.is_well());
        let json = serde_json::to_value(&report).unwrap();
        let expected = serde_json::json!({
            "schema": SCHEMA, "passed": 1, "total": 2,
            "files": [{ "file": "x.rs", "passed": 1, "total": 2, "excluded": 1, "schedules": 7,
                "complete": 1 }],
            "excluded": { "unstable": ["x.rs: c"] },
            "limited": { "late": ["x.rs: a"] },
            "failed": [{ "test": "x.rs: b", "why": "exit code 1" }],
        });
        assert_eq!(json, expected);
        assert!(!Report::of(&[]).is_well());
    }
}
