//! Executions of a server and its clients, made by hand.

use verdict::record::Thread;
use verdict::{Bytes, Event, Peer as Scripted, Process, Program as Started, Stream, What};

use super::*;
use crate::testing::place;

const SCRIPT: &str = "connect server\nsend \"ann\\n\"\nread 2 lines\nread end";

fn world() -> World {
    let program = |label: &str| Started {
        label: label.to_owned(),
        announces: Some("listening on ".to_owned()),
        ..Started::default()
    };
    let peer = |name: &str| Scripted {
        name: name.to_owned(),
        script: SCRIPT.parse().unwrap(),
    };
    World {
        programs: vec![program("server"), program("client")],
        peers: vec![peer("ann"), peer("bob")],
        ..World::default()
    }
}

/// Threads: 0 and 3 of the server, 1 of ann, 2 of bob, 4 of the client.
fn execution(ending: Ending, events: Vec<Event>) -> Execution {
    let process = |name: &str, peer| Process {
        name: name.to_owned(),
        peer,
        exit: None,
    };
    let thread = |process| Thread {
        name: None,
        spawned: None,
        process,
    };
    Execution {
        processes: vec![
            process("server", false),
            process("client", false),
            process("ann", true),
            process("bob", true),
        ],
        threads: [0, 2, 3, 0, 1].map(thread).to_vec(),
        ..crate::testing::execution(ending, events)
    }
}

const ANN: u32 = 1;
const BOB: u32 = 2;

fn did(thread: u32, line: u32, did: Did) -> Event {
    let at = u64::from(line) * 1_000;
    crate::testing::event(thread, What::Peer { line, at, did })
}

fn prints(thread: u32, text: &str) -> Event {
    let what = What::Print {
        stream: Stream::Stdout,
        text: text.to_owned(),
    };
    crate::testing::event(thread, what)
}

fn received(text: &str) -> Did {
    Did::Received(Bytes::from(text))
}

fn over(waits: Vec<Wait>) -> Ending {
    Ending::Over { waits }
}

fn wait(thread: u32, call: &str, object: &str, line: u32) -> Wait {
    Wait {
        thread,
        call: call.to_owned(),
        object: object.to_owned(),
        made: None,
        place: Some(place(line)),
        holders: vec![],
        missed: None,
    }
}

#[test]
fn what_a_peer_received_is_told_in_pieces_lines_and_connections() {
    let execution = execution(
        over(vec![]),
        vec![
            did(ANN, 0, Did::Connected),
            did(BOB, 0, Did::NotConnected("ConnectionRefused".to_owned())),
            did(ANN, 1, Did::Sent(Bytes::from("ann\n"))),
            did(ANN, 2, received("wel")),
            did(BOB, 0, Did::GaveUp),
            did(ANN, 2, received("come\r\nhe")),
            did(ANN, 3, Did::Broken("ConnectionReset".to_owned())),
            did(ANN, 0, Did::Connected),
            did(ANN, 2, received("y\n")),
            did(ANN, 3, Did::End),
            did(ANN, 3, Did::Done),
        ],
    );
    let world = world();
    let seen = Seen::new(&world, &execution);
    let ann = seen.peer("ann");
    assert_eq!(ann.received(), b"welcome\r\nhey\n");
    assert_eq!(ann.received_at(3), b"");
    assert_eq!(ann.sent(), b"ann\n");
    assert_eq!(ann.pieces().count(), 3);
    let lines: Vec<_> = ann
        .lines()
        .iter()
        .map(|line| (line.text(), line.ended, line.event))
        .collect();
    // What is left of one connection is not continued by the next.
    let wanted = [("welcome", true, 5), ("he", false, 5), ("y", true, 8)];
    assert_eq!(
        lines,
        wanted.map(|(text, ended, event)| (text.to_owned(), ended, event))
    );
    let connections = ann.connections();
    assert_eq!(
        connections
            .iter()
            .map(|connection| (connection.event, connection.ended))
            .collect::<Vec<_>>(),
        [(0, Some(6)), (7, Some(9))]
    );
    assert_eq!(connections[0].received, b"welcome\r\nhe");
    assert_eq!(
        connections[0].end,
        End::Broken("ConnectionReset".to_owned())
    );
    assert_eq!(ann.end(), End::Closed);
    assert_eq!((ann.is_done(), ann.gave_up()), (true, None));
    assert_eq!(
        ann.story(),
        "ann received \"y\\n\" and then the end of input"
    );

    let bob = seen.peer("bob");
    assert_eq!(bob.end(), End::Refused("ConnectionRefused".to_owned()));
    assert_eq!((bob.is_done(), bob.gave_up()), (false, Some(0)));
    assert_eq!(bob.story(), "bob could not connect (ConnectionRefused)");
    assert_eq!(bob.line(1), "send \"ann\\n\"");
}

