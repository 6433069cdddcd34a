//! What `grader explore` tells of programs in the spirit of books on Rust's
//! threads, and what its command line understands.
//!
//! The first lines of each program in `fixtures/programs/` say what exploring
//! it must find, and nothing else:
//!
//! ```text
//! //! outputs: ["a\n", "b\n"]   every standard output, a JSON array
//! //! codes: [0]                every exit code; 0 alone unless said
//! //! finding: deadlock         the kind of a finding; none unless said
//! //! complete: yes             whether every schedule is run
//! //! edition: 2021
//! //! options: --steps 500      more of the command line
//! //! real: yes                 its output on the real std is one of them
//! ```

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::{contains, is_empty};
use serde_json::{Value, json};

fn grader() -> Command {
    let mut grader = Command::new(assert_cmd::cargo::cargo_bin!("grader"));
    grader.arg("explore");
    grader
}

fn programs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/programs")
}

fn program(name: &str) -> PathBuf {
    programs().join(name).with_extension("rs")
}

/// The exit code and the document of an exploration.
fn explored(command: &mut Command) -> (i32, Value) {
    let output = command.args(["--format", "json"]).output().unwrap();
    let document = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        let said = String::from_utf8_lossy(&output.stderr);
        panic!("no document ({error}): {said}")
    });
    (output.status.code().unwrap(), document)
}

/// The value of a line at the top of a program.
fn said<'a>(source: &'a str, key: &str) -> Option<&'a str> {
    let lines = source.lines().filter_map(|line| line.strip_prefix("//! "));
    lines
        .filter_map(|line| line.split_once(": "))
        .find_map(|(found, value)| (found == key).then_some(value))
}

