//! The command line: what it understands, and how it says no.

mod tiny;

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::{contains, is_empty};
use tiny::{RIGHT, Tiny};

fn grader() -> Command {
    Command::new(assert_cmd::cargo::cargo_bin!("grader"))
}

#[test]
fn help_shows_examples_and_exit_codes() {
    grader()
        .arg("--help")
        .assert()
        .success()
        .stdout(contains("EXAMPLES:").and(contains("EXIT CODES:")));
    let verbs = [
        "grade",
        "class",
        "ci",
        "override",
        "export",
        "replay",
        "explore",
        "list",
        "verify",
        "doctor",
        "pack",
        "pack students",
        "pack gradescope",
        "man",
        "completions",
    ];
    for verb in verbs {
        grader()
            .args(verb.split(' '))
            .arg("--help")
            .assert()
            .success()
            .stdout(contains("EXAMPLES:"));
    }
}

#[test]
fn a_command_line_that_is_wrong_ends_with_2_and_one_sentence() {
    let tiny = Tiny::new();
    let submission = tiny.submit("ann", RIGHT);
    let empty = tiny.write("empty/README.md", "");
    let broken = tiny.submit("broken", RIGHT);
    tiny.write("class/broken/Cargo.toml", "[package\nname = 3");
    let sources = submission.join("src/lib.rs");
    let table = [
        (vec!["nowhere".into()], "there is no nowhere"),
        (
            vec![empty.parent().unwrap().to_owned()],
            "has no folder `src`",
        ),
        (vec![sources], "is a file; give the folder of a crate"),
        (vec![broken], "does not parse"),
        (
            vec![submission.clone()],
            "name it with --exercise (the exercises are counter)",
        ),
        (
            vec![submission.clone(), "--exercise".into(), "chess".into()],
            "there is no exercise `chess`",
        ),
        (
            vec![
                submission.clone(),
                "--exercise".into(),
                "counter".into(),
                "--check".into(),
                "x".into(),
            ],
            "has no check `x`; its checks are starts-at-zero, counts-one, counts-two, differs",
        ),
        (
            vec![submission.clone(), "--jobs".into(), "0".into()],
            "give a whole number from 1",
        ),
        (
            vec![submission, "--format".into(), "xml".into()],
            "invalid value 'xml'",
        ),
        (vec![], "required arguments were not provided"),
    ];
    for (args, expected) in table {
        let assert = tiny.grader("grade").args(&args).assert();
        assert.code(2).stdout(is_empty()).stderr(contains(expected));
    }
    grader()
        .args(["list", "--course"])
        .arg(tiny.path("class"))
        .assert()
        .code(2)
        .stderr(contains("is not a course"));
    grader().arg("praise").assert().code(2);
}

#[test]
fn a_course_is_listed_with_its_points_and_visible_checks() {
    let tiny = Tiny::new();
    let row = contains("counter   Counter  4       4       starts-at-zero");
    tiny.grader("list")
        .assert()
        .success()
        .stdout(contains("EXERCISE  TITLE").and(row));
    tiny.write(
        "course/exercises/later/README.md",
        "## The contract\n- **C1** a\n",
    );
    tiny.write(
        "course/exercises/later/exercise.toml",
        "title = 'Later'\npoints = 3\nhints = ['h']\n",
    );
    tiny.grader("list")
        .assert()
        .success()
        .stdout(contains("no checks yet"));
    let submission = tiny.submit("ann", RIGHT);
    let mut grader = tiny.grader("grade");
    grader.args(["--exercise", "later"]).arg(submission);
    grader
        .assert()
        .code(2)
        .stderr(contains("the exercise `later` has no checks yet"));
    tiny.write("course/exercises/later/exercise.toml", "titel = 'Later'\n");
    tiny.grader("list")
        .assert()
        .code(3)
        .stdout(contains("Counter"))
        .stderr(contains("titel"));
}

#[test]
fn what_the_grader_cannot_do_ends_with_3() {
    grader()
        .arg("list")
        .env("LOCKSTEP_HOME", "/nowhere")
        .assert()
        .code(3)
        .stderr(contains("set LOCKSTEP_HOME"));
}

