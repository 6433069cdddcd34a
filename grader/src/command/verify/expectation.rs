//! What a submission of the course's own must get.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;
use verdict::{FindingKind, Outcome, Verdict};

/// The verdict that a submission must get.
#[derive(Debug, Clone)]
pub(super) enum Expectation {
    /// A starter: close to nothing.
    Starter,
    /// A reference solution: full marks.
    Solution,
    /// A fixture: what its `expected.toml` says.
    Fixture(Expected),
}

/// `expected.toml`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Expected {
    /// What the fixture shows, in words.
    pub(super) shows: String,
    /// How far its grading must come.
    outcome: Outcome,
    /// Its points.
    score: u32,
    /// Every check that must fail, with the kind of its finding.
    #[serde(default)]
    failed: BTreeMap<String, FindingKind>,
    /// Whether it has no program, so that every check that starts one fails,
    /// too.
    #[serde(default)]
    no_program: bool,
}

impl Expected {
    /// Reads the one beside a fixture's sources.
    pub(super) fn read(folder: &Path) -> Result<Expected> {
        let path = folder.join("expected.toml");
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("{} is not as it should be", path.display()))
    }

    fn problems(&self, verdict: &Verdict) -> Vec<String> {
        let mut problems = Vec::new();
        if verdict.outcome != self.outcome {
            problems.push(format!(
                "expected {:?}, got {:?}: {}",
                self.outcome, verdict.outcome, verdict.message
            ));
        }
        if verdict.score != self.score {
            problems.push(format!(
                "expected {} points, got {}",
                self.score, verdict.score
            ));
        }
        let mut failed: BTreeMap<&str, (FindingKind, &str)> = verdict
            .checks
            .iter()
            .filter_map(|check| Some((check.id.as_str(), check.finding.as_ref()?)))
            .map(|(id, finding)| (id, (finding.kind, finding.message.as_str())))
            .collect();
        if self.no_program {
            let before = failed.len();
            failed.retain(|_, (kind, _)| *kind != FindingKind::NoProgram);
            if failed.len() == before {
                problems.push("no check misses its program".to_owned());
            }
        }
        for (id, kind) in &self.failed {
            match failed.remove(id.as_str()) {
                None => problems.push(format!("`{id}` should have failed as {kind:?}")),
                Some((got, message)) if got != *kind => {
                    problems.push(format!(
                        "`{id}` should have failed as {kind:?}, not as {got:?}: {message}"
                    ));
                }
                Some(_) => {}
            }
        }
        for (id, (kind, message)) in failed {
            problems.push(format!(
                "`{id}` should not have failed as {kind:?}: {message}"
            ));
        }
        problems
    }
}

impl Expectation {
    /// What is wrong with a verdict.
    pub(super) fn problems(&self, verdict: &Verdict) -> Vec<String> {
        if verdict.outcome == Outcome::InfrastructureError {
            return vec![format!("could not be graded: {}", verdict.message)];
        }
        match self {
            Expectation::Fixture(expected) => expected.problems(verdict),
            _ if verdict.outcome != Outcome::Graded => {
                vec![format!("{:?}: {}", verdict.outcome, verdict.message)]
            }
            Expectation::Starter if verdict.score * 5 > verdict.max_score => {
                vec!["a starter may get a fifth of the points at most".to_owned()]
            }
            Expectation::Solution if verdict.score < verdict.max_score => {
                let failed = verdict
                    .checks
                    .iter()
                    .filter_map(|check| Some((check, check.finding.as_ref()?)));
                failed
                    .map(|(check, finding)| format!("`{}` failed: {}", check.id, finding.message))
                    .collect()
            }
            Expectation::Starter | Expectation::Solution => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use verdict::{Check, CheckOutcome, Finding, Visibility};

    use super::*;

    fn verdict(score: u32, failed: &[(&str, FindingKind)]) -> Verdict {
        let check = |(id, kind): &(&str, FindingKind)| Check {
            id: id.to_string(),
            title: String::new(),
            outcome: CheckOutcome::Failed,
            points: 0,
            max_points: 5,
            visibility: Visibility::Hidden,
            coverage: None,
            finding: Some(Finding {
                kind: *kind,
                message: "m".to_owned(),
                contract: String::new(),
                schedule: String::new(),
                timeline: Vec::new(),
            }),
        };
        Verdict {
            exercise: String::new(),
            submission: String::new(),
            outcome: Outcome::Graded,
            score,
            max_score: 20,
            message: String::new(),
            checks: failed.iter().map(check).collect(),
        }
    }

    #[test]
    fn a_fixture_must_get_exactly_what_it_says() {
        let expected: Expected = toml::from_str(
            "shows = 's'\noutcome = 'graded'\nscore = 15\n[failed]\n'no-deadlock' = 'deadlock'\n",
        )
        .unwrap();
        let problems =
            |score, failed: &[(&str, FindingKind)]| expected.problems(&verdict(score, failed));
        assert_eq!(
            problems(15, &[("no-deadlock", FindingKind::Deadlock)]),
            Vec::<String>::new()
        );
        assert!(
            problems(20, &[])
                .concat()
                .contains("expected 15 points, got 20")
        );
        assert!(
            problems(15, &[])
                .concat()
                .contains("`no-deadlock` should have failed")
        );
        assert!(
            problems(15, &[("no-deadlock", FindingKind::Panic)])
                .concat()
                .contains("not as Panic")
        );
        let two = [
            ("no-deadlock", FindingKind::Deadlock),
            ("total", FindingKind::Crash),
        ];
        assert!(
            problems(15, &two)
                .concat()
                .contains("`total` should not have failed")
        );
    }

    #[test]
    fn a_fixture_without_a_program_need_not_name_every_check_that_starts_one() {
        let expected: Expected =
            toml::from_str("shows = 's'\noutcome = 'graded'\nscore = 10\nno_program = true\n")
                .unwrap();
        let missing = [
            ("prints", FindingKind::NoProgram),
            ("exits", FindingKind::NoProgram),
        ];
        assert_eq!(
            expected.problems(&verdict(10, &missing)),
            Vec::<String>::new()
        );
        assert_eq!(
            expected.problems(&verdict(10, &[])),
            ["no check misses its program"]
        );
        let more = [missing[0], ("total", FindingKind::Crash)];
        assert!(
            expected
                .problems(&verdict(10, &more))
                .concat()
                .contains("`total` should not have failed")
        );
    }

    #[test]
    fn starters_get_little_and_solutions_everything() {
        assert!(Expectation::Starter.problems(&verdict(4, &[])).is_empty());
        assert!(!Expectation::Starter.problems(&verdict(5, &[])).is_empty());
        assert!(Expectation::Solution.problems(&verdict(20, &[])).is_empty());
        let failed = Expectation::Solution.problems(&verdict(15, &[("total", FindingKind::Crash)]));
        assert_eq!(failed, ["`total` failed: m"]);
        let mut broken = verdict(20, &[]);
        broken.outcome = Outcome::InfrastructureError;
        assert!(!Expectation::Solution.problems(&broken).is_empty());
    }
}
