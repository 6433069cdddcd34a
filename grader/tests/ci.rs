//! Pull requests: what they touch is graded, and nothing of them speaks to the
//! runner.

#![allow(
    clippy::unwrap_used,
    reason = "what these functions of the tests cannot do is a failure of the test"
)]

mod tiny;

use std::path::Path;
use std::process::Command;

use predicates::prelude::*;
use predicates::str::contains;
use tiny::{RIGHT, TWO_STEPS, Tiny};

/// A student's repository beside the course, and what a runner gives to a step.
struct Pull {
    tiny: Tiny,
}

const MANIFEST: &str = "[package]\nname = \"counter\"\n";
/// A name that means something to every reader of it.
const NAME: &str = "a,b:c%0A`<b>";

impl Pull {
    /// A repository with two crates on `main`, and on `work`, which is checked out,
    /// another commit that changes one of them.
    fn new(changed: &str) -> Pull {
        let pull = Pull { tiny: Tiny::new() };
        pull.git(&["init", "--quiet", "--initial-branch", "main", "."]);
        for folder in [NAME, "same"] {
            pull.write(&format!("{folder}/Cargo.toml"), MANIFEST);
            pull.write(&format!("{folder}/src/lib.rs"), RIGHT);
        }
        pull.commit("base");
        pull.git(&["switch", "--quiet", "--create", "work"]);
        pull.write(&format!("{NAME}/src/lib.rs"), changed);
        pull.commit("change");
        pull
    }

    fn write(&self, path: &str, text: &str) {
        self.tiny.write(&format!("repository/{path}"), text);
    }

    fn commit(&self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
    }

    fn git(&self, args: &[&str]) {
        git(&self.tiny.path("repository"), args);
    }

    /// `grader ci` in the repository, outside of any runner.
    fn ci(&self, args: &[&str]) -> assert_cmd::Command {
        self.ci_in("repository", args)
    }

    fn ci_in(&self, folder: &str, args: &[&str]) -> assert_cmd::Command {
        let mut grader = self.tiny.grader("ci");
        grader.args(args).current_dir(self.tiny.path(folder));
        for variable in ["ACTIONS", "BASE_REF", "STEP_SUMMARY", "OUTPUT"] {
            grader.env_remove(format!("GITHUB_{variable}"));
        }
        grader
    }

    fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.tiny.path(path)).unwrap()
    }
}

fn git(folder: &Path, args: &[&str]) {
    std::fs::create_dir_all(folder).unwrap();
    let output = Command::new("git")
        .args(["-c", "user.name=ann", "-c", "user.email=ann@example.org"])
        .args([
            "-c",
            "protocol.file.allow=always",
            "-c",
            "commit.gpgsign=false",
        ])
        .args(args)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {args:?}: {said}");
}

/// What would be commands, markup and more.
const FORGED: &str = "\\n::error file=x::forged\\n::stop-commands::forged\\n##[error]forged\\n\
    </failure><img src=x>```\\n\\x1b[31m%0Aforged\\u{202e}\\0";

