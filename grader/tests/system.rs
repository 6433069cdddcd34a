//! A course whose checks run on the real system: an echo server, right ones and
//! wrong ones, as real processes with real sockets.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers too"
)]

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::{Value, json};

const README: &str = "\
# Echo

## The contract

- **C1** `echo server` prints `listening on HOST:PORT` and sends every line back.
- **C2** It serves any number of clients at the same time.
- **C3** `echo repeat` copies the lines of its standard input, each at once.
- **C4** `echo fetch HOST:PORT` writes what a site answers for `/` to `page`.
- **C5** The program is `src/main.rs`.
";

const EXERCISE: &str = "title = \"Echo\"\npoints = 4\nhints = [\"h\"]\nvisible = [\"echoes\"]\n";

const RUBRIC: &str = r#"
kind = "program"
build = ["C5"]

[[check]]
id = "echoes"
title = "Lines come back"
points = 1
holds = ["C1"]
[[check.scenario]]
name = "one-client"
rule = "received"
params = { of = "ann", text = "one\ntwo\n" }
on = "system"
[[check.scenario.program]]
name = "server"
args = ["server"]
announces = "listening on "
[[check.scenario.peer]]
name = "ann"
script = '''
connect server
send "one\ntwo\n"
read 2 lines
close
'''

[[check]]
id = "serves-many"
title = "A client that is silent disturbs no other"
points = 1
holds = ["C2"]
[[check.scenario]]
name = "two-clients"
rule = "received"
params = { of = "ann", text = "hello\n" }
on = "system"
[[check.scenario.program]]
name = "server"
args = ["server"]
announces = "listening on "
[[check.scenario.peer]]
name = "silent"
script = '''
connect server
tell "connected"
await done
'''
[[check.scenario.peer]]
name = "ann"
script = '''
await "connected"
connect server
send "hello\n"
read 1 line
tell done
'''

[[check]]
id = "repeats"
title = "Lines that are typed come back at once"
points = 1
holds = ["C3"]
[[check.scenario]]
name = "terminal"
rule = "ended"
params = { of = "repeat", code = 0 }
on = "system"
[[check.scenario.program]]
name = "repeat"
args = ["repeat"]
open = true
terminal = true
[[check.scenario.peer]]
name = "person"
script = '''
type repeat "a\n"
watch repeat until "a\n"
type repeat "b\n"
watch repeat until "b\n"
hang up repeat
exit repeat
'''

[[check]]
id = "fetches"
title = "A page is fetched into a file"
points = 1
holds = ["C4"]
[[check.scenario]]
name = "page"
rule = "page"
params = { text = "ababab" }
on = "system"
args = ["fetch", "{site}"]
files = true
[[check.scenario.site]]
name = "site"
[[check.scenario.site.route]]
path = "/"
body = "ab"
repeat = 3
length = "close"
"#;

const JUDGE: &str = r#"
use judge::{Did, Execution, Fault, FindingKind, Judge, Lost, Question, Value, What};

fn main() -> std::process::ExitCode {
    judge::serve(|question: &Question| -> Result<Box<dyn Judge>, Lost> {
        let params = question.params.clone();
        let rule = question.rule.clone();
        Ok(Box::new(move |execution: &Execution| {
            judge::exited(execution)?;
            let of = params["of"].as_str().unwrap_or_default();
            let text = params["text"].as_str().unwrap_or_default();
            let wrong = |words: String| Err(Fault::new(FindingKind::WrongOutput, words));
            match rule.as_str() {
                "received" => match received(execution, of) {
                    got if got == text.as_bytes() => Ok(()),
                    got => wrong(format!("{of} receives {} bytes", got.len())),
                },
                "ended" => match execution.processes.iter().find(|it| it.name == of) {
                    Some(it) if it.exit == Some(0) => Ok(()),
                    _ => wrong(format!("{of} does not end with 0")),
                },
                _ => {
                    let files: Vec<&Value> =
                        judge::marks(execution, judge::placeholder::FILE).into_iter().map(|mark| mark.1).collect();
                    let page = Value::from(vec![Value::from("page"), judge::contents(text.as_bytes())]);
                    let asked = execution.events.iter().filter(|event| {
                        matches!(&event.what, What::Peer { did: Did::Asked { under_way: 1, .. }, .. })
                    });
                    match files.as_slice() {
                        [only] if **only == page && asked.count() == 1 => Ok(()),
                        files => wrong(format!("it leaves {files:?}")),
                    }
                }
            }
        }))
    })
}

fn received(execution: &Execution, of: &str) -> Vec<u8> {
    let thread = execution.processes.iter().position(|process| process.name == of);
    let events = execution.events.iter().filter(|event| Some(event.thread as usize) == thread);
    let bytes = events.filter_map(|event| match &event.what {
        What::Peer { did: Did::Received(bytes), .. } => Some(bytes.0.as_slice()),
        _ => None,
    });
    bytes.collect::<Vec<_>>().concat()
}
"#;

const RIGHT: &str = r#"
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

fn main() -> io::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args[0].as_str() {
        "server" => {
            let listener = TcpListener::bind("127.0.0.1:0")?;
            println!("listening on {}", listener.local_addr()?);
            for stream in listener.incoming() {
                let stream = stream?;
                thread::spawn(move || serve(stream));
            }
        }
        "repeat" => {
            for line in io::stdin().lines() {
                println!("{}", line?);
            }
        }
        _ => {
            let mut stream = TcpStream::connect(&args[1])?;
            write!(stream, "GET / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", args[1])?;
            let mut page = String::new();
            stream.read_to_string(&mut page)?;
            let (_, body) = page.split_once("\r\n\r\n").unwrap_or_default();
            std::fs::write("page", body)?;
        }
    }
    Ok(())
}

