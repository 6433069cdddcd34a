//! The fixtures, and a right submission beside each.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use verdict::{Check, FindingKind, Outcome, Verdict, Verdicts};
use walkdir::WalkDir;

use crate::planted::{Planted, SECRET};
use crate::user::User;

/// The checks that each exercise's submissions are graded with: those that the
/// fixtures aim at, and few enough to be quick.
const CHECKS: &[(&str, &[&str])] = &[
    ("alternating-printer", &["ascending-order", "never-stuck"]),
    (
        "bank-account",
        &["account-one-by-one", "errors", "no-thread-left"],
    ),
    ("chat", &["command-line"]),
    ("daytime", &["command-line"]),
    (
        "downloader",
        &["results-in-order", "threads-are-joined", "program-files"],
    ),
];

/// The model of a fixture: what must come of it. Its score is 0 whatever else
/// does.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    /// What it does, as in `it reads the list of users`.
    does: String,
    outcome: Outcome,
    /// The kinds that its findings may have.
    #[serde(default)]
    kinds: Vec<FindingKind>,
    /// What its message says, or that of one of its findings.
    #[serde(default)]
    says: String,
    /// Whether it uses up the time of a compiler: it is graded once.
    #[serde(default)]
    slow: bool,
    /// Whether it aims at the reports: `explore` tells of it, too.
    #[serde(default)]
    reports: bool,
    /// The checks that it aims at, where they are others than those of [`CHECKS`].
    #[serde(default)]
    checks: Vec<String>,
    /// What the folder is called that it is graded in, where that is its trick.
    folder: Option<String>,
}

#[derive(Deserialize)]
struct CargoToml {
    package: Package,
}

#[derive(Deserialize)]
struct Package {
    name: String,
}

struct Hostile {
    name: String,
    exercise: String,
    expected: Expected,
    /// A copy of it that is aimed at what was planted.
    copy: PathBuf,
    /// A right submission, to be graded next to it.
    beside: PathBuf,
}

/// All of them.
pub(crate) struct Class {
    all: Vec<Hostile>,
    folder: tempfile::TempDir,
}

impl Class {
    /// Reads the fixtures, and makes the copies that are graded.
    pub(crate) fn made(planted: &Planted) -> Class {
        let folder = tempfile::tempdir().unwrap();
        crate::user::open_to_all(folder.path());
        let fixtures = super::root().join("fixtures/hostile");
        let mut names: Vec<String> = std::fs::read_dir(&fixtures)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        let only = std::env::var("HOSTILE").unwrap_or_default();
        names.retain(|name| only.split(' ').any(|part| name.contains(part)));
        let made = |name: String| {
            let fixture = fixtures.join(&name);
            let expected: Expected = parsed(&fixture.join("expected.toml"));
            let manifest: CargoToml = parsed(&fixture.join("Cargo.toml"));
            assert!(!expected.does.is_empty(), "{name} says what it does");
            let own = expected.folder.clone().unwrap_or_else(|| name.clone());
            let copy = folder.path().join(own);
            let beside = folder.path().join(format!("{name}-beside"));
            copied(&fixture, &copy, |text| planted.aimed(&text));
            let exercise = manifest.package.name;
            let right = super::root().join("solutions").join(&exercise);
            copied(&right, &beside, |text| {
                // No two are the same, so that none is known from before.
                format!("{text}\n// Beside {name}.\n")
            });
            Hostile {
                name,
                exercise,
                expected,
                copy,
                beside,
            }
        };
        let all = names.into_iter().map(made).collect();
        Class { all, folder }
    }

    /// Where the copies are.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Grades all of them and tells what is not as it must be.
    pub(crate) fn graded(&self, user: &User, layers: &str) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut by_checks: BTreeMap<(&str, Vec<&str>), Vec<&Hostile>> = BTreeMap::new();
        for hostile in &self.all {
            if !hostile.expected.slow || user.is_first(layers) {
                let key = (hostile.exercise.as_str(), hostile.checks());
                by_checks.entry(key).or_default().push(hostile);
            }
        }
        for ((exercise, checks), all) in by_checks {
            let mut args = vec!["grade", "--exit-zero", "--jobs", "4"];
            for check in checks {
                args.extend(["--check", check]);
            }
            // A right one has two hostile ones beside it: one before, one after.
            let paths = all.chunks(2).flat_map(|pair| match pair {
                [one, other] => vec![&one.copy, &one.beside, &other.copy],
                alone => alone.iter().flat_map(|of| [&of.copy, &of.beside]).collect(),
            });
            args.extend(paths.map(|path| path.to_str().unwrap()));
            let (json, words) =
                user.grader(layers, &[args.as_slice(), &["--format", "json"]].concat());
            let Ok(document) = serde_json::from_str::<Verdicts>(&json) else {
                wrong.push(format!("{exercise} was not graded: {words}"));
                continue;
            };
            // What was graded is kept, so that this costs nothing more.
            let (text, _) = user.grader(layers, &args);
            for (kind, report) in [("json", &json), ("text", &text), ("error", &words)] {
                wrong.extend(unsound(exercise, kind, report));
            }
            let of = |path: &Path| {
                let path = path.to_str().unwrap();
                let mut verdicts = document.verdicts.iter();
                verdicts.find(|verdict| verdict.submission == path)
            };
            for hostile in all {
                let own = of(&hostile.copy).unwrap();
                wrong.extend(hostile.complaints(own));
                if let Some(beside) = of(&hostile.beside).filter(|beside| !is_full(beside)) {
                    let got = told(beside);
                    wrong.push(format!("the right one beside {} has {got}", hostile.name));
                }
                if hostile.expected.reports && user.is_first(layers) {
                    wrong.extend(hostile.explored(user, layers));
                }
            }
        }
        wrong
    }
}

