//! Runs of little programs: shell scripts, and peers among themselves.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::Duration;

use verdict::{Did, Peer, Program, Stream};

use super::*;

/// A folder with a program, which is a script of the shell: it starts no others.
struct Shell {
    folder: tempfile::TempDir,
}

impl Shell {
    fn new(script: &str) -> Shell {
        let folder = tempfile::tempdir().unwrap();
        let shell = Shell { folder };
        std::fs::write(shell.file(), format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(shell.file(), std::fs::Permissions::from_mode(0o700)).unwrap();
        shell
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("program")
    }

    fn run(&self, world: &World) -> Execution {
        let file = self.file();
        let program = Called {
            file: &file,
            name: "program",
        };
        run_with(&Home::find().unwrap(), program, world, IMPATIENT).unwrap()
    }
}

const IMPATIENT: Patience = Patience {
    wait: Duration::from_millis(800),
    most: Duration::from_secs(20),
    quiet: Duration::from_millis(100),
};

fn program(label: &str) -> Program {
    Program {
        label: label.to_owned(),
        ..Program::default()
    }
}

fn peer(name: &str, script: &str) -> Peer {
    Peer {
        name: name.to_owned(),
        script: script.parse().unwrap(),
    }
}

/// What a process did: peers without what their lines tell alone.
fn deeds(execution: &Execution, name: &str) -> Vec<String> {
    let mut names = execution.processes.iter();
    let number = names.position(|process| process.name == name).unwrap() as u32;
    let own = execution
        .events
        .iter()
        .filter(|event| event.thread == number);
    let told = own.filter_map(|event| match &event.what {
        What::Peer {
            did: Did::Acted, ..
        } => None,
        What::Peer { did, .. } => Some(format!("{did:?}")),
        What::Print { stream, text } => Some(format!("{stream:?} {text:?}")),
        What::Exited { code, .. } => Some(format!("exited {code:?}")),
        _ => None,
    });
    told.collect()
}

/// All that a process printed.
fn printed(execution: &Execution, of: Stream) -> String {
    let texts = execution
        .events
        .iter()
        .filter_map(|event| match &event.what {
            What::Print { stream, text } if *stream == of => Some(text.as_str()),
            _ => None,
        });
    texts.collect()
}

/// Peers alone, beside a program that does nothing.
fn among_peers(peers: Vec<Peer>) -> Execution {
    let world = World {
        programs: vec![program("nothing")],
        peers,
        ..World::default()
    };
    Shell::new("exit 0").run(&world)
}

#[test]
fn a_program_alone_ends_with_its_exit_code() {
    let world = World::of(Program {
        args: vec!["one".to_owned(), "{out}".to_owned(), "{x}".to_owned()],
        stdin: "typed\n".to_owned(),
        ..program("p")
    });
    let shell = Shell::new(
        "read line; echo \"$line $1 $3\"; [ \"$2\" = \"$PWD\" ] && echo same >&2; exit 3",
    );
    let execution = shell.run(&world);
    assert_eq!(execution.ending, Ending::Exited { code: 3 });
    assert_eq!((execution.processes.len(), execution.threads.len()), (0, 1));
    assert_eq!(printed(&execution, Stream::Stdout), "typed one {x}\n");
    assert_eq!(printed(&execution, Stream::Stderr), "same\n");
}

#[test]
fn a_program_that_does_not_end_or_crashes_is_told() {
    let world = World::of(program("p"));
    let endless = Shell::new("while :; do :; done").run(&world);
    assert!(
        matches!(endless.ending, Ending::TooMuch { .. }),
        "{endless:?}"
    );
    let crash = Shell::new("kill -ABRT $$").run(&world);
    assert!(
        matches!(&crash.ending, Ending::Crashed { reason } if reason.contains("signal 6")),
        "{crash:?}"
    );
}

#[test]
fn peers_connect_send_and_read_what_their_scripts_say() {
    let server = "listen\naccept\nread line \"b\"\nread 3 bytes\nsend slowly \"xy\\n\"\n\
                  read end\nclose";
    let client = "connect server\nsend \"a\\nb\\nabcd\"\nread 1 line\nshutdown\nread end";
    let execution = among_peers(vec![peer("server", server), peer("client", client)]);
    assert_eq!(execution.ending, Ending::Over { waits: vec![] });
    let server = deeds(&execution, "server");
    assert_eq!(
        server[..3],
        [
            "Connected",
            "Received(Bytes([97, 10, 98, 10]))",
            "Received(Bytes([97, 98, 99]))"
        ]
    );
    let sent = ["120", "121", "10"].map(|byte| format!("Sent(Bytes([{byte}]))"));
    assert_eq!(server[3..6], sent);
    assert_eq!(
        server[6..],
        ["Received(Bytes([100]))", "End", "Closed(\"close\")", "Done"]
    );
    let client = deeds(&execution, "client");
    assert_eq!(client.last().unwrap(), "Done");
    assert_eq!(client[client.len() - 2], "End");
    assert!(execution.began > 0);
}

#[test]
fn a_reset_is_broken_and_what_does_not_come_is_given_up() {
    let server = "listen\naccept\nread some\nreset\naccept\nvanish\nunlisten\ntell gone";
    let client = "connect server\nsend \"x\"\nread end\nconnect server\nawait gone\n\
                  connect server";
    let nobody = "connect nobody\nsend \"x\"";
    let waits = "await never\nsend \"x\"";
    let execution = among_peers(vec![
        peer("server", server),
        peer("client", client),
        peer("lost", nobody),
        peer("patient", waits),
    ]);
    let refused = [
        "NotConnected(\"ConnectionRefused\")",
        "NotSent(\"NotConnected\")",
        "Done",
    ];
    assert_eq!(deeds(&execution, "lost"), refused);
    assert_eq!(deeds(&execution, "patient"), ["GaveUp"]);
    assert_eq!(
        deeds(&execution, "client"),
        [
            "Connected",
            "Sent(Bytes([120]))",
            "Broken(\"ConnectionReset\")",
            "Connected",
            "NotConnected(\"ConnectionRefused\")",
            "Done"
        ]
    );
}

#[test]
fn the_end_of_input_ends_every_read_and_the_script_goes_on() {
    let server = "listen\naccept\nsend \"a\\nb\"\nclose";
    let client = "connect server\nread 1 line\nread 1 line\ntell over";
    let execution = among_peers(vec![peer("server", server), peer("client", client)]);
    assert_eq!(
        deeds(&execution, "client"),
        [
            "Connected",
            "Received(Bytes([97, 10]))",
            "Received(Bytes([98]))",
            "End",
            "Done"
        ]
    );
}

#[test]
fn datagrams_go_to_and_fro() {
    let server = "listen udp\nread some\nsend \"one\"\nsend \"\"\nread some";
    let client = "udp server\nsend \"a\"\nread some\nread some\nread some";
    let execution = among_peers(vec![peer("server", server), peer("client", client)]);
    assert_eq!(
        deeds(&execution, "client"),
        [
            "Connected",
            "Sent(Bytes([97]))",
            "Received(Bytes([111, 110, 101]))",
            "Received(Bytes([]))",
            "GaveUp"
        ]
    );
}

#[test]
fn a_program_is_started_typed_at_watched_and_waited_for() {
    let world = World {
        programs: vec![
            Program {
                open: true,
                waits: true,
                ..program("echo")
            },
            Program {
                announces: Some("at ".to_owned()),
                args: vec!["serve".to_owned()],
                ..program("server")
            },
            Program {
                args: vec!["tell".to_owned(), "<{server}>".to_owned()],
                ..program("client")
            },
        ],
        peers: vec![peer(
            "person",
            "start echo\ntype echo \"a\\n\"\nwatch echo until \"got a\\n\"\ntype echo \"b\\n\"\n\
             watch echo until \"got\"\nhang up echo\nexit echo\n\
             watch client until \">\"\nkill server\nrest",
        )],
        ..World::default()
    };
    let script = "case $1 in
        serve) echo ready; echo 'at 1.2.3.4:5'; while :; do read line || kill -STOP $$; done;;
        tell) echo \"$2\"; exit 4;;
        *) while read line; do echo \"got $line\"; done; echo end; exit 7;;
    esac";
    let execution = Shell::new(script).run(&world);
    assert_eq!(deeds(&execution, "person"), ["Done"]);
    let echo = deeds(&execution, "echo").concat();
    assert!(echo.ends_with("exited Some(7)"), "{echo}");
    assert_eq!(
        deeds(&execution, "client"),
        ["Stdout \"<1.2.3.4:5>\\n\"", "exited Some(4)"]
    );
    assert_eq!(deeds(&execution, "server").last().unwrap(), "exited None");
    let exits = execution.processes.iter().map(|process| process.exit);
    assert_eq!(exits.collect::<Vec<_>>(), [Some(7), None, Some(4), None]);
}