#[test]
fn a_datagram_needs_no_connection() {
    let execution = execution(
        over(vec![]),
        vec![
            did(ANN, 0, Did::Acted),
            did(ANN, 1, Did::Sent(Bytes::from("?"))),
            did(ANN, 2, received("now")),
            did(ANN, 3, Did::GaveUp),
        ],
    );
    let world = world();
    let ann = Seen::new(&world, &execution).peer("ann");
    let connections = ann.connections();
    assert_eq!(connections.len(), 1);
    assert_eq!(
        (
            connections[0].sent.as_slice(),
            connections[0].received.as_slice()
        ),
        (&b"?"[..], &b"now"[..])
    );
}

#[test]
fn each_program_has_its_own_output_and_its_own_end() {
    let ended = |process, code| crate::testing::event(0, What::Exited { process, code });
    let execution = execution(
        over(vec![]),
        vec![
            prints(0, "listening on 127.0.0.1:4000\nso"),
            prints(4, "error: no\n"),
            ended(1, Some(1)),
            prints(3, "me\n"),
            ended(0, None),
        ],
    );
    let world = world();
    let seen = Seen::new(&world, &execution);
    let (server, client) = (seen.program("server"), seen.program("client"));
    assert_eq!(server.stdout(), "listening on 127.0.0.1:4000\nsome\n");
    assert_eq!(server.announced().as_deref(), Some("127.0.0.1:4000"));
    assert_eq!(client.announced(), None);
    let lines = server.lines(Stream::Stdout);
    assert_eq!(
        (lines[1].text.as_str(), &lines[1].threads[..]),
        ("some", &[0, 3][..])
    );
    assert_eq!(
        (client.exit(), client.has_ended(), client.ended_at()),
        (Some(1), true, Some(2))
    );
    assert_eq!((server.exit(), server.was_killed()), (None, true));
    assert!(server.has(3) && !server.has(4));
}

#[test]
fn the_date_of_a_deed_counts_from_the_beginning() {
    let mut execution = execution(over(vec![]), vec![]);
    execution.began = 253_402_300_799_000_000_000;
    let world = world();
    let seen = Seen::new(&world, &execution);
    assert_eq!(seen.date(1_000_000_005), (253_402_300_800, 5));
}

#[test]
fn a_program_on_its_own_has_the_end_of_the_execution() {
    let world = World::of(Started::default());
    let execution = crate::testing::execution(Ending::Exited { code: 2 }, vec![prints(1, "x")]);
    let seen = Seen::new(&world, &execution);
    let program = seen.programs().next().unwrap();
    assert_eq!(
        (program.exit(), program.stdout()),
        (Some(2), "x".to_owned())
    );
}

#[test]
fn a_peer_that_gave_up_is_told_with_what_the_programs_wait_for() {
    let by = crate::Holder {
        thread: 3,
        place: Some(place(9)),
    };
    let lock = Wait {
        holders: vec![by],
        ..wait(0, "Mutex::lock", "mutex 1", 12)
    };
    let waits = vec![
        lock,
        wait(3, "TcpStream::read", "connection 1", 20),
        wait(4, "TcpListener::accept", "listener 1", 5),
    ];
    let execution = execution(
        over(waits),
        vec![
            did(ANN, 0, Did::Connected),
            did(BOB, 0, Did::Connected),
            did(ANN, 2, received("welcome ann\n")),
            did(ANN, 2, Did::GaveUp),
            did(BOB, 2, Did::GaveUp),
        ],
    );
    let world = world();
    let seen = Seen::new(&world, &execution);
    let fault = seen.nobody_gave_up().unwrap_err();
    assert_eq!(fault.kind, FindingKind::NoAnswer);
    assert_eq!(
        fault.message,
        "ann waited at line 3 of its script (`read 2 lines`), and it never came; ann received \
         \"welcome ann\\n\"; meanwhile server T1 holds mutex 1 (taken at src/lib.rs:9:5) and waits \
         for something to come in TcpStream::read at src/lib.rs:20:5; client waits for a \
         connection in TcpListener::accept at src/lib.rs:5:5; server waits for mutex 1 at \
         src/lib.rs:12:5"
    );
    assert_eq!(
        seen.waiting_in("client"),
        "client waits for a connection in TcpListener::accept at src/lib.rs:5:5"
    );
    assert_eq!(seen.process_of(3), "server");
    assert_eq!(seen.sound(), Ok(()));
}