fn serve(mut stream: TcpStream) {
    let Ok(clone) = stream.try_clone() else { return };
    for line in BufReader::new(clone).lines() {
        let Ok(line) = line else { return };
        if writeln!(stream, "{line}").is_err() {
            return;
        }
    }
}
"#;

struct Course {
    folder: tempfile::TempDir,
}

impl Course {
    fn new() -> Course {
        let course = Course {
            folder: tempfile::tempdir().unwrap(),
        };
        course.write("course/exercises/echo/README.md", README);
        course.write("course/exercises/echo/exercise.toml", EXERCISE);
        course.write("course/exercises/echo/src/main.rs", "fn main() {}");
        course.write("course/checks/echo/rubric.toml", RUBRIC);
        course.write("course/checks/echo/judge.rs", JUDGE);
        course
    }

    fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    fn submit(&self, name: &str, text: &str) -> PathBuf {
        self.write(&format!("class/{name}/src/main.rs"), text);
        self.folder.path().join(format!("class/{name}"))
    }

    fn grader(&self, verb: &str, submission: &Path) -> Command {
        let mut grader = Command::new(assert_cmd::cargo::cargo_bin!("grader"));
        grader
            .arg(verb)
            .arg(submission)
            .args(["--exercise", "echo"]);
        grader
            .arg("--course")
            .arg(self.folder.path().join("course"));
        grader.env("LOCKSTEP_CACHE", self.folder.path().join("cache"));
        grader
    }

    fn verdict(&self, name: &str, text: &str) -> Value {
        let mut grader = self.grader("grade", &self.submit(name, text));
        let output = grader.args(["--format", "json"]).output().unwrap();
        let document: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
            panic!("{error}: {}", String::from_utf8_lossy(&output.stderr));
        });
        document["verdicts"][0].clone()
    }
}

/// The checks that failed.
fn failed(verdict: &Value) -> Vec<&str> {
    assert_eq!(verdict["outcome"], "graded", "{verdict:#}");
    let checks = verdict["checks"].as_array().unwrap().iter();
    let failed = checks.filter(|check| check["outcome"] == "failed");
    failed.filter_map(|check| check["id"].as_str()).collect()
}

#[test]
fn a_right_program_gets_full_marks_on_the_real_system() {
    let course = Course::new();
    let verdict = course.verdict("right", RIGHT);
    assert_eq!(verdict["score"], json!(4), "{verdict:#}");
    assert_eq!(verdict["checks"][0]["coverage"], "holds on the real system");
}

#[test]
fn a_finding_of_the_real_system_says_so_and_has_no_schedule() {
    let course = Course::new();
    let loses = RIGHT.replace(
        "writeln!(stream, \"{line}\")",
        "writeln!(stream, \"{}\", line.replace(\"two\", \"\"))",
    );
    let verdict = course.verdict("loses", &loses);
    assert_eq!(failed(&verdict), ["echoes"]);
    let finding = &verdict["checks"][0]["finding"];
    assert_eq!(
        (
            &finding["message"],
            &finding["schedule"],
            &finding["contract"]
        ),
        (
            &json!("on the real system: ann receives 5 bytes"),
            &json!(""),
            &json!("C1: `echo server` prints `listening on HOST:PORT` and sends every line back.")
        )
    );
    let timeline = finding["timeline"].as_array().unwrap();
    let tells = |action: &str| timeline.iter().any(|row| row["action"] == action);
    assert!(
        tells("sends \"one\\ntwo\\n\"") && tells("prints \"listening on {server}\\n\""),
        "{timeline:#?}"
    );

    let submission = course.submit("loses", &loses);
    let again = contains("--check echoes --no-cache\n").and(contains("again: "));
    course
        .grader("grade", &submission)
        .assert()
        .code(1)
        .stdout(again);
    for schedule in ["", "one-client@"] {
        let mut replay = course.grader("replay", &submission);
        replay.args(["--check", "echoes", "--schedule", schedule]);
        replay.assert().code(2).stderr(
            contains("a run on the real system has no schedule to replay")
                .and(contains("--check echoes --no-cache")),
        );
    }
}

#[test]
fn what_waits_in_vain_is_found_by_patience_alone() {
    let course = Course::new();
    let one_by_one = RIGHT.replace("thread::spawn(move || serve(stream));", "serve(stream);");
    let holds_back = RIGHT.replace(
        "println!(\"{}\", line?);",
        "all.push_str(&format!(\"{}\\n\", line?));",
    );
    let holds_back = holds_back
        .replace(
            "for line in io::stdin()",
            "let mut all = String::new();\nfor line in io::stdin()",
        )
        .replace("        _ => {", "_ => {")
        .replace(
            "            }\n        }\n_ =>",
            "            }\nprint!(\"{all}\");\n}\n_ =>",
        );
    std::thread::scope(|scope| {
        let wrong = [
            ("one-by-one", one_by_one, "serves-many"),
            ("holds-back", holds_back, "repeats"),
        ];
        for (name, text, check) in wrong {
            let course = &course;
            scope.spawn(move || assert_eq!(failed(&course.verdict(name, &text)), [check]));
        }
    });
}

#[test]
fn a_program_starts_no_other_and_outlives_no_grading() {
    let course = Course::new();
    let starts = RIGHT.replace(
        "let listener =",
        "let started = std::process::Command::new(\"/bin/true\").spawn();
            assert!(started.is_err());
            let listener =",
    );
    let verdict = course.verdict("starts", &starts);
    assert_eq!(failed(&verdict), [""; 0]);
}