#[test]
fn a_program_at_a_terminal_is_typed_at_as_by_a_person() {
    let world = World {
        programs: vec![Program {
            open: true,
            terminal: true,
            ..program("shell")
        }],
        peers: vec![peer(
            "person",
            "type shell \"one\\ntw\"\nwatch shell until \"[one]\\n\"\ntype shell \"o\"\n\
             hang up shell\nexit shell",
        )],
        ..World::default()
    };
    let script = "[ -t 0 ] && [ -t 1 ] || exit 9
        while read line; do echo \"[$line]\"; done; echo \"rest $line\"";
    let execution = Shell::new(script).run(&world);
    assert_eq!(deeds(&execution, "person"), ["Done"]);
    assert_eq!(printed(&execution, Stream::Stdout), "[one]\nrest two\n");
}

#[test]
fn nobody_waits_for_a_program_that_can_be_typed_at() {
    let world = World {
        programs: vec![Program {
            open: true,
            ..program("idle")
        }],
        peers: vec![peer("person", "rest")],
        ..World::default()
    };
    let execution = Shell::new("echo begin; read line; echo end").run(&world);
    assert_eq!(execution.ending, Ending::Over { waits: vec![] });
    assert_eq!(deeds(&execution, "idle"), ["Stdout \"begin\\n\""]);
}

