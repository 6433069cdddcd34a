//! What is packed: the course as students get it, and as Gradescope takes it.

#![allow(
    clippy::unwrap_used,
    reason = "what these functions of the tests cannot do is a failure of the test"
)]

mod tiny;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use predicates::str::contains;
use serde_json::Value;
use tiny::{RIGHT, TWO_STEPS, Tiny};
use walkdir::WalkDir;
use yaml_rust2::{Yaml, YamlLoader};

/// Lines shorter than this may be in two files by chance.
const DISTINCTIVE: usize = 40;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

fn grader() -> assert_cmd::Command {
    assert_cmd::Command::new(assert_cmd::cargo::cargo_bin!("grader"))
}

/// The files below a folder, by their paths in it.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = WalkDir::new(folder).into_iter().filter_entry(|entry| {
        // What was built there is no part of it.
        entry.depth() == 0 || entry.file_name() != "target"
    });
    entries
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let inner = entry.path().strip_prefix(folder).unwrap();
            (
                inner.to_str().unwrap().to_owned(),
                std::fs::read(entry.path()).unwrap(),
            )
        })
        .collect()
}

/// The files of a ZIP file, each with whether it is a program.
fn unzipped(path: &Path) -> BTreeMap<String, (Vec<u8>, bool)> {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    (0..archive.len())
        .map(|index| {
            let mut file = archive.by_index(index).unwrap();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            let program = file.unix_mode().unwrap() & 0o111 != 0;
            (file.name().unwrap().into_owned(), (bytes, program))
        })
        .collect()
}

/// The lines of a folder's files that are not in some other file by chance.
fn lines(folder: &Path) -> BTreeSet<String> {
    // Every lock file has some lines of every other.
    let texts = files(folder)
        .into_iter()
        .filter(|(path, _)| !path.ends_with("Cargo.lock"));
    let texts = texts.map(|(_, bytes)| bytes);
    let mut lines = BTreeSet::new();
    for text in texts.filter_map(|bytes| String::from_utf8(bytes).ok()) {
        let long = text
            .lines()
            .map(str::trim)
            .filter(|line| line.chars().count() >= DISTINCTIVE);
        lines.extend(long.map(str::to_owned));
    }
    lines
}

