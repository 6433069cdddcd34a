//! Every fixture gets the verdict that it must get. Adding one is adding a
//! folder with `src/` and `expected.toml`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use assert_cmd::Command;
use serde::Deserialize;
use verdict::{FindingKind, Outcome, Verdict, Verdicts};

/// The model of a fixture: what its grading must give.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    shows: String,
    outcome: Outcome,
    score: u32,
    #[serde(default)]
    failed: BTreeMap<String, FindingKind>,
    /// Whether it has no program, and so fails every check that starts one.
    #[serde(default)]
    no_program: bool,
}

fn root() -> &'static Path {
    let grader = Path::new(env!("CARGO_MANIFEST_DIR"));
    grader
        .parent()
        .expect("the grader is a folder of the workspace")
}

/// Graded once, for all tests.
static VERDICTS: LazyLock<Vec<Verdict>> = LazyLock::new(grade_all);

fn grade_all() -> Vec<Verdict> {
    let mut grader = Command::new(assert_cmd::cargo::cargo_bin!("grader"));
    grader.current_dir(root()).args([
        "grade",
        "fixtures/submissions",
        "--format",
        "json",
        "--no-cache",
        "--exit-zero",
    ]);
    let output = grader.output().expect("the grader can be started");
    let words = String::from_utf8_lossy(&output.stderr);
    let document: Verdicts =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {words}"));
    document.verdicts
}

#[test]
fn every_fixture_gets_the_verdict_that_it_must_get() {
    let mut wrong = Vec::new();
    let verdicts = &*VERDICTS;
    for verdict in verdicts {
        let file = root().join(&verdict.submission).join("expected.toml");
        let text = std::fs::read_to_string(&file)
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let expected: Expected =
            toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        assert!(
            !expected.shows.is_empty(),
            "{} says what it shows",
            file.display()
        );
        let mut failed: BTreeMap<String, FindingKind> = verdict
            .checks
            .iter()
            .filter_map(|check| Some((check.id.clone(), check.finding.as_ref()?.kind)))
            .collect();
        let all = failed.len();
        failed.retain(|_, kind| *kind != FindingKind::NoProgram);
        assert_eq!(
            failed.len() < all,
            expected.no_program,
            "{}: whether it has a program",
            verdict.submission
        );
        let got = (verdict.outcome, verdict.score, &failed);
        if got != (expected.outcome, expected.score, &expected.failed) {
            let name = &verdict.submission;
            wrong.push(format!(
                "{name}: {}\n  expected {expected:?}\n  got {got:?}",
                verdict.message
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        verdicts.len(),
        wrong.join("\n")
    );
    let exercises: Vec<&str> = verdicts
        .iter()
        .map(|verdict| verdict.exercise.as_str())
        .collect();
    assert!(
        exercises.is_sorted() && verdicts.len() >= 24,
        "submissions come in the order of their folders"
    );
}

#[test]
fn every_counterexample_is_whole() {
    for verdict in &*VERDICTS {
        for (check, finding) in verdict
            .checks
            .iter()
            .filter_map(|check| Some((check, check.finding.as_ref()?)))
        {
            let what = format!("{}: {}", verdict.submission, check.id);
            assert!(
                !finding.message.is_empty() && finding.contract.starts_with(['C', 'P']),
                "{what}"
            );
            if !matches!(
                finding.kind,
                FindingKind::Crash | FindingKind::LimitExceeded | FindingKind::NoProgram
            ) {
                assert!(
                    finding.schedule.contains('@') && !finding.timeline.is_empty(),
                    "{what}"
                );
                let steps: Vec<u64> = finding.timeline.iter().map(|step| step.step).collect();
                assert!(steps.is_sorted() && steps[0] == 1, "{what}");
            }
        }
    }
}
