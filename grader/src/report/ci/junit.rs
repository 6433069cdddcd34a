//! JUnit's XML, as Jenkins and other CI servers read it: a suite for each
//! exercise, a case for each check.

use quick_junit::{NonSuccessKind, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};
use verdict::{Check, CheckOutcome, Outcome};

use super::Graded;
use crate::report::text;
use crate::report::words::{self, visible};

/// How wide timelines are.
const WIDTH: usize = 100;

/// The document. It tells no times, so that it is the same for the same sources.
pub(crate) fn junit(all: &[Graded]) -> Result<String, SerializeError> {
    let mut report = Report::new("lockstep");
    for graded in all {
        report.add_test_suite(suite(graded));
    }
    let text = report.to_string()?;
    // Jenkins's schema does not know the one attribute of all suites together
    // that counts what was skipped. Each suite has its own.
    let skipped = format!(" skipped=\"{}\"", report.skipped);
    Ok(text.replacen(&skipped, "", 1).trim_end().to_owned() + "\n")
}

fn suite(graded: &Graded) -> TestSuite {
    let verdict = &graded.verdict;
    let mut suite = TestSuite::new(plain(&verdict.exercise));
    let mut properties = vec![
        ("submission", verdict.submission.clone()),
        ("max-score", verdict.max_score.to_string()),
    ];
    if verdict.outcome != Outcome::InfrastructureError {
        properties.push(("score", verdict.score.to_string()));
    }
    for (name, value) in properties {
        suite.add_property((name, plain(&value).as_str()));
    }
    if verdict.outcome != Outcome::Graded {
        let kind = match verdict.outcome {
            Outcome::InfrastructureError => NonSuccessKind::Error,
            _ => NonSuccessKind::Failure,
        };
        let mut status = TestCaseStatus::non_success(kind);
        status.set_type(words::outcome(verdict.outcome));
        status.set_message(first_line(&verdict.message));
        status.set_description(plain(&verdict.message));
        suite.add_test_case(case(graded, "can be graded", status));
    }
    for check in &verdict.checks {
        let title = format!("{} ({})", check.title, check.id);
        suite.add_test_case(case(graded, &title, status(graded, check)));
    }
    suite
}

fn case(graded: &Graded, name: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(plain(name), status);
    case.set_classname(plain(&graded.verdict.exercise));
    case
}

fn status(graded: &Graded, check: &Check) -> TestCaseStatus {
    match (check.outcome, &check.finding) {
        (CheckOutcome::Passed, _) => TestCaseStatus::success(),
        (CheckOutcome::NotRun, _) => {
            let mut status = TestCaseStatus::skipped();
            status.set_message("was not run");
            status
        }
        (CheckOutcome::Failed, finding) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            if let Some(finding) = finding {
                status.set_type(words::kind(finding.kind));
                status.set_message(first_line(&finding.message));
                let told = text::told(finding, "", WIDTH);
                let told = anstream::adapter::strip_str(&told).to_string();
                let again = graded.again.command(check, finding);
                status.set_description(plain(&format!("{told}\n  again: {again}\n")));
            }
            status
        }
    }
}

fn first_line(text: &str) -> String {
    plain(text.lines().next().unwrap_or_default())
}

/// A text in which nothing is left that XML cannot hold.
fn plain(text: &str) -> String {
    visible(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}