#[test]
fn students_get_nothing_of_what_grades_and_of_what_solves() {
    let folder = tempfile::tempdir().unwrap();
    let pack = |out: &str| {
        let mut grader = grader();
        grader
            .args(["pack", "students", "--out"])
            .arg(folder.path().join(out));
        grader.assert().success();
        folder.path().join(out)
    };
    let zip = unzipped(&pack("students.zip"));
    let mut packed = files(&pack("students"));
    assert!(packed.remove(".lockstep-pack").is_some());
    let unpacked: BTreeMap<_, _> = zip
        .into_iter()
        .map(|(path, (bytes, _))| (path, bytes))
        .collect();
    assert_eq!(packed, unpacked);
    let bytes = |path: &Path| std::fs::read(path).unwrap();
    assert_eq!(
        bytes(&folder.path().join("students.zip")),
        bytes(&pack("again.zip"))
    );

    // What students are told, and start with: solutions and other submissions
    // have that, too.
    let root = root();
    let known = |exercise: &str| root.join("exercises").join(exercise);
    let exercises: Vec<String> = std::fs::read_dir(root.join("exercises"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let told: BTreeSet<String> = exercises
        .iter()
        .flat_map(|exercise| {
            let contract = std::fs::read_to_string(known(exercise).join("README.md")).unwrap();
            let contract: Vec<String> = contract
                .lines()
                .map(|line| line.trim().to_owned())
                .collect();
            lines(&known(exercise).join("src"))
                .into_iter()
                .chain(contract)
        })
        .collect();
    let hidden: BTreeMap<&str, BTreeSet<String>> = [
        ("solutions", lines(&root.join("solutions"))),
        ("grader/checks", lines(&root.join("grader/checks"))),
        (
            "fixtures/submissions",
            lines(&root.join("fixtures/submissions")),
        ),
        ("fixtures/hostile", lines(&root.join("fixtures/hostile"))),
    ]
    .into();
    assert!(hidden.values().all(|lines| lines.len() > 100));
    for (path, bytes) in &packed {
        let text = std::str::from_utf8(bytes).unwrap();
        for (whose, lines) in &hidden {
            for line in text
                .lines()
                .map(str::trim)
                .filter(|line| lines.contains(*line))
            {
                // What anybody writes who uses the interface.
                let interface = ["use ", "fn ", "pub ", "#[derive("];
                let interface = interface.iter().any(|start| line.starts_with(start));
                // Nothing of a check is told in other words than a contract's.
                let told = *whose != "grader/checks" && told.contains(line);
                assert!(interface || told, "{path} has a line of {whose}: {line}");
            }
        }
        // No name leads there either.
        assert!(
            !path.contains("solution") && !path.contains("checks") && !path.contains("fixture")
        );
    }
    // What is there is what the folders have.
    for exercise in &exercises {
        for (path, bytes) in files(&known(exercise)) {
            assert_eq!(
                packed.get(&format!("exercises/{exercise}/{path}")),
                Some(&bytes),
                "{path}"
            );
        }
    }
    // What they are told to run is there; of what is not, that is said.
    let words = |path: &str| {
        let text = std::str::from_utf8(&packed[path]).unwrap();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let first = words("README.md");
    assert!(first.contains("| 20 |"));
    assert!(first.contains("It is not here, nor is the `cargo grade` that READMEs speak of"));
    for exercise in &exercises {
        let told = words(&format!("exercises/{exercise}/README.md"));
        let tests = format!("cargo test -p {exercise} The tests");
        let grades = format!(
            "where the grader is, as in a clone of the course's whole repository: cargo grade exercises/{exercise}"
        );
        assert!(
            told.contains(&tests) && told.contains(&grades),
            "{exercise}"
        );
        assert_eq!(told.matches("cargo grade").count(), 1, "{exercise}");
    }
    assert!(
        packed
            .values()
            .all(|bytes| !String::from_utf8_lossy(bytes).contains("grade ="))
    );
    workflow(&String::from_utf8_lossy(
        &packed[".github/workflows/visible-tests.yml"],
    ));
    is_a_workspace(&folder.path().join("students"));
    // It says what it runs, and Cargo's files are of the part only.
    let lock = String::from_utf8_lossy(&packed["Cargo.lock"]);
    assert!(
        lock.contains("name = \"assert_cmd\"") && !lock.contains("lockstep"),
        "{lock}"
    );
}

/// Cargo takes the folder as a workspace whose lock file needs no change.
fn is_a_workspace(folder: &Path) {
    let triple = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--locked", "--offline"])
        .args(["--filter-platform", &triple])
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

#[test]
fn a_pack_is_of_what_is_asked_for_and_takes_the_place_of_nothing_else() {
    let tiny = Tiny::new();
    tiny.write("course/exercises/counter/notes.md", "not for students");
    tiny.write("course/exercises/counter/src/lib.rs~", "an editor's");
    tiny.write(
        "course/exercises/counter/Cargo.toml",
        "[package]\nname = \"counter\"\n",
    );
    std::os::unix::fs::symlink(
        "/etc/passwd",
        tiny.path("course/exercises/counter/src/link.rs"),
    )
    .unwrap();
    let pack = |out: &str| {
        let mut grader = grader();
        grader
            .args(["pack", "students", "--course"])
            .arg(tiny.path("course"));
        grader.arg("--out").arg(tiny.path(out));
        grader.assert()
    };
    let note = "note: left out of exercises/counter: notes.md\n";
    pack("out")
        .success()
        .stderr(contains(note))
        .stdout(contains("9 files"));
    let names: Vec<String> = files(&tiny.path("out")).into_keys().collect();
    let expected = [
        ".github/workflows/visible-tests.yml",
        ".gitignore",
        ".lockstep-pack",
        "Cargo.toml",
        "README.md",
        "exercises/counter/Cargo.toml",
        "exercises/counter/README.md",
        "exercises/counter/exercise.toml",
        "exercises/counter/src/lib.rs",
        "exercises/counter/tests/counter.rs",
    ];
    assert_eq!(names, expected);
    pack("out").success();
    tiny.write("out/exercises/counter/src/lib.rs", RIGHT);
    pack("out").code(2).stderr(contains(
        "somebody has changed `exercises/counter/src/lib.rs` in",
    ));
    assert_eq!(
        std::fs::read_to_string(tiny.path("out/exercises/counter/src/lib.rs")).unwrap(),
        RIGHT
    );
    tiny.write("mine.zip", "mine");
    pack("mine.zip").code(2);
    pack("nowhere/out.zip")
        .code(2)
        .stderr(contains("there is no folder"));
    let mut unknown = grader();
    unknown
        .args(["pack", "students", "--exercise", "chess", "--out"])
        .arg(tiny.path("x"));
    unknown
        .assert()
        .code(2)
        .stderr(contains("there is no exercise `chess`"));
    let mut no_zip = grader();
    no_zip.args([
        "pack",
        "gradescope",
        "--exercise",
        "counter",
        "--out",
        "x.tar",
    ]);
    no_zip.assert().code(2).stderr(contains("takes a ZIP file"));
}

/// A container's folders, made from the pack for the tiny course.
struct Container {
    tiny: Tiny,
}

impl Container {
    fn new() -> Container {
        let tiny = Tiny::new();
        let mut grader = grader();
        grader.args(["pack", "gradescope", "--exercise", "counter", "--course"]);
        grader
            .arg(tiny.path("course"))
            .arg("--out")
            .arg(tiny.path("autograder.zip"));
        grader.assert().success();
        for (path, (bytes, program)) in unzipped(&tiny.path("autograder.zip")) {
            let path = tiny.write(&format!("autograder/source/{path}"), bytes);
            let mode = if program { 0o755 } else { 0o644 };
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        }
        tiny.write("autograder/submission_metadata.json", "{}");
        Container { tiny }
    }

    /// Runs `run_autograder` on a file, and gives its exit code, what it said, and
    /// what it wrote.
    fn run(&self, file: &str, text: &str, grader: &Path) -> (Option<i32>, String, Option<Value>) {
        let submission = self.tiny.path("autograder/submission");
        let _ = std::fs::remove_dir_all(&submission);
        self.tiny
            .write(&format!("autograder/submission/{file}"), text);
        let output = Command::new(self.tiny.path("autograder/source/run_autograder"))
            .env("AUTOGRADER_ROOT", self.tiny.path("autograder"))
            .env("LOCKSTEP_HOME", root())
            .env("LOCKSTEP_GRADER", grader)
            .env("LOCKSTEP_CACHE", self.tiny.path("cache"))
            // As on the developer's machine, whose toolchain it is.
            .env("RUSTUP_HOME", home("RUSTUP_HOME", ".rustup"))
            .env("CARGO_HOME", home("CARGO_HOME", ".cargo"))
            .output()
            .unwrap();
        let said = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        let results = std::fs::read(self.tiny.path("autograder/results/results.json")).ok();
        let results = results.map(|bytes| serde_json::from_slice(&bytes).unwrap());
        (output.status.code(), said, results)
    }
}

/// A folder of the toolchain's, where its variable or its default says.
fn home(variable: &str, default: &str) -> PathBuf {
    let user = std::env::var_os("HOME")
        .map(PathBuf::from)
        .unwrap_or_default();
    std::env::var_os(variable).map_or(user.join(default), PathBuf::from)
}

#[test]
fn gradescope_gets_what_grades_and_results_that_it_reads() {
    let container = Container::new();
    let source = container.tiny.path("autograder/source");
    let packed = files(&source);
    for program in ["setup.sh", "run_autograder"] {
        let mode = source
            .join(program)
            .metadata()
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o755);
        let script = String::from_utf8_lossy(&packed[program]);
        assert!(
            script.starts_with("#!/bin/sh\n") && !script.contains('@'),
            "{script}"
        );
        let read = Command::new("sh")
            .arg("-n")
            .arg(source.join(program))
            .status()
            .unwrap();
        assert!(read.success());
    }
    let solved = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).contains(RIGHT);
    assert!(!packed.values().any(solved));
    assert!(packed.contains_key("lockstep/course/checks/counter/judge.rs"));
    assert!(packed.contains_key("lockstep/grader/src/main.rs"));
    let course = ["solutions", "fixtures", "mutants", "/tests/"];
    assert!(
        !packed
            .keys()
            .any(|path| course.iter().any(|part| path.contains(part)))
    );
    is_a_workspace(&source.join("lockstep"));

    let program = assert_cmd::cargo::cargo_bin!("grader");
    let (code, said, results) = container.run("src/lib.rs", RIGHT, program);
    assert_eq!(code, Some(0), "{said}");
    let results = results.unwrap();
    assert_eq!(results["score"], 4, "{said}");
    let tests = results["tests"].as_array().unwrap();
    assert_eq!(tests.len(), 4);
    assert!(
        tests
            .iter()
            .all(|test| test["status"] == "passed" && test["max_score"] == 1)
    );

    // Whose fault it is that the checks do not fit is known without the course's folder.
    let (code, said, results) = container.run("src/lib.rs", "// Nothing yet.\n", program);
    assert_eq!(code, Some(0), "{said}");
    let results = results.unwrap();
    let output = results["output"].as_str().unwrap_or_default();
    assert_eq!(results["score"], 0, "{said}");
    assert!(output.contains("does not compile"), "{results}");

    // A bare file will do, as students upload them.
    let wrong = RIGHT.replace(TWO_STEPS.0, TWO_STEPS.1);
    let (code, said, results) = container.run("lib.rs", &wrong, program);
    assert_eq!(
        (code, &results.unwrap()["score"]),
        (Some(0), &Value::from(2)),
        "{said}"
    );

    // That the grader could not grade is no score, nor is what was there before one.
    let (code, said, results) = container.run("lib.rs", RIGHT, Path::new("false"));
    assert!(code != Some(0) && results.is_none(), "{said}");
    let nobody = container.run("README.md", "I have nothing.", program);
    assert_ne!(nobody.0, Some(0), "{}", nobody.1);
    assert!(nobody.2.is_none());
}

/// What a workflow must not lack: rights that are named, an end, and actions that
/// nobody can exchange.
fn workflow(text: &str) {
    let documents = YamlLoader::load_from_str(text).unwrap();
    let [document] = &documents[..] else {
        panic!("a workflow is one document: {text}");
    };
    assert_eq!(document["permissions"]["contents"].as_str(), Some("read"));
    // YAML 1.1 would read `on` as a truth value; the runner does not.
    assert!(document["on"].as_hash().is_some_and(|on| !on.is_empty()));
    let jobs = document["jobs"].as_hash().unwrap();
    assert!(!jobs.is_empty());
    for (name, job) in jobs {
        let name = name.as_str().unwrap();
        assert!(
            job["timeout-minutes"]
                .as_i64()
                .is_some_and(|minutes| minutes <= 90),
            "{name}"
        );
        let on = job["runs-on"].as_str().unwrap();
        assert!(!on.ends_with("latest"), "{name} runs on {on}");
        let steps = job["steps"].as_vec().unwrap();
        for step in steps {
            let keys = step
                .as_hash()
                .unwrap()
                .keys()
                .map(|key| key.as_str().unwrap());
            let known = ["name", "uses", "with", "run", "env", "if", "id"];
            assert!(keys.clone().all(|key| known.contains(&key)), "{step:?}");
            match (&step["uses"], &step["run"]) {
                (Yaml::String(uses), Yaml::BadValue) => pinned(text, uses),
                (Yaml::BadValue, Yaml::String(script)) => shell(script),
                _ => panic!("a step uses an action or runs a script: {step:?}"),
            }
        }
    }
}

/// An action is named by its commit, and by its version for those who read it.
fn pinned(text: &str, uses: &str) {
    let commit = uses
        .split_once('@')
        .map(|(_, commit)| commit)
        .unwrap_or_default();
    let hexadecimal = commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    assert!(hexadecimal, "{uses} is not pinned");
    assert!(
        text.contains(&format!("{uses} # v")),
        "{uses} does not say its version"
    );
}

/// A script is one, and nothing that strangers name stands in it.
fn shell(script: &str) {
    assert!(!script.contains("${{"), "{script}");
    let read = assert_cmd::Command::new("bash")
        .arg("-n")
        .write_stdin(script)
        .assert();
    read.success();
}

#[test]
fn the_workflows_name_their_rights_their_ends_and_their_actions() {
    let folder = root().join(".github/workflows");
    let texts = files(&folder);
    assert!(!texts.is_empty());
    for text in texts.values() {
        workflow(std::str::from_utf8(text).unwrap());
    }
}
