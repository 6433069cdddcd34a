//! Client programs that keep the contract and some that do not.

use judge::{
    Bytes, Did, Ending, Event, Execution, Fault, FindingKind, Judge, Peer, Process, Program,
    Question, Stream, Thread, What, World, serde_json,
};

use super::Conversation;

const SCRIPT: &str = r#"
    listen
    accept
    read line "..."
    send "..."
    type client "one\n"
    type client "two\n"
    hang up client
    watch client until "bob: hi\n"
    close
    exit client
"#;

const ACCEPT: u32 = 1;
const READ: u32 = 2;
const SEND: u32 = 3;
const HANG_UP: u32 = 6;
const WATCH: u32 = 7;
const CLOSE: u32 = 8;
const EXIT: u32 = 9;

/// Threads and processes: 0 is the program, 1 its server.
struct Run(Vec<Event>);

impl Run {
    fn event(mut self, thread: u32, what: What) -> Run {
        self.0.push(Event { thread, what });
        self
    }

    fn did(self, line: u32, did: Did) -> Run {
        self.event(1, What::Peer { line, at: 0, did })
    }

    /// The client has connected and sent this.
    fn after(sent: &str) -> Run {
        Run(Vec::new())
            .did(ACCEPT, Did::Connected)
            .did(READ, Did::Received(Bytes::from(sent)))
    }

    /// The same, and was welcomed.
    fn welcomed() -> Run {
        Run::after("ann\n").sends("welcome ann\n")
    }

    fn sends(self, text: &str) -> Run {
        self.did(SEND, Did::Sent(Bytes::from(text)))
    }

    fn gets(self, text: &str) -> Run {
        self.did(READ, Did::Received(Bytes::from(text)))
    }

    fn acts(self, line: u32) -> Run {
        self.did(line, Did::Acted)
    }

    fn types(self) -> Run {
        self.acts(4).acts(5)
    }

    fn prints(self, text: &str) -> Run {
        let (stream, text) = (Stream::Stdout, text.to_owned());
        self.event(0, What::Print { stream, text })
    }

    fn complains(self, text: &str) -> Run {
        let (stream, text) = (Stream::Stderr, text.to_owned());
        self.event(0, What::Print { stream, text })
    }

    fn ends(self, code: i32) -> Run {
        let code = Some(code);
        self.event(0, What::Exited { process: 0, code })
    }

    fn judged(self, code: Option<i32>) -> Result<(), Fault> {
        let world = World {
            programs: vec![Program {
                args: ["client", "{server}", "ann"].map(str::to_owned).to_vec(),
                label: "client".into(),
                open: true,
                ..Program::default()
            }],
            peers: vec![Peer {
                name: "server".into(),
                script: SCRIPT.parse().unwrap(),
            }],
            ..World::default()
        };
        let thread = |process| Thread {
            name: None,
            spawned: None,
            process,
        };
        let process = |name: &str, peer| Process {
            name: name.into(),
            peer,
            exit: None,
        };
        let execution = Execution {
            schedule: "0".into(),
            number: 0,
            preemptions: 0,
            began: 0,
            ending: Ending::Over { waits: vec![] },
            processes: vec![process("client", false), process("server", true)],
            threads: [0, 1].map(thread).to_vec(),
            events: self.0,
        };
        let question = Question {
            check: "check".into(),
            scenario: "scenario".into(),
            rule: "client".into(),
            params: match code {
                Some(code) => serde_json::json!({ "code": code }),
                None => serde_json::json!({}),
            },
            world,
        };
        Conversation::new(&question).unwrap().execution(&execution)
    }

    fn told(self, code: Option<i32>) -> (String, String) {
        let fault = self.judged(code).expect_err("there is a fault");
        (fault.sentence.unwrap_or_default(), fault.message)
    }
}

fn assert_broken(run: Run, code: Option<i32>, sentence: &str, message: &str) {
    assert_eq!(run.told(code), (sentence.to_owned(), message.to_owned()));
}

#[test]
fn lines_that_go_both_ways_are_kept_with_or_without_welcome_and_goodbye() {
    for (welcome, goodbye) in [("", ""), ("welcome ann\n", "goodbye ann\n")] {
        let run = Run::welcomed()
            .prints(welcome)
            .types()
            .sends("bob: hi\nerror: no\n")
            .prints("bob: ")
            .gets("one\ntw")
            .prints("hi\nerror: no\n")
            .gets("o\n/quit\n")
            .acts(HANG_UP)
            .sends("goodbye ann\n")
            .prints(goodbye)
            .ends(0);
        assert_eq!(run.judged(Some(0)), Ok(()));
    }
}

