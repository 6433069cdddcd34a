//! A course that lives elsewhere is graded by the same binary.

mod tiny;

use std::io::Write as _;

use predicates::prelude::*;
use predicates::str::contains;
use serde_json::json;
use tiny::{RIGHT, TWO_STEPS, Tiny};

fn wrong() -> String {
    RIGHT.replace(TWO_STEPS.0, TWO_STEPS.1)
}

#[test]
fn a_right_submission_gets_full_marks() {
    let tiny = Tiny::new();
    let verdict = tiny.verdict(&tiny.submit("right", RIGHT));
    assert_eq!(verdict["outcome"], "graded", "{verdict:#}");
    assert_eq!(
        (&verdict["score"], &verdict["max_score"]),
        (&json!(4), &json!(4)),
        "{verdict:#}"
    );
    let checks = verdict["checks"].as_array().unwrap();
    assert_eq!(checks[0]["visibility"], "visible");
    assert_eq!(checks[1]["visibility"], "hidden");
    assert!(
        checks[2]["coverage"]
            .as_str()
            .unwrap()
            .starts_with("holds in "),
        "{verdict:#}"
    );
}

#[test]
fn a_wrong_submission_fails_with_a_schedule_that_replays() {
    let tiny = Tiny::new();
    let submission = tiny.submit("wrong", wrong());
    let verdict = tiny.verdict(&submission);
    assert_eq!(
        (&verdict["outcome"], &verdict["score"]),
        (&json!("graded"), &json!(2)),
        "{verdict:#}"
    );
    let [two, differs] = [&verdict["checks"][2], &verdict["checks"][3]];
    assert_eq!(two["finding"]["kind"], "wrong-result");
    assert_eq!(
        two["finding"]["message"],
        "2 threads have added, and get gives [1]"
    );
    assert_eq!(
        two["finding"]["contract"],
        "C2: `add` adds one and gives what the counter stands at then, whatever other threads do."
    );
    assert_eq!(differs["finding"]["kind"], "not-linearizable");
    let timeline = two["finding"]["timeline"].as_array().unwrap();
    let tells = |action: &str| {
        timeline
            .iter()
            .any(|row| row["action"].as_str().unwrap().starts_with(action))
    };
    assert!(tells("calls add()") && tells("returns 1"), "{timeline:#?}");
    assert!(
        timeline
            .iter()
            .any(|row| row["place"]["file"] == "src/lib.rs"),
        "{timeline:#?}"
    );

    let schedule = two["finding"]["schedule"].as_str().unwrap();
    let replay = |schedule: &str, check: &str| {
        let mut grader = tiny.grader("replay");
        grader.args([
            "--exercise",
            "counter",
            "--check",
            check,
            "--schedule",
            schedule,
        ]);
        grader.arg(&submission).assert()
    };
    replay(schedule, "counts-two").code(1).stdout(
        contains("calls add()")
            .and(contains("get gives [1]"))
            .and(contains("C2: `add` adds one")),
    );
    replay("two", "counts-two")
        .code(2)
        .stderr(contains("is no schedule"));
    replay("six@a", "counts-two")
        .code(2)
        .stderr(contains("no scenario `six`"));
    replay(schedule, "counts-six").code(2).stderr(contains(
        "no check `counts-six`; its checks are starts-at-zero",
    ));
}

