//! A server with scripted peers, examined in the simulation and judged, end to
//! end.

#![allow(clippy::unwrap_used, reason = "a test says by failing what is missing")]

mod tiny;

use serde_json::{Value, json};
use tiny::Tiny;

const README: &str = "\
# Echo

## The contract

- **C1** The program prints `listening on HOST:PORT` and sends back to each client the line that it sent.
- **C2** One client that is silent keeps no other waiting.
- **C3** The program is `src/main.rs`.
";

const EXERCISE: &str = "\
title = \"Echo\"
points = 3
hints = [\"A client may be silent.\"]
";

const RUBRIC: &str = r#"
kind = "program"
build = ["C3"]

[[check]]
id = "echoes"
title = "A client gets its line back"
points = 1
holds = ["C1"]
[[check.scenario]]
name = "one"
rule = "line"
search = { preemptions = 1, random = 10 }
[[check.scenario.program]]
name = "server"
announces = "listening on "
[[check.scenario.peer]]
name = "ann"
script = '''
connect server
send "hi\n"
read end
'''

[[check]]
id = "whatever-comes"
title = "A line may come in pieces"
points = 1
holds = ["C1"]
[[check.scenario]]
name = "pieces"
rule = "line"
search = { preemptions = 1, random = 10 }
[[check.scenario.program]]
name = "server"
announces = "listening on "
[[check.scenario.peer]]
name = "ann"
script = '''
connect server
send slowly "hi\n"
read end
'''

[[check]]
id = "silent"
title = "A silent client keeps nobody waiting"
points = 1
holds = ["C2"]
[[check.scenario]]
name = "silent"
rule = "line"
search = { preemptions = 1, random = 10 }
[[check.scenario.program]]
name = "server"
announces = "listening on "
[[check.scenario.peer]]
name = "bob"
script = '''
connect server
tell silent
await done
'''
[[check.scenario.peer]]
name = "ann"
script = '''
await silent
connect server
send "hi\n"
read end
tell done
'''
"#;

const JUDGE: &str = r#"
use judge::world::Seen;
use judge::{Execution, Fault, FindingKind, Judge, Lost, Question};

fn main() -> std::process::ExitCode {
    judge::serve(|question: &Question| -> Result<Box<dyn Judge>, Lost> {
        let world = question.world.clone();
        Ok(Box::new(move |execution: &Execution| {
            let seen = Seen::new(&world, execution);
            seen.sound()?;
            seen.nobody_gave_up()?;
            let ann = seen.peer("ann");
            match ann.received() == b"hi\n" {
                true => Ok(()),
                false => Err(Fault::new(
                    FindingKind::WrongAnswer,
                    format!("{}, and not its line", ann.story()),
                )),
            }
        }))
    })
}
"#;

/// A thread for each client.
const RIGHT: &str = r#"
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("listening on {}", listener.local_addr().unwrap());
    for stream in listener.incoming() {
        let stream = stream.unwrap();
        std::thread::spawn(move || answer(stream));
    }
}

fn answer(mut stream: TcpStream) {
    let mut line = String::new();
    BufReader::new(&stream).read_line(&mut line).unwrap();
    stream.write_all(line.as_bytes()).unwrap();
}
"#;

/// One client after another.
const IN_TURN: (&str, &str) = (
    "std::thread::spawn(move || answer(stream));",
    "answer(stream);",
);

/// What one read gives is taken for the line.
const ONE_READ: (&str, &str) = (
    "let mut line = String::new();
    BufReader::new(&stream).read_line(&mut line).unwrap();
    stream.write_all(line.as_bytes()).unwrap();",
    "let mut bytes = [0; 64];
    let length = std::io::Read::read(&mut stream, &mut bytes).unwrap();
    stream.write_all(&bytes[..length]).unwrap();",
);

struct Echo(Tiny);

impl Echo {
    fn new() -> Echo {
        let tiny = Tiny::new();
        tiny.write("course/exercises/echo/README.md", README);
        tiny.write("course/exercises/echo/exercise.toml", EXERCISE);
        tiny.write("course/exercises/echo/src/main.rs", "fn main() {}\n");
        tiny.write("course/solutions/echo/src/main.rs", RIGHT);
        tiny.write("course/checks/echo/rubric.toml", RUBRIC);
        tiny.write("course/checks/echo/judge.rs", JUDGE);
        Echo(tiny)
    }

    fn grade(&self, name: &str, source: &str, more: &[&str]) -> String {
        let path = self.0.write(&format!("class/{name}/src/main.rs"), source);
        let mut grader = self.0.grader("grade");
        grader.args(["--exercise", "echo"]).args(more);
        let submission = path.parent().unwrap().parent().unwrap();
        let output = grader.arg(submission).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(matches!(output.status.code(), Some(0 | 1)), "{stderr}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn verdict(&self, name: &str, source: &str) -> Value {
        let document = self.grade(name, source, &["--format", "json"]);
        serde_json::from_str::<Value>(&document).unwrap()["verdicts"][0].clone()
    }
}

fn wrong((right, wrong): (&str, &str)) -> String {
    assert!(RIGHT.contains(right));
    RIGHT.replace(right, wrong)
}

#[test]
fn a_server_is_judged_by_what_its_clients_got() {
    let echo = Echo::new();
    let verdict = echo.verdict("right", RIGHT);
    assert_eq!(verdict["score"], json!(3), "{verdict:#}");

    let verdict = echo.verdict("in-turn", &wrong(IN_TURN));
    assert_eq!(verdict["score"], json!(2), "{verdict:#}");
    let finding = &verdict["checks"][2]["finding"];
    assert_eq!(finding["kind"], "no-answer");
    let message = finding["message"].as_str().unwrap();
    let wanted = "ann waited at line 4 of its script (`read end`), and it never came; ann \
                  received nothing; in the end, server waits for a connection";
    assert!(message.starts_with(wanted), "{message}");
    let rows = finding["timeline"].as_array().unwrap();
    let has = |name: &str, action: &str| {
        rows.iter()
            .any(|row| row["name"] == name && row["action"].as_str().unwrap().starts_with(action))
    };
    assert!(has("ann", "sends \"hi\\n\""), "{rows:#?}");
    assert!(has("bob", "`tell silent`"), "{rows:#?}");
    assert!(has("server", "accepts from listener 1"), "{rows:#?}");
    assert!(has("ann", "has waited long enough"), "{rows:#?}");
    assert!(has("server", "still waits for listener 1"), "{rows:#?}");

    let verdict = echo.verdict("one-read", &wrong(ONE_READ));
    assert_eq!(verdict["score"], json!(0), "{verdict:#}");
    let finding = &verdict["checks"][1]["finding"];
    assert_eq!(finding["kind"], "wrong-answer");
    assert_eq!(
        finding["message"],
        "ann received \"h\", then the connection broke (ConnectionReset), and not its line"
    );
}

#[test]
fn a_finding_of_several_processes_is_shown_as_a_network_trace() {
    let echo = Echo::new();
    let text = echo.grade("in-turn", &wrong(IN_TURN), &[]);
    for words in ["no answer", "server", "bob", "ann", "sends \"hi\\n\""] {
        assert!(text.contains(words), "{words}: {text}");
    }
}