#[test]
fn files_are_given_and_told() {
    let world = World {
        given: vec![verdict::Given {
            path: "list".to_owned(),
            text: "<{nobody}>\n".to_owned(),
        }],
        files: true,
        ..World::of(program("p"))
    };
    let execution = Shell::new("read line < list; echo \"$line\" > copy").run(&world);
    let nobody = execution.events.iter().find_map(|event| match &event.what {
        What::Mark { name, value } if name == "address" => match value.as_list()? {
            [name, address] if name.as_text() == Some("nobody") => address.as_text(),
            _ => None,
        },
        _ => None,
    });
    let text = format!("<{}>\n", nobody.unwrap());
    let files = execution
        .events
        .iter()
        .filter_map(|event| match &event.what {
            What::Mark { name, value } if name == FILE => Some(value.to_string()),
            _ => None,
        });
    let expected = ["copy", "list"].map(|name| format!("[{name:?}, {text:?}]"));
    assert_eq!(files.collect::<Vec<_>>(), expected);
}

#[test]
fn an_address_that_is_told_is_not_looked_up_and_not_far_away() {
    for (address, expected) in [
        ("192.0.2.1:80", r#"NotConnected("ConnectionRefused")"#),
        ("name.invalid:80", r#"NotConnected("InvalidInput")"#),
        ("one\0two", r#"NotConnected("InvalidInput")"#),
    ] {
        let world = World {
            programs: vec![Program {
                announces: Some("listening on ".to_owned()),
                ..program("server")
            }],
            peers: vec![peer("ann", "connect server\n")],
            ..World::default()
        };
        let script = format!(
            "printf 'listening on {}\\n'",
            address.replace('\0', "\\000")
        );
        let execution = Shell::new(&script).run(&world);
        assert_eq!(deeds(&execution, "ann")[0], expected, "{address:?}");
    }
}

#[test]
fn what_a_program_sends_without_an_end_is_bounded() {
    let board = Board::new(IMPATIENT, 1, 1);
    let received = || Did::Received(verdict::Bytes(vec![0; 1 << 16]));
    while !board.state().is_flooded() {
        board.did(1, 0, received());
    }
    let kept = board.state().events.len();
    assert!(kept << 16 <= board::MOST_TAKEN, "{kept}");
    board.did(1, 0, received());
    assert_eq!(board.state().events.len(), kept);
}

#[test]
fn what_is_printed_in_many_pieces_is_one() {
    let board = Board::new(IMPATIENT, 1, 1);
    for _ in 0..3 {
        board.printed(0, Stream::Stdout, "a".to_owned());
    }
    board.printed(0, Stream::Stderr, "b".to_owned());
    board.printed(0, Stream::Stdout, "a".to_owned());
    let printed = |of| board.printed_by(0, of);
    assert_eq!(
        (printed(Stream::Stdout), printed(Stream::Stderr)),
        ("aaaa".into(), "b".into())
    );
    let state = board.state();
    assert_eq!((state.events.len(), state.printed), (3, 5));
}