fn kinds(document: &Value) -> BTreeSet<&str> {
    let findings = document["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|finding| finding["kind"].as_str().unwrap())
        .collect()
}

#[test]
fn programs_from_books_do_what_their_first_lines_say() {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(programs())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    assert!(paths.len() >= 20);
    let mut wrong = String::new();
    for path in paths {
        if let Err(reason) = holds(&path) {
            wrong += &format!("{}: {reason}\n", path.display());
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Whether exploring a program tells what its first lines say.
fn holds(path: &Path) -> Result<(), String> {
    let source = std::fs::read_to_string(path).unwrap();
    let array = |key, default: &str| -> Vec<Value> {
        serde_json::from_str(said(&source, key).unwrap_or(default)).unwrap()
    };
    let edition = said(&source, "edition").unwrap();
    let options = said(&source, "options").unwrap_or_default();
    let mut command = grader();
    command.arg(path).args(["--edition", edition]);
    command.args(options.split_whitespace());
    let (code, document) = explored(&mut command);
    let same = |what: &str, expected: BTreeSet<String>, found: BTreeSet<String>| {
        let message = format!("its {what} are {found:?}, not {expected:?}");
        (expected == found).then_some(()).ok_or(message)
    };
    let texts = |values: &[Value]| values.iter().map(Value::to_string).collect();
    let found = |key: &str| {
        let outputs = document["outputs"].as_array().unwrap();
        outputs
            .iter()
            .map(|output| output[key].to_string())
            .collect()
    };
    same("outputs", texts(&array("outputs", "")), found("stdout"))?;
    if !array("outputs", "").is_empty() {
        same(
            "exit codes",
            texts(&array("codes", "[0]")),
            found("exit_code"),
        )?;
    }
    let finding = said(&source, "finding").filter(|kind| *kind != "none");
    let expected = finding.into_iter().map(str::to_owned).collect();
    let findings = kinds(&document).into_iter().map(str::to_owned).collect();
    same("findings", expected, findings)?;
    let complete = said(&source, "complete") == Some("yes");
    if document["complete"] != complete || document["outcome"] != "explored" {
        return Err(format!("complete is {}", document["complete"]));
    }
    if code != i32::from(finding.is_some()) {
        return Err(format!("its exit code is {code}"));
    }
    if said(&source, "real") == Some("yes") {
        let real = on_the_real_std(path, edition);
        if !found("stdout").is_superset(&real) {
            return Err(format!("on the real std it printed {real:?}"));
        }
    }
    Ok(())
}

/// What a program prints on the real std, in a few runs.
fn on_the_real_std(path: &Path, edition: &str) -> BTreeSet<String> {
    let folder = tempfile::tempdir().unwrap();
    let binary = folder.path().join("real");
    let mut rustc = Command::new("rustc");
    rustc.args(["--edition", edition, "--cap-lints", "allow", "-o"]);
    rustc.arg(&binary).arg(path).assert().success();
    (0..5)
        .map(|_| {
            let output = Command::new(&binary).output().unwrap();
            json!(String::from_utf8(output.stdout).unwrap()).to_string()
        })
        .collect()
}

#[test]
fn a_document_has_every_field_and_a_finding_can_be_replayed() {
    let path = program("philosophers-deadlock");
    let (code, document) = explored(grader().arg(&path));
    assert_eq!(code, 1);
    assert_eq!(document["schema"], "lockstep/exploration/v1");
    assert_eq!(document["message"], "");
    assert!(document["schedules"].as_u64().unwrap() > 1);
    let output = &document["outputs"][0];
    assert_eq!(output["stdout"], "all have eaten\n");
    assert_eq!(output["stderr"], "");
    assert_eq!(output["exit_code"], 0);
    assert!(output["schedules"].as_u64().unwrap() > 0);
    let finding = &document["findings"][0];
    assert_eq!(finding["kind"], "deadlock");
    assert!(!finding["timeline"].is_null());

    let again = |of: &Value| {
        let schedule = of["schedule"].as_str().unwrap();
        let mut grader = grader();
        grader.arg(&path).args(["--schedule", schedule]).assert()
    };
    let message = finding["message"].as_str().unwrap().split(';').next();
    let words: Vec<&str> = message.unwrap().split_whitespace().take(3).collect();
    again(finding).code(1).stdout(contains(words.join(" ")));
    again(output).code(0).stdout(contains("all have eaten"));
}

#[test]
fn arguments_and_standard_input_reach_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("echo.rs");
    let source = "fn main() { let line = std::io::stdin().lines().next(); \
                  println!(\"{:?} {:?}\", std::env::args().skip(1).collect::<Vec<_>>(), line); }";
    std::fs::write(&path, source).unwrap();
    let lines = folder.path().join("lines.txt");
    std::fs::write(&lines, "from a file\n").unwrap();
    let (code, document) = explored(
        grader()
            .arg(&path)
            .args(["--args", "one", "two", "--stdin"])
            .arg(&lines),
    );
    assert_eq!(code, 0);
    let expected = "[\"one\", \"two\"] Some(Ok(\"from a file\"))\n";
    assert_eq!(document["outputs"][0]["stdout"], expected);

    let mut piped = grader();
    piped
        .arg(&path)
        .args(["--stdin", "-"])
        .write_stdin("piped\n");
    let (_, document) = explored(&mut piped);
    assert_eq!(document["outputs"][0]["stdout"], "[] Some(Ok(\"piped\"))\n");

    let mut dashed = grader();
    dashed.arg(&path).args(["--", "-n", "3"]);
    let text = contains("[\"-n\", \"3\"] None");
    dashed.assert().code(0).stdout(text);
}

#[test]
fn a_crate_has_the_edition_of_its_manifest_and_an_option_wins() {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write(
        "Cargo.toml",
        "[package]\nname = \"old\"\nedition = \"2015\"\n",
    );
    write("src/main.rs", "mod part;\nfn main() { part::run() }");
    // A word of its own since 2018.
    write(
        "src/part.rs",
        "pub fn run() { let async = 1; println!(\"{}\", async); }",
    );
    let (code, document) = explored(grader().arg(folder.path()));
    assert_eq!(
        (code, &document["outputs"][0]["stdout"]),
        (0, &json!("1\n"))
    );
    let newer = ["--edition", "2021"];
    let (code, document) = explored(grader().arg(folder.path()).args(newer));
    assert_eq!(code, 1);
    assert_eq!(document["outcome"], "does-not-compile");
    let words = document["message"].as_str().unwrap();
    assert!(words.contains("async"), "{words}");
    let mut text = grader();
    text.arg(folder.path()).args(newer);
    text.assert().code(1).stdout(contains("does not compile"));
}

#[test]
fn a_command_line_that_is_wrong_ends_with_2() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    std::fs::write(folder.path().join("binary"), b"\xff").unwrap();
    let right = program("lost-update").display().to_string();
    let in_folder = |name: &str| folder.path().join(name).display().to_string();
    let table: [(&[&str], &str); 8] = [
        (&["nowhere.rs"], "there is no nowhere.rs"),
        (&[&in_folder("empty")], "has no src/main.rs"),
        (
            &[&right, "--stdin", "nowhere.txt"],
            "cannot read nowhere.txt",
        ),
        (&[&right, "--stdin", &in_folder("binary")], "is not UTF-8"),
        (&[&right, "--edition", "2030"], "invalid value '2030'"),
        (&[&right, "--preemptions", "few"], "invalid value 'few'"),
        (&[&right, "--schedule", "0,1"], "is not a schedule"),
        (
            &[&right, "--schedule", "a500.1"],
            "does not belong to this program",
        ),
    ];
    for (args, expected) in table {
        let assert = grader().args(args).assert();
        assert.code(2).stdout(is_empty()).stderr(contains(expected));
    }
    grader().assert().code(2);
}

#[test]
fn what_is_not_simulated_ends_with_3_and_says_what() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket.rs");
    let source = "fn main() { let _ = std::os::unix::net::UnixStream::pair(); }";
    std::fs::write(&path, source).unwrap();
    let (code, document) = explored(grader().arg(&path));
    assert_eq!((code, &document["outcome"]), (3, &json!("unsupported")));
    assert!(!document["message"].as_str().unwrap().is_empty());
    let source = "fn main() { let _ = std::process::Command::new(\"ls\").status(); }";
    std::fs::write(&path, source).unwrap();
    let (code, document) = explored(grader().arg(&path));
    assert_eq!((code, &document["outcome"]), (3, &json!("unsupported")));
    assert_eq!(document["complete"], json!(false));
    assert_eq!(
        document["message"],
        json!("it starts another program, which is not allowed here")
    );
    let mut homeless = grader();
    homeless.arg(&path).env("LOCKSTEP_HOME", "/nowhere");
    let (code, document) = explored(&mut homeless);
    assert_eq!(
        (code, &document["outcome"]),
        (3, &json!("infrastructure-error"))
    );
}

#[test]
fn sentences_fit_the_page_and_help_has_examples() {
    for name in ["philosophers-deadlock", "lost-wake-up", "exit-code"] {
        let output = grader().arg(program(name)).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        // Source lines and commands to copy are as long as they are.
        let sentences = text.split("\n  step  where").next().unwrap();
        let long = sentences.lines().find(|line| line.chars().count() > 100);
        assert_eq!(long, None, "{name}:\n{text}");
        assert!(!text.contains('\x1b'));
    }
    let help = grader().arg("--help").assert().success();
    help.stdout(contains("EXAMPLES:").and(contains("EXIT CODES:")));
}