impl Hostile {
    /// The checks that it is graded with.
    fn checks(&self) -> Vec<&str> {
        if !self.expected.checks.is_empty() {
            return self.expected.checks.iter().map(String::as_str).collect();
        }
        let mut exercises = CHECKS.iter();
        let (_, checks) = exercises.find(|(name, _)| *name == self.exercise).unwrap();
        checks.to_vec()
    }

    /// What is wrong with what exploring it prints.
    fn explored(&self, user: &User, layers: &str) -> Vec<String> {
        let path = self.copy.to_str().unwrap();
        let mut wrong = Vec::new();
        for format in ["text", "json"] {
            let args = ["explore", path, "--format", format];
            let (report, words) = user.grader(layers, &args);
            for (kind, text) in [(format, &report), ("error", &words)] {
                wrong.extend(unsound(&format!("exploring {}", self.name), kind, text));
            }
        }
        wrong
    }

    fn complaints(&self, verdict: &Verdict) -> Vec<String> {
        let Hostile { name, expected, .. } = self;
        let messages = || {
            let findings = findings(verdict).map(|finding| &finding.message);
            findings.chain([&verdict.message])
        };
        let of_kind = |check: &Check| {
            let finding = check.finding.as_ref();
            finding.is_none_or(|finding| expected.kinds.contains(&finding.kind))
        };
        let is_graded = verdict.outcome == Outcome::Graded;
        let right = verdict.outcome == expected.outcome
            && verdict.score == 0
            && verdict.checks.iter().all(of_kind)
            && is_graded == findings(verdict).next().is_some()
            && messages().any(|message| message.contains(&expected.says));
        match right {
            true => Vec::new(),
            false => vec![format!(
                "{name}, which {}, must end as {:?} of {:?} that says `{}`, and got {}",
                expected.does,
                expected.outcome,
                expected.kinds,
                expected.says,
                told(verdict)
            )],
        }
    }
}

fn findings(verdict: &Verdict) -> impl Iterator<Item = &verdict::Finding> {
    let found = |check: &'_ Check| check.finding.is_some();
    let checks = verdict.checks.iter().filter(move |check| found(check));
    checks.filter_map(|check| check.finding.as_ref())
}

fn is_full(verdict: &Verdict) -> bool {
    verdict.outcome == Outcome::Graded && verdict.score == verdict.max_score
}

/// A verdict in a few words.
fn told(verdict: &Verdict) -> String {
    let mut text = format!(
        "{:?} {}/{}: {}",
        verdict.outcome, verdict.score, verdict.max_score, verdict.message
    );
    for check in &verdict.checks {
        match &check.finding {
            Some(finding) => text.push_str(&format!(
                "\n    {} {:?}: {}",
                check.id, finding.kind, finding.message
            )),
            None => text.push_str(&format!("\n    {} {:?}", check.id, check.outcome)),
        }
    }
    text
}

/// What is wrong with a report, whatever it tells of: it has the secret, or
/// what would reach the terminal as more than text. A document for programs
/// may hold what turns text around.
fn unsound(exercise: &str, kind: &str, report: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    if report.contains(SECRET) {
        wrong.push(format!("the {kind} report of {exercise} tells the secret"));
    }
    let turns = |c: char| kind != "json" && ('\u{202a}'..='\u{202e}').contains(&c);
    let odd = |c: char| (c.is_control() && c != '\n') || turns(c);
    if let Some(line) = report.lines().find(|line| line.contains(odd)) {
        let line: String = line.chars().take(300).collect();
        wrong.push(format!(
            "the {kind} report of {exercise} has a control character: {line:?}"
        ));
    }
    wrong
}

fn parsed<T: serde::de::DeserializeOwned>(file: &Path) -> T {
    let text = std::fs::read_to_string(file);
    let text = text.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// A copy of a crate, its entry's text changed. Links stay links, and lead where
/// they led.
fn copied(from: &Path, to: &Path, change: impl Fn(String) -> String) {
    for entry in WalkDir::new(from).sort_by_file_name() {
        let entry = entry.unwrap();
        let path = entry.path();
        let place = to.join(path.strip_prefix(from).unwrap());
        if entry.path_is_symlink() {
            let target = path.parent().unwrap().join(path.read_link().unwrap());
            std::os::unix::fs::symlink(target, place).unwrap();
        } else if entry.file_type().is_dir() {
            if path.ends_with("target") {
                continue;
            }
            std::fs::create_dir_all(place).unwrap();
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(path).unwrap();
            std::fs::write(place, change(text)).unwrap();
        } else if path.ends_with("Cargo.toml") {
            std::fs::copy(path, place).unwrap();
        }
    }
}