#[test]
fn what_is_sent_is_what_was_typed() {
    assert_broken(
        Run::after("Ann\n"),
        None,
        "C22",
        "the first line that the server got was `Ann`, and not the name `ann`",
    );
    assert_broken(
        Run::welcomed().types().gets("two\n"),
        None,
        "C22",
        "the server got `two`, but `one` is what was typed next",
    );
    assert_broken(
        Run::welcomed().types().gets("one\ntwo\n/quit\n"),
        None,
        "C24",
        "the server got `/quit`, which nobody had typed",
    );
    assert_broken(
        Run::welcomed().types().gets("one\ntwo\ntwo\n"),
        None,
        "C22",
        "the server got `two` twice",
    );
}

#[test]
fn what_is_printed_is_what_came() {
    assert_broken(
        Run::welcomed().sends("bob: hi\n").prints("connected!\n"),
        None,
        "C22",
        "the client printed `connected!`, but the server had sent `bob: hi` next",
    );
    assert_broken(
        Run::welcomed()
            .sends("bob: hi\n")
            .prints("bob: hi\nbob: hi\n"),
        None,
        "C22",
        "the client printed `bob: hi`, which the server had not sent",
    );
    let run = Run::welcomed()
        .acts(HANG_UP)
        .gets("/quit\n")
        .sends("bob: hi\ngoodbye ann\n");
    assert_broken(
        run.ends(0),
        Some(0),
        "C24",
        "the client ended without printing `bob: hi`, which the server had sent",
    );
    // Half a line need not be printed, but may be.
    for printed in ["", "bob: h", "bob: h\n"] {
        let run = Run::welcomed()
            .sends("bob: h")
            .did(CLOSE, Did::Closed("close".into()));
        let run = run.prints(printed).complains("error: gone\n").ends(1);
        assert_eq!(run.judged(Some(1)), Ok(()));
    }
}

#[test]
fn a_failure_is_said_and_told() {
    let vanished = || Run::welcomed().did(CLOSE, Did::Closed("close".into()));
    assert_broken(
        vanished().ends(0),
        Some(1),
        "C25",
        "the client ended with exit code 0 after the server had closed the connection without \
         `goodbye`: it should be 1",
    );
    assert_broken(
        vanished().complains("gone\n").ends(1),
        Some(1),
        "C25",
        "a client that fails says so on standard error with a line that begins `error: `, but \
         what it said after the server had closed the connection without `goodbye` was \"gone\\n\"",
    );
    assert_eq!(
        vanished()
            .complains("hm\nerror: gone\n")
            .ends(1)
            .judged(Some(1)),
        Ok(())
    );
    let refused = Run::after("ann\n")
        .sends("error: in use\n")
        .prints("error: in use\n");
    assert_eq!(
        refused.complains("error: in use\n").ends(1).judged(Some(1)),
        Ok(())
    );
    assert_broken(
        Run::welcomed()
            .sends("error: no\n")
            .prints("error: no\n")
            .ends(1)
            .did(EXIT, Did::Done),
        None,
        "C25",
        "the client ended with exit code 1 and said \"\", although the conversation was not over",
    );
}

#[test]
fn what_is_waited_for_in_vain_is_told() {
    let vain = |run: Run, line| run.did(line, Did::GaveUp);
    assert_broken(
        vain(Run(Vec::new()), ACCEPT),
        None,
        "C22",
        "the client did not connect",
    );
    assert_broken(
        vain(Run::welcomed().sends("bob: hi\n"), WATCH),
        None,
        "C22",
        "the server had sent `bob: hi` after the welcome, but the client printed only \"\"",
    );
    assert_broken(
        vain(Run::welcomed().sends("goodbye ann\n"), EXIT),
        Some(0),
        "C23",
        "the client did not end after `goodbye`, while its standard input was still open",
    );
    let fault = vain(Run::welcomed().sends("bob: hi\n"), SEND)
        .judged(None)
        .unwrap_err();
    assert_eq!(fault.kind, FindingKind::NoAnswer);
}