#[test]
fn a_reader_that_goes_away_is_a_quiet_end() {
    let program = assert_cmd::cargo::cargo_bin!("grader");
    let tiny = Tiny::new();
    let mut child = std::process::Command::new(program)
        .args(["list", "--course"])
        .arg(tiny.path("course"))
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        (output.status.code(), output.stderr.as_slice()),
        (Some(0), b"".as_slice())
    );
}

#[test]
fn text_is_plain_in_a_pipe_and_json_is_one_document() {
    let tiny = Tiny::new();
    let submission = tiny.submit("ann", RIGHT);
    let grade = |format: &str| {
        let mut grader = tiny.grader("grade");
        grader
            .args(["--exercise", "counter", "--format", format])
            .arg(&submission);
        let output = grader.output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        String::from_utf8(output.stdout).unwrap()
    };
    let text = grade("text");
    assert!(!text.contains('\x1b'));
    assert!(
        text.contains("  passed   1/1  Two threads count            holds in all "),
        "{text}"
    );
    assert!(text.ends_with("  4/4 points\n"), "{text}");
    let document: verdict::Verdicts = serde_json::from_str(&grade("json")).unwrap();
    assert_eq!(document.schema, verdict::SCHEMA);
    assert_eq!(
        document.verdicts[0].submission,
        submission.display().to_string()
    );
}

#[test]
fn no_crate_keeps_the_one_beside_it_from_being_graded() {
    let tiny = Tiny::new();
    for name in ["ann", "bob", "cid"] {
        tiny.submit(name, RIGHT);
        tiny.write(
            &format!("class/{name}/Cargo.toml"),
            "[package]\nname = 'counter'\n",
        );
    }
    tiny.write("class/bob/Cargo.toml", "[package");
    let large = std::fs::File::create(tiny.path("class/cid/Cargo.toml")).unwrap();
    large.set_len(6 << 30).unwrap();
    let output = tiny
        .grader("grade")
        .args(["--check", "starts-at-zero", "--format", "json"])
        .arg(tiny.path("class"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let document: verdict::Verdicts = serde_json::from_slice(&output.stdout).unwrap();
    let told: Vec<_> = document
        .verdicts
        .iter()
        .map(|verdict| (verdict.outcome, verdict.score, verdict.message.as_str()))
        .collect();
    let [ann, bob, cid] = told.as_slice() else {
        panic!("{told:?}");
    };
    assert_eq!((ann.0, ann.1 > 0), (verdict::Outcome::Graded, true));
    for (verdict, why) in [(bob, "does not parse"), (cid, "is larger than 1 MiB")] {
        assert_eq!(verdict.0, verdict::Outcome::Refused);
        assert!(verdict.2.contains(why), "{}", verdict.2);
    }
}

#[test]
fn manuals_and_completions_know_every_command() {
    let pages = tempfile::tempdir().unwrap();
    grader().arg("man").arg(pages.path()).assert().success();
    let page = |name: &str| std::fs::read_to_string(pages.path().join(name)).unwrap();
    for name in [
        "grader.1",
        "grader-ci.1",
        "grader-pack.1",
        "grader-pack-students.1",
    ] {
        let page = page(name);
        assert!(page.contains(".SH \"EXAMPLES\"\n.nf\n"), "{name}");
        assert!(!page.contains("EXTRA"), "{name}");
    }
    assert!(page("grader-ci.1").contains("min"));
    assert!(!page("grader.1").contains("\x1b"));
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = grader().args(["completions", shell]).assert().success();
        script.stdout(contains("students").and(contains("min-score")));
    }
    // Where there is a bash, it takes the script.
    let script = grader()
        .args(["completions", "bash"])
        .output()
        .unwrap()
        .stdout;
    if let Ok(mut bash) = std::process::Command::new("bash")
        .arg("-n")
        .stdin(std::process::Stdio::piped())
        .spawn()
    {
        use std::io::Write as _;
        bash.stdin.take().unwrap().write_all(&script).unwrap();
        assert!(bash.wait().unwrap().success());
    }
}
