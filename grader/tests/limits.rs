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

/// An exercise whose submission is told by its argument what to use too much of.
const GREEDY: &str = r#"
use std::io::Write as _;
use std::{fs, thread};

fn main() {
    match std::env::args().nth(1).unwrap_or_default().as_str() {
        "cpu" => loop {
            std::hint::spin_loop();
        },
        "memory" => {
            let mut all = Vec::new();
            loop {
                all.push(vec![1u8; 1 << 20]);
            }
        }
        "output" => {
            let mut out = std::io::stdout().lock();
            loop {
                let _ = out.write_all(&[b'x'; 1 << 14]);
            }
        }
        "threads" => {
            let park = || loop {
                thread::park();
            };
            let threads: Vec<_> = (0..10_000).map(|_| thread::spawn(park)).collect();
            for thread in threads {
                thread.join().unwrap();
            }
        }
        "files" => {
            for number in 0..100_000 {
                fs::write(number.to_string(), "").unwrap();
            }
        }
        "file" => {
            let mut file = fs::File::create("one").unwrap();
            loop {
                file.write_all(&[b'x'; 1 << 16]).unwrap();
            }
        }
        "many" => {
            for number in 0..20 {
                fs::write(number.to_string(), vec![b'x'; 1 << 19]).unwrap();
            }
        }
        "open" => {
            let mut open = Vec::new();
            while let Ok(file) = fs::File::create("one") {
                open.push(file);
            }
            // Who has no descriptor left waits for one, as a server does.
            thread::park();
        }
        _ => println!("enough"),
    }
}
"#;

/// What is used too much of, with what is said of it in the simulation and on
/// the real system: what would take long in either is not tried there.
const TOO_MUCH: [(&str, Option<&str>, Option<&str>); 8] = [
    (
        "cpu",
        None,
        Some("it used more than 1 second of processor time"),
    ),
    ("memory", MEMORY, MEMORY),
    ("output", OUTPUT, OUTPUT),
    ("threads", THREADS, THREADS),
    ("files", FILES, FILES),
    ("file", DISK, DISK),
    ("many", DISK, DISK),
    ("open", OPEN, OPEN),
];
const MEMORY: Option<&str> = Some("it used more than 32 MiB of memory");
const OUTPUT: Option<&str> = Some("it printed more than 1 MiB");
const THREADS: Option<&str> = Some("it had more than 12 threads at once");
const FILES: Option<&str> = Some("it had more than 30 files at once");
const DISK: Option<&str> = Some("it wrote more than 2 MiB to files");
const OPEN: Option<&str> = Some("it had more than 40 files and sockets open at once");

#[test]
fn each_limit_of_a_rubric_is_a_finding_with_its_number_in_both_worlds() {
    let tiny = Tiny::new();
    let mut rubric = String::from(
        "kind = \"program\"\nlimits = { cpu_seconds = 1, memory_mib = 32, processes = 12, \
         output_mib = 1, disk_mib = 2, files = 30, open_files = 40 }\n",
    );
    let mut checks = vec![
        ("enough".to_owned(), "simulation", None),
        ("enough-really".to_owned(), "system", None),
    ];
    for (what, simulated, real) in TOO_MUCH {
        checks.extend(simulated.map(|told| (what.to_owned(), "simulation", Some(told))));
        checks.extend(real.map(|told| (format!("{what}-really"), "system", Some(told))));
    }
    for (id, on, _) in &checks {
        let arg = id.trim_end_matches("-really");
        rubric += &format!(
            "[[check]]\nid = \"{id}\"\ntitle = \"{id}\"\npoints = 1\nholds = [\"C1\"]\n\
             [[check.scenario]]\nname = \"s\"\nrule = \"ends\"\non = \"{on}\"\nargs = [\"{arg}\"]\n\
             search = {{ preemptions = 0, executions = 1, random = 1, steps = 1000000 }}\n"
        );
    }
    let points = checks.len();
    tiny.write(
        "course/exercises/greedy/README.md",
        "# Greedy\n\n## The contract\n\n- **C1** It comes to its end.\n",
    );
    tiny.write(
        "course/exercises/greedy/exercise.toml",
        format!("title = \"Greedy\"\npoints = {points}\nhints = [\"Use less.\"]\n"),
    );
    tiny.write(
        "course/exercises/greedy/src/main.rs",
        "fn main() { todo!() }\n",
    );
    tiny.write("course/checks/greedy/rubric.toml", rubric);
    tiny.write(
        "course/checks/greedy/judge.rs",
        "use judge::{Execution, Judge, Lost, Question};\n\
         fn main() -> std::process::ExitCode {\n\
             judge::serve(|_: &Question| -> Result<Box<dyn Judge>, Lost> {\n\
                 Ok(Box::new(|execution: &Execution| judge::exited(execution).map(|_| ())))\n\
             })\n\
         }\n",
    );
    tiny.write("class/greedy/src/main.rs", GREEDY);
    let mut grader = tiny.grader("grade");
    grader.args(["--exercise", "greedy", "--format", "json"]);
    let output = grader.arg(tiny.path("class/greedy")).output().unwrap();
    let document: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let verdict = &document["verdicts"][0];
    assert_eq!(verdict["outcome"], "graded", "{verdict:#}");
    for ((id, _, told), check) in checks.iter().zip(verdict["checks"].as_array().unwrap()) {
        let finding = &check["finding"];
        let Some(told) = told else {
            assert_eq!(check["outcome"], "passed", "{check:#}");
            continue;
        };
        assert_eq!(finding["kind"], "limit-exceeded", "{id}: {check:#}");
        let message = finding["message"].as_str().unwrap();
        assert!(message.ends_with(told), "{id}: {message}");
        assert_eq!(
            message.starts_with("on the real system: "),
            id.ends_with("-really")
        );
    }
    assert_eq!(verdict["score"], 2);
}

