//! Submissions that go on for ever, or want more than they may have.

mod tiny;

use predicates::prelude::*;
use predicates::str::contains;
use serde_json::json;
use tiny::{RIGHT, TWO_STEPS, Tiny};

#[test]
fn what_runs_for_ever_twice_is_given_up_in_the_order_of_the_rubric() {
    let tiny = Tiny::new();
    let for_ever = RIGHT.replace(TWO_STEPS.0, "loop {}");
    let submission = tiny.submit("for-ever", for_ever);
    let graded = |jobs: &str, format: &str| {
        let mut grader = tiny.grader("grade");
        grader.args(["--exercise", "counter", "--no-cache"]);
        grader.args(["--jobs", jobs, "--format", format]);
        grader.arg(&submission).assert().code(1)
    };
    let document = |jobs| {
        let output = graded(jobs, "json").get_output().stdout.clone();
        serde_json::from_slice::<serde_json::Value>(&output).unwrap()
    };
    let one = document("1");
    let verdict = &one["verdicts"][0];
    let outcomes: Vec<_> = verdict["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| check["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(
        (&verdict["outcome"], &verdict["score"]),
        (&json!("graded"), &json!(1))
    );
    assert_eq!(outcomes, ["passed", "failed", "failed", "not-run"]);
    assert_eq!(verdict["checks"][1]["finding"]["kind"], "limit-exceeded");
    assert_eq!(
        verdict["message"],
        "1 of 4 checks passed; 1 was not run: the submission was given up after it had run for \
         ever twice; mend that first, and grade again"
    );
    // With four jobs the last check has begun by then, and counts as little.
    assert_eq!(document("4"), one);
}

#[test]
fn what_is_too_much_for_the_compiler_does_not_compile() {
    let tiny = Tiny::new();
    let deep = format!(
        "{RIGHT}pub const DEEP: u8 = {}1{};\n",
        "(".repeat(200_000),
        ")".repeat(200_000)
    );
    // Known only when there is code: generics are made for their types then.
    let late = format!(
        "{RIGHT}struct Size<T>(T);\nimpl<T> Size<T> {{ const SMALL: () = \
         assert!(size_of::<T>() < 2); }}\npub fn late() {{ let () = Size::<u64>::SMALL; }}\n"
    );
    let table = [
        ("deep", deep, "the compiler's stack overflowed"),
        ("late", late, "error[E0080]"),
    ];
    for (name, text, expected) in table {
        let verdict = tiny.verdict(&tiny.submit(name, text));
        assert_eq!(verdict["outcome"], "does-not-compile", "{verdict:#}");
        let message = verdict["message"].as_str().unwrap();
        assert!(message.contains(expected), "{message}");
        for path in ["/root", "/home", "/tmp", ".rustup", "target"] {
            assert!(!message.contains(path), "{message}");
        }
    }
}

#[test]
fn an_interface_that_is_not_the_contracts_is_told_without_the_scenarios() {
    let tiny = Tiny::new();
    let table = [
        (
            RIGHT.replace(
                "pub fn get(&self) -> u64",
                "pub fn get(&self, way: u8) -> u64",
            ),
            "pub fn get(&self, way: u8) -> u64 {",
        ),
        (
            RIGHT.replace("pub fn new()", "fn new()"),
            "associated function `new` is private",
        ),
        (
            "pub struct Other;\n".to_owned(),
            "- unresolved import `counter::Counter`",
        ),
    ];
    for (index, (text, expected)) in table.into_iter().enumerate() {
        let verdict = tiny.verdict(&tiny.submit(&format!("s{index}"), text));
        assert_eq!(verdict["outcome"], "does-not-compile", "{verdict:#}");
        let message = verdict["message"].as_str().unwrap();
        assert!(
            message.starts_with("the crate compiles by itself") && message.contains(expected),
            "{message}"
        );
        assert!(!message.contains("check/"), "{message}");
    }
}

#[test]
fn a_file_that_is_included_is_explained() {
    let tiny = Tiny::new();
    let text = format!("{RIGHT}pub const NAME: &str = include_str!(\"name.txt\");\n");
    let submission = tiny.submit("includes", text);
    tiny.write("class/includes/src/name.txt", "name");
    let mut grader = tiny.grader("grade");
    grader.args(["--exercise", "counter"]).arg(submission);
    let explained = contains("src/name.txt").and(contains("only `.rs` files below src are taken"));
    grader.assert().code(1).stdout(explained);
}
