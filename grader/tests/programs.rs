//! A library that has a program, too: checks that start it, beside those that
//! call the library.

mod tiny;

use predicates::prelude::*;
use predicates::str::contains;
use serde_json::{Value, json};
use tiny::{RIGHT, TWO_STEPS, Tiny};

const PROGRAM: &str = "\
use counter::Counter;

fn main() {
    let counter = Counter::new();
    for _ in std::env::args().skip(1) {
        println!(\"{}\", counter.add());
    }
    for line in std::fs::read_to_string(\"in/list\").unwrap_or_default().lines() {
        std::fs::write(format!(\"in/{line}\"), counter.add().to_string()).unwrap();
    }
}
";

/// The course of a counter whose program counts its arguments.
fn course() -> Tiny {
    let tiny = Tiny::new();
    let change = |path: &str, change: &dyn Fn(&str) -> String| {
        let path = format!("course/{path}");
        let before = std::fs::read_to_string(tiny.path(&path)).expect("the file is there");
        let after = change(&before);
        assert_ne!(after, before, "{path}");
        tiny.write(&path, after);
    };
    let append = |path: &str, text: &str| change(path, &|before| before.to_owned() + text);
    let replace = |path: &str, from: &str, to: &str| {
        change(path, &|before| before.replacen(from, to, 1));
    };
    append(
        "exercises/counter/README.md",
        "- **P1** The program counts its arguments.\n",
    );
    append(
        "checks/counter/rubric.toml",
        r#"
            [[check]]
            id = "program"
            title = "The program counts its arguments"
            points = 1
            holds = ["P1"]
            starts = "program"
            [[check.scenario]]
            name = "three"
            rule = "printed"
            args = ["a", "b", "c"]
            [[check.scenario]]
            name = "files"
            rule = "left"
            given = [{ path = "in/list", text = "two\nlines\n" }, { path = "empty" }]
            files = true
        "#,
    );
    tiny.write("course/solutions/counter/src/main.rs", PROGRAM);
    replace(
        "exercises/counter/exercise.toml",
        "points = 4",
        "points = 5",
    );
    replace(
        "checks/counter/judge.rs",
        "        let threads = question",
        r##"        if question.rule == "printed" {
            return Ok(Box::new(|execution: &Execution| {
                judge::exited(execution)?;
                match judge::output(execution, judge::Stream::Stdout).as_str() {
                    "1\n2\n3\n" => Ok(()),
                    other => Err(Fault::new(FindingKind::WrongOutput, format!("{other:?}"))),
                }
            }));
        }
        if question.rule == "left" {
            return Ok(Box::new(|execution: &Execution| {
                let files: Vec<String> = judge::marks(execution, judge::placeholder::FILE)
                    .into_iter()
                    .map(|(_, value)| value.to_string())
                    .collect();
                match files.join(" ").as_str() {
                    r#"["empty", ""] ["in/lines", "2"] ["in/list", "two\nlines\n"] ["in/two", "1"]"# => Ok(()),
                    other => Err(Fault::new(FindingKind::WrongFile, other.to_owned())),
                }
            }));
        }
        let threads = question"##,
    );
    tiny
}

/// A submission's verdict, where its program is this (or there is none).
fn verdict(library: &str, program: Option<&str>) -> Value {
    let tiny = course();
    let folder = tiny.submit("ann", library);
    if let Some(program) = program {
        tiny.write("class/ann/src/main.rs", program);
    }
    tiny.verdict(&folder)
}

/// The last check, which starts the program.
fn check(verdict: &Value) -> &Value {
    &verdict["checks"][4]
}

#[test]
fn a_library_and_its_program_are_both_graded() {
    let right = verdict(RIGHT, Some(PROGRAM));
    assert_eq!(
        (&right["score"], &right["max_score"]),
        (&json!(5), &json!(5)),
        "{right:#}"
    );
    let wrong = verdict(RIGHT, Some(&PROGRAM.replace("skip(1)", "skip(2)")));
    assert_eq!(wrong["score"], 4, "{wrong:#}");
    let finding = &check(&wrong)["finding"];
    assert_eq!(finding["kind"], "wrong-output");
    assert_eq!(finding["contract"], "P1: The program counts its arguments.");
    assert!(!finding["timeline"].as_array().unwrap().is_empty());
    // A fault of the library is one of the program only where it shows there.
    let library = verdict(&RIGHT.replace(TWO_STEPS.0, TWO_STEPS.1), Some(PROGRAM));
    assert_eq!(library["score"], 3, "{library:#}");
}

#[test]
fn a_library_without_a_program_loses_what_the_program_is_worth() {
    for (program, why) in [
        (None, "there is no program to start: write src/main.rs"),
        (
            Some("fn main() { counter::nothing() }"),
            "there is no program to start: it does not compile\nerror[E0425]: cannot find function",
        ),
    ] {
        let verdict = verdict(RIGHT, program);
        assert_eq!(
            (&verdict["outcome"], &verdict["score"]),
            (&json!("graded"), &json!(4)),
            "{verdict:#}"
        );
        let finding = &check(&verdict)["finding"];
        assert_eq!(finding["kind"], "no-program");
        let message = finding["message"].as_str().unwrap();
        assert!(message.starts_with(why), "{message}");
    }
}

#[test]
fn what_is_refused_in_a_library_is_refused_in_its_program() {
    let program = "fn main() { unsafe {} }";
    let verdict = verdict(RIGHT, Some(program));
    assert_eq!(verdict["outcome"], "refused", "{verdict:#}");
}

#[test]
fn a_schedule_of_the_program_replays_and_a_missing_one_is_told() {
    let tiny = course();
    let folder = tiny.submit("ann", RIGHT);
    let replay = || {
        let mut grader = tiny.grader("replay");
        grader
            .args(["--exercise", "counter", "--check", "program"])
            .args(["--schedule", "three@a"])
            .arg(&folder)
            .assert()
    };
    replay()
        .code(1)
        .stderr(contains("there is no program to start"));
    tiny.write("class/ann/src/main.rs", PROGRAM);
    replay()
        .success()
        .stdout(contains("this schedule keeps the contract").and(contains("src/main.rs:6:9")));
}
