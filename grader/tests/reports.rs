//! What a person reads of a grading, and how they see it again.

mod tiny;

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::{contains, is_empty};
use tiny::{RIGHT, TWO_STEPS, Tiny};

fn wrong() -> String {
    RIGHT.replace(TWO_STEPS.0, TWO_STEPS.1)
}

/// The grader as a user starts it, not Cargo.
fn grade(tiny: &Tiny) -> Command {
    let mut grader = tiny.grader("grade");
    grader.args(["--exercise", "counter"]);
    grader.env_remove("CARGO").env_remove("CARGO_PKG_NAME");
    grader
}

#[test]
fn what_was_graded_before_is_told_in_the_same_words() {
    let tiny = Tiny::new();
    tiny.submit("a-right", RIGHT);
    tiny.submit("b-wrong", wrong());
    tiny.submit("c-does-not-compile", "pub struct Counter");
    tiny.submit("d-refused", "pub fn f() { unsafe\n{} }");
    tiny.submit("e-not-utf-8", b"\xff");
    let text = || {
        let output = grade(&tiny).arg(tiny.path("class")).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stdout).unwrap()
    };
    let fresh = text();
    assert!(fresh.contains("  does not compile\n") && fresh.contains("  refused\n"));
    assert!(!fresh.contains("not run"), "{fresh}");
    assert_eq!(fresh, text());
}

#[test]
fn a_reader_that_goes_away_does_not_change_the_exit_code() {
    let tiny = Tiny::new();
    let submission = tiny.submit("wrong", wrong());
    for format in ["text", "json", "html"] {
        let program = assert_cmd::cargo::cargo_bin!("grader");
        let mut child = std::process::Command::new(program)
            .args(["grade", "--exercise", "counter", "--format", format])
            .arg("--course")
            .arg(tiny.path("course"))
            .arg(&submission)
            .env("LOCKSTEP_CACHE", tiny.path("cache"))
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{format}");
    }
}

#[test]
fn a_finding_tells_the_command_that_was_typed() {
    let tiny = Tiny::new();
    let submission = tiny.submit("wrong", wrong());
    let program = assert_cmd::cargo::cargo_bin!("grader")
        .display()
        .to_string();
    let of = |grader: &str| contains(format!("  again: {grader} replay {}", submission.display()));
    grade(&tiny).arg(&submission).assert().stdout(of(&program));
    let mut by_cargo = grade(&tiny);
    by_cargo
        .env("CARGO", "cargo")
        .env("CARGO_PKG_NAME", "grader");
    by_cargo
        .arg(&submission)
        .assert()
        .stdout(of("cargo grader"));
}

#[test]
fn a_schedule_that_cannot_be_replayed_is_a_wrong_command_line() {
    let tiny = Tiny::new();
    let submission = tiny.submit("wrong", wrong());
    let replay = |schedule: &str| {
        let mut grader = tiny.grader("replay");
        grader.args(["--exercise", "counter", "--check", "counts-two"]);
        grader.args(["--schedule", schedule]);
        grader.arg(&submission).assert()
    };
    for (schedule, expected) in [
        ("two", "is no schedule"),
        ("two@0,1,0", "`0,1,0` is not a schedule"),
        ("two@", "`` is not a schedule"),
        ("two@a1.1h", "is not a schedule"),
        ("two@a500.1", "does not belong to this program"),
        ("two@a0.60", "does not belong to this program"),
    ] {
        let sentence = contains(expected).and(predicate::function(|said: &str| {
            said.trim_end().lines().count() == 1
        }));
        replay(schedule).code(2).stdout(is_empty()).stderr(sentence);
    }
    replay("two@a").code(0);
}

#[test]
fn the_schedule_of_the_help_text_is_one() {
    let tiny = Tiny::new();
    let submission = tiny.submit("right", RIGHT);
    let help = tiny.grader("replay").arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let schedule = help.split("--schedule two-deposits@").nth(1).unwrap();
    let schedule = schedule.split_whitespace().next().unwrap();
    // It is understood, and belongs to another program.
    let mut grader = tiny.grader("replay");
    grader.args(["--exercise", "counter", "--check", "counts-one"]);
    grader.args(["--schedule", &format!("one@{schedule}")]);
    grader
        .arg(&submission)
        .assert()
        .code(2)
        .stderr(contains("does not belong to this program"));
}

#[test]
fn nothing_of_a_submission_moves_the_cursor() {
    let tiny = Tiny::new();
    let panics = RIGHT.replace(TWO_STEPS.0, "panic!(\"\\x1b[2J\\u{202e}gone\\x07\")");
    let compiler = format!("{RIGHT}compile_error!(\"\\x1b[2J\\u{{202e}}gone\\x07\");\n");
    tiny.submit("panics", panics);
    tiny.submit("compiler", compiler);
    let output = grade(&tiny).arg(tiny.path("class")).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let odd = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    assert!(!text.contains(odd), "{text:?}");
    assert!(text.contains("gone"), "{text}");
}

#[test]
fn a_page_has_everything_in_it_and_no_markup_of_a_submission() {
    let tiny = Tiny::new();
    let markup = "<img src='x' onerror='alert(1)'>";
    let panics = RIGHT.replace(TWO_STEPS.0, &format!("panic!(\"{markup}</script>\")"));
    let named = tiny.submit(markup, panics);
    let page = |path: &std::path::Path, code: i32| {
        let mut grader = grade(&tiny);
        let output = grader
            .arg(path)
            .args(["--format", "html"])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(code));
        String::from_utf8(output.stdout).unwrap()
    };
    let one = page(&named, 1);
    assert!(
        one.starts_with("<!DOCTYPE html>") && one.ends_with("</html>\n"),
        "{one}"
    );
    // The finding, the timeline, the source and the command.
    let source = "<code><span class=\"line\" id=\"s0-f0-l1\" data-n=\"1\">";
    for text in ["panic", "<svg class=\"body\"", source, "--check counts-two"] {
        assert!(one.contains(text), "there is no {text} in {one}");
    }
    let right = tiny.submit("right", RIGHT);
    let best = page(&right, 0);
    assert!(best.contains("<strong>4</strong> of 4 points"), "{best}");
    let all = page(&tiny.path("class"), 1);
    assert!(all.contains("<h1>2 submissions</h1>") && all.contains("href=\"#s1\""));
    for page in [one, all] {
        assert!(!page.contains("<img"), "{page}");
        assert_eq!(page.matches("</script>").count(), 1);
    }
}