#[test]
fn the_checks_that_are_named_are_run_and_no_others() {
    let tiny = Tiny::new();
    let submission = tiny.submit("wrong", wrong());
    let ran = |checks: &[&str]| {
        let mut grader = tiny.grader("grade");
        grader.args(["--exercise", "counter", "--format", "json"]);
        for check in checks {
            grader.args(["--check", check]);
        }
        let output = grader.arg(&submission).output().unwrap();
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let checks = document["verdicts"][0]["checks"].as_array().unwrap();
        checks
            .iter()
            .filter(|check| check["outcome"] != "not-run")
            .map(|check| check["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(ran(&["counts-two"]), ["counts-two"]);
    // In the order of the rubric, whatever that of the command line.
    let two = ran(&["counts-two", "starts-at-zero"]);
    assert_eq!(two, ["starts-at-zero", "counts-two"]);
}

#[test]
fn the_same_sources_get_the_same_document_every_time() {
    let tiny = Tiny::new();
    tiny.submit("a-wrong", wrong());
    tiny.submit("b-right", RIGHT);
    let grade = |more: &[&str]| {
        let mut grader = tiny.grader("grade");
        grader
            .args(["--exercise", "counter", "--format", "json"])
            .args(more)
            .arg(tiny.path("class"));
        let output = grader.output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stdout).unwrap()
    };
    let first = grade(&["--no-cache", "--jobs", "1"]);
    for more in [["--no-cache", "--jobs", "2"], ["--no-cache", "--jobs", "4"]] {
        assert_eq!(grade(&more), first);
    }
    assert!(
        !tiny.path("cache").exists(),
        "--no-cache leaves the cache alone"
    );
    assert_eq!(grade(&[]), first);
    assert_eq!(std::fs::read_dir(tiny.path("cache")).unwrap().count(), 2);
    assert_eq!(grade(&[]), first, "a verdict that was kept is the same");
}

#[test]
fn a_submission_that_may_not_be_graded_is_refused_with_a_reason() {
    let tiny = Tiny::new();
    let before = RIGHT;
    let table: [(&str, Vec<u8>, &str); 7] = [
        (
            "unsafe",
            format!("{before}pub fn f() {{ unsafe\n{{}} }}\n").into(),
            "unsafe code is not allowed",
        ),
        (
            "allowed",
            format!("#![allow(unsafe_code)]\n{before}").into(),
            "unsafe code is not allowed",
        ),
        (
            "extern",
            format!("{before}unsafe extern \"C\" {{ safe fn abort(); }}\n").into(),
            "unsafe code",
        ),
        (
            "reads",
            format!("{before}pub const X: &str = include_str!(\"/etc/hostname\");\n").into(),
            "reads the file",
        ),
        (
            "env",
            format!("{before}pub const X: Option<&str> = option_env!(\"HOME\");\n").into(),
            "`HOME`",
        ),
        ("utf8", b"\xff\xfe".to_vec(), "not UTF-8"),
        ("huge", vec![b'/'; 2 << 20], "larger than 1 MiB"),
    ];
    for (name, text, expected) in table {
        let verdict = tiny.verdict(&tiny.submit(name, text));
        assert_eq!(
            (&verdict["outcome"], &verdict["score"]),
            (&json!("refused"), &json!(0)),
            "{name}: {verdict:#}"
        );
        let message = verdict["message"]
            .as_str()
            .unwrap()
            .replace("read the file", "reads the file");
        assert!(message.contains(expected), "{name}: {message}");
    }
    let entry = tiny.write("class/program/src/main.rs", "fn main() {}");
    let verdict = tiny.verdict(entry.parent().unwrap());
    assert_eq!(
        (&verdict["outcome"], &verdict["max_score"]),
        (&json!("refused"), &json!(4))
    );
    assert!(
        verdict["message"]
            .as_str()
            .unwrap()
            .contains("there is no src/lib.rs")
    );
}

#[test]
fn a_submission_in_a_zip_file_is_graded_and_a_broken_one_is_told() {
    let tiny = Tiny::new();
    let pack = |name: &str, entries: &[(&str, &str)]| {
        let archive = tiny.write(name, "");
        let mut writer = zip::ZipWriter::new(std::fs::File::create(&archive).unwrap());
        for (name, text) in entries {
            let options = zip::write::SimpleFileOptions::default();
            writer.start_file(*name, options).unwrap();
            writer.write_all(text.as_bytes()).unwrap();
        }
        writer.finish().unwrap();
        archive
    };
    let manifest = "[package]\nname = \"counter\"\n";
    let entries = [
        ("mine/Cargo.toml", manifest),
        ("mine/src/lib.rs", RIGHT),
        ("mine/target/debug/counter", "built"),
    ];
    let packed = pack("handed in.zip", &entries);
    let grade = |archive: &std::path::Path| {
        let mut command = tiny.grader("grade");
        command.arg(archive).args(["--format", "json"]);
        command.assert()
    };
    let output = grade(&packed).code(0).get_output().stdout.clone();
    let document: serde_json::Value = serde_json::from_slice(&output).unwrap();
    let verdict = &document["verdicts"][0];
    assert_eq!(verdict["score"], json!(4), "{document:#}");
    let shown = packed.display().to_string();
    assert_eq!(verdict["submission"], json!(shown), "{document:#}");

    let climbs = pack("climbs.zip", &[("../src/lib.rs", RIGHT)]);
    grade(&climbs).code(2).stderr(contains(
        "climbs.zip cannot be graded: its entry ../src/lib.rs leads out of it; pack it again",
    ));
    let broken = tiny.write("broken.zip", "not at all");
    let told = grade(&broken).code(2);
    told.stderr(contains(
        "broken.zip cannot be graded: it is no whole ZIP file",
    ));

    // Of several, those that can be are graded.
    let mut command = tiny.grader("grade");
    command.args([&climbs, &packed, &broken]);
    let told = command.args(["--format", "json"]).assert().code(1);
    let document: serde_json::Value = serde_json::from_slice(&told.get_output().stdout).unwrap();
    let outcomes = document["verdicts"].as_array().unwrap().iter();
    let outcomes: Vec<_> = outcomes
        .map(|verdict| (verdict["outcome"].clone(), verdict["score"].clone()))
        .collect();
    let refused = || (json!("refused"), json!(0));
    assert_eq!(
        outcomes,
        [(json!("graded"), json!(4)), refused(), refused()],
        "{document:#}"
    );
}

#[test]
fn what_does_not_compile_is_told_in_the_words_of_the_compiler() {
    let tiny = Tiny::new();
    let table = [
        (
            "types",
            RIGHT.replace("-> Counter", "-> u8"),
            "error[E0308]: mismatched types\n --> src/lib.rs:",
        ),
        (
            "interface",
            RIGHT.replace("add(&self)", "plus(&self)"),
            "- no method named `add` found",
        ),
    ];
    for (name, text, expected) in table {
        let verdict = tiny.verdict(&tiny.submit(name, text));
        assert_eq!(
            (&verdict["outcome"], &verdict["score"]),
            (&json!("does-not-compile"), &json!(0)),
            "{verdict:#}"
        );
        let message = verdict["message"].as_str().unwrap();
        assert!(message.contains(expected), "{name}: {message}");
        let root = tiny.path("").display().to_string();
        assert!(
            !message.contains(&root),
            "the machine's paths are not shown: {message}"
        );
    }
}

#[test]
fn how_strict_authors_are_with_themselves_is_no_fault() {
    let tiny = Tiny::new();
    let text = format!("#![deny(warnings, missing_docs)]\n{RIGHT}fn unused() {{}}\n");
    assert_eq!(tiny.verdict(&tiny.submit("strict", text))["score"], 4);
}

/// [`tiny::RIGHT`], with these statements when it counts.
fn counting_with(statements: &str) -> String {
    let (one_step, _) = tiny::TWO_STEPS;
    RIGHT.replace(one_step, &format!("{statements}\n        {one_step}"))
}

#[test]
fn what_is_not_simulated_is_no_fault_and_no_score() {
    let tiny = Tiny::new();
    let text = counting_with("let _ = std::os::unix::net::UnixStream::pair();");
    let verdict = tiny.verdict(&tiny.submit("listens", text));
    assert_eq!(verdict["outcome"], "infrastructure-error", "{verdict:#}");
    let message = verdict["message"].as_str().unwrap();
    assert!(
        message.contains("the simulation does not support ")
            && message.contains("this says nothing about the submission"),
        "{message}"
    );
    let mut grader = tiny.grader("grade");
    grader.args(["--exercise", "counter"]);
    grader.arg(tiny.path("class/listens")).assert().code(3);
}

#[test]
fn who_prints_without_end_is_stopped_and_shown_how() {
    let tiny = Tiny::new();
    let text = counting_with(
        "let line = \"\\u{1}\".repeat(1000);
        for _ in 0..100_000 {
            println!(\"{line}\");
        }",
    );
    let verdict = tiny.verdict(&tiny.submit("prints", text));
    assert_eq!(verdict["outcome"], "graded", "{verdict:#}");
    let finding = &verdict["checks"][1]["finding"];
    assert_eq!(
        (&finding["kind"], &finding["message"]),
        (
            &json!("limit-exceeded"),
            &json!("the program was stopped in T1: it printed more than 8 MiB")
        )
    );
    assert!(finding["timeline"].as_array().unwrap().len() > 1);
}

#[test]
fn what_no_graded_program_may_do_is_a_finding_that_quotes_no_sentence() {
    let tiny = Tiny::new();
    let text = counting_with("let _ = std::fs::read(\"/etc/hostname\");");
    let verdict = tiny.verdict(&tiny.submit("reads", text));
    assert_eq!(verdict["outcome"], "graded", "{verdict:#}");
    let finding = &verdict["checks"][1]["finding"];
    assert_eq!(
        (&finding["kind"], &finding["contract"]),
        (&json!("unsupported"), &json!("")),
        "{verdict:#}"
    );
}

#[test]
fn a_broken_judge_is_the_graders_failure_and_no_score() {
    let tiny = Tiny::new();
    let submission = tiny.submit("right", RIGHT);
    let judge = std::fs::read_to_string(tiny.path("course/checks/counter/judge.rs")).unwrap();
    tiny.write(
        "course/checks/counter/judge.rs",
        judge.replace("\"different\" =>", "\"other\" =>"),
    );
    let verdict = tiny.verdict(&submission);
    assert_eq!(verdict["outcome"], "infrastructure-error");
    assert!(
        verdict["message"]
            .as_str()
            .unwrap()
            .contains("no rule different"),
        "{verdict:#}"
    );
    let mut grader = tiny.grader("grade");
    grader
        .args(["--exercise", "counter", "--exit-zero"])
        .arg(&submission);
    grader
        .assert()
        .code(3)
        .stdout(contains("could not be graded"));
}

#[test]
fn a_course_checks_itself() {
    let tiny = Tiny::new();
    tiny.write(
        "course/fixtures/submissions/counter/two-steps/src/lib.rs",
        wrong(),
    );
    let expected =
        "shows = 's'\noutcome = 'graded'\nscore = 2\n[failed]\n'counts-two' = 'wrong-result'\n";
    let file = "course/fixtures/submissions/counter/two-steps/expected.toml";
    tiny.write(file, format!("{expected}'differs' = 'not-linearizable'\n"));
    tiny.grader("verify").assert().success().stdout(
        contains("all in order: 3 submissions")
            .and(contains("C2  `add` adds one and gives what the counter ...     counts-one, counts-two, differs"))
            .and(contains("visible tests: tests/counter.rs (1)")),
    );
    tiny.write(file, expected);
    tiny.grader("verify")
        .assert()
        .code(1)
        .stdout(contains("`differs` should not have failed"));
    let readme =
        "## The contract\n- **C1** a\n- **C2** b\n- **C3** c\n- **C4** d\n- **C5** Nobody looks.\n";
    tiny.write("course/exercises/counter/README.md", readme);
    tiny.grader("verify")
        .assert()
        .code(1)
        .stdout(contains("no check holds C5: Nobody looks."));
}