#[test]
fn what_a_pull_request_touches_is_graded_and_cannot_speak_to_the_runner() {
    let panics = RIGHT.replace(TWO_STEPS.0, &format!("panic!(\"{FORGED}\")"));
    let pull = Pull::new(&panics);
    pull.write("broken/Cargo.toml", MANIFEST);
    pull.write(
        "broken/src/lib.rs",
        &format!("\ncompile_error!(\"{FORGED}\");"),
    );
    let summary = pull.tiny.path("summary.md");
    let mut grader = pull.ci(&["--junit", "../junit.xml", "--json", "../verdicts.json"]);
    grader
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_BASE_REF", "main")
        .env("GITHUB_STEP_SUMMARY", &summary)
        .env("GITHUB_OUTPUT", pull.tiny.path("output"));
    let output = grader.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");

    // Everything that comes of the submission stands where no command is heard.
    let (first, rest) = said.split_once('\n').unwrap();
    let token = first.strip_prefix("::stop-commands::").unwrap();
    assert!(token.len() == 32 && !rest.starts_with("::"), "{said}");
    let (unheard, heard) = rest.split_once(&format!("\n::{token}::\n")).unwrap();
    assert!(
        unheard.contains("forged") && unheard.contains("1/4 points"),
        "{said}"
    );
    assert!(
        !unheard.contains(token) && !said.contains(['\x1b', '\0']),
        "{said}"
    );
    let commands: Vec<&str> = heard.lines().collect();
    let places = [
        "::error file=a%2Cb%3Ac%250A`<b>/src/lib.rs,line=13,col=16,title=counter%3A One thread counts::wrong result: ",
        "::error file=broken/src/lib.rs,line=2,col=1,title=counter%3A does not compile::error: ",
    ];
    assert!(
        places
            .iter()
            .zip(&commands)
            .all(|(place, line)| line.starts_with(place)),
        "{heard}"
    );
    let kinds = ["::error ", "::notice "];
    assert!(
        commands
            .iter()
            .all(|line| kinds.iter().any(|kind| line.starts_with(kind)))
    );
    let points = "::notice title=counter::1 of 4 points; at least 4 are asked for";
    assert_eq!(commands.last(), Some(&points));

    let markdown = pull.read("summary.md");
    assert!(
        markdown.starts_with("## Lockstep: 1 of 8 points\n"),
        "{markdown}"
    );
    assert!(markdown.contains("| counter | ❌ 3 checks failed | 1/4 | 4 |"));
    assert_eq!(pull.read("output"), "score=1\nmax-score=8\nexercises=2\n");
    junit_is_as_jenkins_wants_it(&pull.read("junit.xml"));
    let document: verdict::Verdicts = serde_json::from_str(&pull.read("verdicts.json")).unwrap();
    assert_eq!(document.schema, verdict::SCHEMA);
    let submissions = document
        .verdicts
        .iter()
        .map(|verdict| verdict.submission.as_str());
    assert_eq!(submissions.collect::<Vec<_>>(), [NAME, "broken"]);
    pull.git(&["clean", "--quiet", "--force", "-d", "broken"]);

    // Another time the token is another, the summary is added to, and less is
    // asked for.
    let mut again = pull.ci(&["--base", "main", "--min-score", "25%"]);
    again
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_STEP_SUMMARY", &summary);
    let another = predicate::function(|said: &str| !said.contains(token));
    again
        .assert()
        .code(0)
        .stdout(another.and(contains("\n::warning file=")));
    assert_eq!(pull.read("summary.md").matches("## Lockstep").count(), 2);

    // At a terminal it is the report that `grade` prints.
    let plain = pull
        .ci(&["--base", "main", "--min-score", "2"])
        .assert()
        .code(1);
    plain.stdout(predicates::str::starts_with("counter  ").and(contains("  1/4 points\n")));
    // A folder of the repository, by a name of the course's.
    let inner = pull.ci(&["same", "--base", "main"]).assert().code(0);
    inner.stdout(contains(
        "no exercise has changed since this left main: nothing to grade",
    ));
    // Without a base everything counts.
    let all = pull.ci(&[]).assert().code(1);
    all.stdout(contains("2 submissions, 1 with full marks"));
}

#[test]
fn only_what_is_graded_is_touched_and_what_is_gone_is_told() {
    let pull = Pull::new(RIGHT);
    pull.write("same/README.md", "mine");
    let nothing = pull.ci(&[
        "--base",
        "main",
        "--junit",
        "../junit.xml",
        "--json",
        "../verdicts.json",
    ]);
    let nothing = { nothing }.assert().code(0);
    nothing.stdout(contains(
        "no exercise has changed since this left main: nothing to grade\n",
    ));
    junit_is_as_jenkins_wants_it(&pull.read("junit.xml"));
    assert!(pull.read("verdicts.json").contains("\"verdicts\": []"));

    // What is not committed yet counts, too.
    std::fs::remove_dir_all(pull.tiny.path(&format!("repository/{NAME}/src"))).unwrap();
    pull.write("same/src/more.rs", "");
    let summary = pull.tiny.path("summary.md");
    let mut touched = pull.ci(&["--base", "main"]);
    touched.env("GITHUB_STEP_SUMMARY", summary);
    let gone = format!("{NAME}/src is not there any more\n");
    touched
        .assert()
        .code(0)
        .stdout(contains(gone).and(contains("counter  same\n")));
    assert!(
        pull.read("summary.md")
            .contains("src is not there any more")
    );
}

