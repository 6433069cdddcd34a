//! The visible tests: they fail on every starter and pass on every solution,
//! with the real std and nothing of the grader.

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use walkdir::WalkDir;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the grader lies in the workspace")
        .to_owned()
}

fn exercises() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(root().join("exercises"))
        .expect("there are exercises")
        .map(|entry| entry.expect("the folder can be read"))
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert!(names.len() >= 5, "five exercises at least: {names:?}");
    names
}

fn copy(from: &Path, to: &Path) {
    for entry in WalkDir::new(from) {
        let entry = entry.expect("the sources can be read");
        let target = to.join(entry.path().strip_prefix(from).expect("it was found below"));
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(&target).expect("a folder can be made");
        } else {
            std::fs::copy(entry.path(), &target).expect("a file can be copied");
        }
    }
}

/// A crate of its own with these sources and the exercise's visible tests.
fn crate_of(exercise: &str, sources: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let root = root();
    copy(
        &root.join(sources).join(exercise).join("src"),
        &folder.path().join("src"),
    );
    copy(
        &root.join("exercises").join(exercise).join("tests"),
        &folder.path().join("tests"),
    );
    std::fs::copy(root.join("Cargo.lock"), folder.path().join("Cargo.lock"))
        .expect("the lock file can be copied");
    let manifest = format!(
        "[package]\nname = \"{exercise}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
         [dev-dependencies]\nassert_cmd = \"2\"\npredicates = \"3\"\n\n[workspace]\n"
    );
    std::fs::write(folder.path().join("Cargo.toml"), manifest).expect("a manifest can be written");
    folder
}

/// Runs the visible tests, and gives whether they passed and what was said.
fn test(exercise: &str, sources: &str) -> (bool, String) {
    let folder = crate_of(exercise, sources);
    let output = Command::new(env!("CARGO"))
        .args(["test", "--quiet", "--no-fail-fast"])
        .current_dir(folder.path())
        .env(
            "CARGO_TARGET_DIR",
            Path::new(env!("CARGO_TARGET_TMPDIR")).join("visible"),
        )
        .output()
        .expect("cargo can be started");
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    (output.status.success(), said)
}

#[test]
fn solutions_pass_the_visible_tests_and_starters_do_not() {
    for exercise in exercises() {
        let (passed, said) = test(&exercise, "solutions");
        assert!(
            passed,
            "the solution of {exercise} fails its visible tests:\n{said}"
        );
        assert!(
            said.contains("test result: ok. "),
            "the visible tests of {exercise} ran:\n{said}"
        );
        let (passed, said) = test(&exercise, "exercises");
        assert!(
            !passed,
            "the starter of {exercise} passes its visible tests"
        );
        assert!(
            said.contains("test result: FAILED"),
            "the starter of {exercise} compiles:\n{said}"
        );
    }
}
