//! The architecture's invariants, held by reading the sources.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the grader lies in the workspace")
        .to_owned()
}

/// The Rust sources below a folder, as paths relative to the workspace and
/// code: what comes before `#[cfg(test)]`, without comments.
fn code(folder: &str) -> Vec<(String, String)> {
    sources(folder)
        .into_iter()
        .map(|(path, text)| {
            let code: String = text
                .lines()
                .take_while(|line| !line.trim_start().starts_with("#[cfg(test)]"))
                .filter(|line| !line.trim_start().starts_with("//"))
                .map(|line| format!("{line}\n"))
                .collect();
            (path, code)
        })
        .collect()
}

fn sources(folder: &str) -> Vec<(String, String)> {
    let root = root();
    let found: Vec<_> = WalkDir::new(root.join(folder))
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| entry.file_name() != "target")
        .map(|entry| entry.expect("the sources can be read").into_path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("the sources can be read");
            (
                path.strip_prefix(&root)
                    .expect("it was found below")
                    .to_string_lossy()
                    .into_owned(),
                text,
            )
        })
        .collect();
    assert!(!found.is_empty(), "there are no sources in {folder}");
    found
}

/// Fails with every line of the folder's code that has one of these texts.
fn assert_absent(folder: &str, texts: &[&str], excepted: &[&str], why: &str) {
    let mut found = Vec::new();
    for (path, code) in code(folder) {
        if excepted.iter().any(|excepted| path.starts_with(excepted)) {
            continue;
        }
        for line in code.lines() {
            // What `core` has of the net is the form of addresses, and no way to any.
            let used = line.replace("core::net::", "");
            if texts.iter().any(|text| used.contains(text)) {
                found.push(format!("{path}: {}", line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "{why}:\n{}", found.join("\n"));
}

fn exercises() -> BTreeSet<String> {
    std::fs::read_dir(root().join("exercises"))
        .expect("there are exercises")
        .map(|entry| {
            entry
                .expect("the folder can be read")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect()
}

const IO: &[&str] = &[
    "std::fs",
    "fs::",
    "File::",
    "std::net",
    "net::",
    "TcpStream::connect(",
    "TcpListener::bind(",
    "UdpSocket::bind(",
    "Command::new",
    "std::process::Command",
    "Instant::now",
    "SystemTime::now",
];

#[test]
fn verdict_does_no_io_and_starts_no_process() {
    assert_absent("grader/verdict/src", IO, &[], "the words do nothing");
}

#[test]
fn judges_do_no_io_and_start_no_process() {
    assert_absent(
        "grader/judge/src",
        IO,
        &[],
        "judging is a function of the record",
    );
    for exercise in exercises() {
        let folder = format!("grader/checks/{exercise}");
        if !root().join(&folder).is_dir() {
            continue;
        }
        for (path, code) in code(&folder) {
            // What is part of scenarios.rs runs in the simulation.
            if code.contains("use sim::") || code.contains("use crate::script") {
                continue;
            }
            if path.contains("/judge") || path.contains("/rules") {
                for text in IO {
                    assert!(
                        !code.contains(text),
                        "{path} does I/O ({text}), but judging is a function of the record"
                    );
                }
            }
        }
    }
}

#[test]
fn only_the_sandbox_starts_processes() {
    let tools = [
        "grader/sandbox/",
        "grader/mutants/",
        "grader/bench/",
        "grader/checks/",
        "grader/tests/",
        "grader/sim/tests/",
        "grader/sandbox/tests/",
    ];
    assert_absent(
        "grader",
        &["Command::new", "process::Command"],
        &tools,
        "processes are started by the sandbox only",
    );
}

#[test]
fn only_the_gradebook_knows_sqlite() {
    assert_absent(
        "grader/src",
        &["rusqlite"],
        &["grader/src/gradebook/"],
        "everything else asks the gradebook",
    );
}

#[test]
fn only_build_knows_the_command_line_of_rustc() {
    let excepted = [
        "grader/src/build/",
        "grader/bench/",
        "grader/conformance/",
        "grader/fuzz/",
        "grader/mutants/",
        "grader/tests/",
        "grader/sim/tests/",
        "grader/checks/",
    ];
    assert_absent(
        "grader",
        &["\"--extern\"", "\"--crate-type\"", "\"--emit"],
        &excepted,
        "only build knows rustc's command line",
    );
}

#[test]
fn the_grader_names_no_exercise() {
    let exercises = exercises();
    for folder in [
        "grader/src",
        "grader/sim/src",
        "grader/std/src",
        "grader/judge/src",
        "grader/sandbox/src",
        "grader/verdict/src",
    ] {
        for (path, code) in code(folder) {
            // Help texts show examples; they decide nothing.
            for line in code
                .lines()
                .filter(|line| !line.contains("grader ") && !line.contains("cargo grade"))
            {
                for exercise in &exercises {
                    let identifier = exercise.replace('-', "_");
                    let quoted = [
                        format!("\"{exercise}\""),
                        format!("\"{identifier}\""),
                        format!("{identifier}::"),
                    ];
                    assert!(
                        !quoted.iter().any(|name| line.contains(name.as_str())),
                        "{path} names the exercise {exercise}: {}",
                        line.trim()
                    );
                }
            }
        }
    }
}

#[test]
fn exercises_solutions_and_fixtures_know_nothing_of_the_grader() {
    // Who attacks the grader knows of it: `fixtures/hostile`.
    for folder in [
        "exercises",
        "solutions",
        "fixtures/submissions",
        "fixtures/programs",
    ] {
        for (path, text) in sources(folder) {
            for name in ["lockstep", "use sim::", "use judge::", "extern crate sim"] {
                assert!(
                    !text.to_lowercase().contains(name),
                    "{path} knows of the grader: it contains `{name}`"
                );
            }
        }
    }
}

#[test]
fn the_replaced_std_offers_nothing_of_the_simulation() {
    for (path, code) in code("grader/std/src") {
        for name in [
            "sim::scenario",
            "sim::step",
            "sim::choose",
            "sim::Op",
            "pub use sim;",
            "pub use sim::*",
        ] {
            assert!(!code.contains(name), "{path} shows `{name}` to submissions");
        }
    }
}

#[test]
fn unsafe_code_is_in_the_sandbox_and_the_simulation_only() {
    let block = ["unsafe", " {"].concat();
    for (path, code) in code("grader") {
        let allowed = ["grader/sandbox/", "grader/sim/", "grader/checks/"]
            .iter()
            .any(|folder| path.starts_with(folder));
        assert!(allowed || !code.contains(&block), "{path} has unsafe code");
    }
}

#[test]
fn every_module_says_what_it_is_for() {
    for folder in [
        "grader/src",
        "grader/sim/src",
        "grader/std/src",
        "grader/judge/src",
        "grader/sandbox/src",
        "grader/verdict/src",
        "grader/mutants/src",
        "grader/conformance/src",
        "grader/fuzz/src",
    ] {
        for (path, text) in sources(folder) {
            assert!(
                text.starts_with("//! "),
                "{path} does not begin with what it is for"
            );
        }
    }
}

#[test]
fn no_path_of_a_machine_is_named() {
    for folder in ["grader", "exercises", "solutions", "fixtures"] {
        for (path, text) in sources(folder) {
            for name in [
                ["/wo", "rk/"].concat(),
                ["/ro", "ot/"].concat(),
                ["/ho", "me/runner"].concat(),
            ] {
                assert!(
                    !text.contains(&name),
                    "{path} names a path of a machine: {name}"
                );
            }
        }
    }
}