#[test]
fn what_git_cannot_tell_is_said_in_a_sentence() {
    let pull = Pull::new(RIGHT);
    let nowhere = pull.ci(&["--base", "nowhere"]).assert().code(2);
    nowhere.stderr(contains("git knows no `nowhere` here").and(contains("fetch-depth: 0")));
    pull.ci(&["--base", "--all"]).assert().code(2);
    pull.ci(&["--base=-x"])
        .assert()
        .code(2)
        .stderr(contains("git knows no `-x`"));
    let no_git = pull
        .ci(&["--base", "main"])
        .env("PATH", "")
        .assert()
        .code(3);
    no_git.stderr(contains(
        "cannot tell what has changed without git; install it",
    ));
    let outside = pull.ci_in("course", &["--base", "main"]).assert().code(2);
    outside.stderr(contains("git knows no repository at"));
    pull.ci(&["elsewhere"])
        .assert()
        .code(2)
        .stderr(contains("there is no folder elsewhere"));
    // A workflow with a wrong path must not be content for ever.
    std::fs::create_dir(pull.tiny.path("repository/docs")).unwrap();
    pull.ci(&["docs"])
        .assert()
        .code(2)
        .stderr(contains("no crate in docs is for an exercise"));
    pull.ci(&["--junit", "none/x.xml"])
        .assert()
        .code(2)
        .stderr(contains("there is no folder none for none/x.xml"));

    // What a checkout has that fetches the last commits only.
    let url = format!("file://{}", pull.tiny.path("repository").display());
    let clone = [
        "clone",
        "--quiet",
        "--depth",
        "1",
        "--no-single-branch",
        "--branch",
        "work",
    ];
    git(
        &pull.tiny.path("clones"),
        &[&clone[..], &[&url, "shallow"]].concat(),
    );
    let mut shallow = pull.ci_in("clones/shallow", &[]);
    shallow
        .env("GITHUB_BASE_REF", "main")
        .env("GITHUB_ACTIONS", "true");
    let why = "the history that was fetched is too short to tell where it left `main`; fetch all of it \
         (in a workflow: `fetch-depth: 0`";
    let told = format!("::\n::error title=the grader could not grade::{why}");
    shallow
        .assert()
        .code(2)
        .stdout(contains(format!("error: {why}")).and(contains(told)));
    // A branch that was only fetched is known by its name.
    git(
        &pull.tiny.path("clones"),
        &["clone", "--quiet", "--branch", "work", &url, "whole"],
    );
    let whole = pull
        .ci_in("clones/whole", &["--base", "main"])
        .assert()
        .code(0);
    whole.stdout(contains("no exercise has changed since this left main"));

    // Two histories.
    pull.git(&["switch", "--quiet", "--orphan", "other"]);
    pull.git(&["commit", "--quiet", "--allow-empty", "--message", "other"]);
    let apart = pull.ci(&["--base", "main"]).assert().code(2);
    apart.stderr(contains("HEAD and `main` have no commit in common"));
}

type Names = &'static [&'static str];

/// What `junit-10.xsd` of Jenkins's xUnit plugin asks for, element by element: the
/// attributes that there must be, those that there may be, and what may be inside
/// (`#` for text).
const JENKINS: &[(&str, Names, Names, Names)] = &[
    (
        "testsuites",
        &[],
        &["name", "time", "tests", "failures", "errors"],
        &["testsuite"],
    ),
    (
        "testsuite",
        &["name", "tests", "failures", "errors"],
        &[
            "group",
            "time",
            "skipped",
            "timestamp",
            "hostname",
            "id",
            "package",
            "file",
            "log",
            "url",
        ],
        &[
            "testsuite",
            "properties",
            "testcase",
            "system-out",
            "system-err",
        ],
    ),
    ("properties", &[], &[], &["property"]),
    ("property", &["name", "value"], &[], &[]),
    (
        "testcase",
        &["name"],
        &["time", "classname", "group"],
        &["skipped", "error", "failure", "system-out", "system-err"],
    ),
    ("skipped", &[], &["type", "message"], &["#"]),
    ("error", &[], &["type", "message"], &["#"]),
    ("failure", &[], &["type", "message"], &["#"]),
    ("system-out", &[], &[], &["#"]),
    ("system-err", &[], &[], &["#"]),
];

fn junit_is_as_jenkins_wants_it(text: &str) {
    let document = roxmltree::Document::parse(text).unwrap();
    assert_eq!(document.root_element().tag_name().name(), "testsuites");
    for node in document.descendants().filter(|node| node.is_element()) {
        let name = node.tag_name().name();
        let rule = JENKINS.iter().find(|(known, ..)| *known == name);
        let (_, required, optional, inside) = rule.unwrap_or_else(|| panic!("<{name}> in {text}"));
        for attribute in *required {
            assert!(
                node.has_attribute(*attribute),
                "<{name}> without {attribute}: {text}"
            );
        }
        for attribute in node.attributes().map(|attribute| attribute.name()) {
            let known = required.contains(&attribute) || optional.contains(&attribute);
            assert!(known, "<{name} {attribute}> in {text}");
        }
        for child in node.children() {
            let kind = if child.is_element() {
                child.tag_name().name()
            } else {
                "#"
            };
            let blank = child.text().is_some_and(|text| text.trim().is_empty());
            let known = inside.contains(&kind) || kind == "#" && blank;
            assert!(known, "{kind} in <{name}>: {text}");
        }
    }
    // The numbers are those of what is there.
    let count = |kind: &str| {
        document
            .descendants()
            .filter(|node| node.has_tag_name(kind))
            .count()
    };
    let root = document.root_element();
    for (attribute, kind) in [
        ("tests", "testcase"),
        ("failures", "failure"),
        ("errors", "error"),
    ] {
        assert_eq!(
            root.attribute(attribute),
            Some(count(kind).to_string().as_str()),
            "{text}"
        );
    }
}