#[test]
fn what_the_compiler_says_names_no_folder_of_this_machine() {
    let tiny = Tiny::new();
    let table = [
        ("types", "pub const ONE: u8 = \"1\";", "mismatched types"),
        ("module", "mod inner;", "src/inner.rs"),
        (
            "missing-module",
            "mod missing;",
            "file not found for module",
        ),
        (
            "missing-include",
            "include!(\"missing.rs\");",
            "couldn't read",
        ),
        (
            "foreign-include",
            "include!(\"/etc/passwd\");",
            "/etc/passwd",
        ),
        (
            "environment",
            "pub const HOME: &str = env!(\"HOME\");",
            "HOME",
        ),
        (
            "folder",
            "pub const AT: &str = env!(\"CARGO_MANIFEST_DIR\");",
            "CARGO_MANIFEST_DIR",
        ),
        ("path", "#[path = \"../../../../x.rs\"] mod x;", "x.rs"),
        (
            "derive",
            "#[derive(Serialize)] pub struct Made;",
            "Serialize",
        ),
        (
            "bound",
            "pub fn run() { let all = std::rc::Rc::new(1); std::thread::spawn(move || all); }",
            "cannot be sent between threads safely",
        ),
        (
            "constant",
            "pub const NONE: () = None::<()>.unwrap();",
            "E0080",
        ),
        (
            "trait",
            "pub fn sum() -> u8 { [\"a\"].iter().sum() }",
            "E0277",
        ),
        (
            "macro",
            "macro_rules! m { () => { m!() } } pub fn f() { m!() }",
            "recursion limit",
        ),
        (
            "said",
            "compile_error!(concat!(\"at \", file!()));",
            "at src/lib.rs",
        ),
    ];
    let mut grader = tiny.grader("grade");
    grader.args(["--exercise", "counter", "--format", "json"]);
    for (name, text, _) in table {
        grader.arg(tiny.submit(name, format!("{RIGHT}{text}\n")));
    }
    tiny.write(
        "class/module/src/inner.rs",
        "pub fn inner() -> u8 { \"1\" }\n",
    );
    let output = grader.output().unwrap();
    let document: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let sysroot = std::process::Command::new("rustc")
        .args(["--print", "sysroot"])
        .output()
        .unwrap();
    let home = std::env::home_dir()
        .unwrap_or_default()
        .display()
        .to_string();
    let sysroot = String::from_utf8(sysroot.stdout).unwrap();
    for ((name, _, expected), verdict) in table.iter().zip(document["verdicts"].as_array().unwrap())
    {
        let outcome = verdict["outcome"].as_str().unwrap();
        assert!(
            ["does-not-compile", "refused"].contains(&outcome),
            "{name}: {verdict:#}"
        );
        let message = verdict["message"].as_str().unwrap();
        assert!(message.contains(expected), "{name}: {message}");
        let folders = [
            home.as_str(),
            sysroot.trim(),
            "/tmp",
            "/home",
            "/scratch",
            ".rustup",
            "/rustc/",
            "target",
        ];
        for folder in folders.iter().filter(|folder| folder.len() > 1) {
            assert!(!message.contains(folder), "{name}: {folder}: {message}");
        }
    }
}
