//! What people see.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is where it is printed"
)]

use std::collections::BTreeMap;

use crate::run::{Outcome, TestResult};

/// Says what is being done.
pub(crate) fn progress(words: &str) {
    eprintln!("{words}");
}

/// Prints everything, and says whether all is well.
pub(crate) fn print(files: &[(String, Vec<Outcome>)]) -> bool {
    let (mut passed, mut total) = (0, 0);
    let mut exclusions: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut limited: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut failures = Vec::new();
    for (file, outcomes) in files {
        let (mut passed_here, mut total_here, mut excluded, mut schedules) = (0, 0, 0, 0);
        let mut proven = 0;
        for outcome in outcomes {
            let name = format!("{file}: {}", outcome.test);
            match &outcome.result {
                TestResult::Passed {
                    schedules: ran,
                    complete,
                    limits,
                } => {
                    for why in limits {
                        limited.entry(why.as_str()).or_default().push(name.clone());
                    }
                    passed_here += 1;
                    total_here += 1;
                    schedules += ran;
                    proven += u32::from(*complete);
                }
                TestResult::Failed(words) => {
                    total_here += 1;
                    failures.push(format!("{name}\n    {words}"));
                }
                TestResult::Excluded(why) => {
                    excluded += 1;
                    exclusions.entry(why).or_default().push(name);
                }
            }
        }
        if outcomes.is_empty() {
            continue;
        }
        println!(
            "{passed_here:4} of {total_here:4} passed, {excluded:3} excluded  {file}  ({schedules} schedules, \
             {proven} tests in all of theirs)"
        );
        passed += passed_here;
        total += total_here;
    }
    println!("{passed:4} of {total:4} passed");
    list("excluded", &exclusions);
    list("run under some schedules only", &limited);
    if !failures.is_empty() {
        println!("\n{} failed:", failures.len());
        for failure in &failures {
            println!("\n  {failure}");
        }
    }
    failures.is_empty() && total > 0
}

/// Prints tests by the reason that they share.
fn list(what: &str, tests: &BTreeMap<&str, Vec<String>>) {
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
