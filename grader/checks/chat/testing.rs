//! Executions for the tests of the other modules.

use judge::{
    Bytes, Did, Ending, Event, Execution, Fault, Judge, Process, Program, Question, Stream, Thread,
    What, World, serde_json,
};

/// The script that every peer of a test has; what it does is told by its lines.
const SCRIPT: &str = r#"
    connect server
    send "..."
    read line "..."
    shutdown
    close
    read rest
"#;

const CONNECT: u32 = 0;
const SEND: u32 = 1;
const READ: u32 = 2;
const LEAVE: u32 = 3;
const REST: u32 = 5;

/// An execution of a server and its clients, told step by step.
pub(crate) struct Talk {
    world: World,
    execution: Execution,
    params: serde_json::Value,
}

impl Talk {
    /// A server with these arguments, and these peers, which connect one after
    /// another.
    pub(crate) fn new(args: &[&str], peers: &[&str]) -> Talk {
        let mut talk = Talk::apart(args, peers);
        for peer in peers {
            talk.connects(peer);
        }
        talk
    }

    /// The same, but nobody has connected yet.
    pub(crate) fn apart(args: &[&str], peers: &[&str]) -> Talk {
        let server = Program {
            args: args.iter().map(|&arg| arg.to_owned()).collect(),
            label: "server".to_owned(),
            announces: Some("listening on ".to_owned()),
            ..Program::default()
        };
        let peer = |name: &&str| judge::Peer {
            name: (*name).to_owned(),
            script: SCRIPT.parse().unwrap(),
        };
        let world = World {
            programs: vec![server],
            peers: peers.iter().map(peer).collect(),
            ..World::default()
        };
        let names = world.names().map(str::to_owned).collect::<Vec<_>>();
        let execution = Execution {
            schedule: "0".into(),
            number: 0,
            preemptions: 0,
            began: 0,
            ending: Ending::Over { waits: vec![] },
            processes: names
                .iter()
                .map(|name| Process {
                    name: name.clone(),
                    peer: name != "server",
                    exit: None,
                })
                .collect(),
            threads: (0..names.len())
                .map(|process| Thread {
                    name: None,
                    spawned: None,
                    process: process as u32,
                })
                .collect(),
            events: vec![Event {
                thread: 0,
                what: What::Print {
                    stream: Stream::Stdout,
                    text: "listening on 127.0.0.1:4000\n".into(),
                },
            }],
        };
        Talk {
            world,
            execution,
            params: serde_json::json!({ "own": true }),
        }
    }

    pub(crate) fn params(mut self, params: serde_json::Value) -> Talk {
        self.params = params;
        self
    }

    fn did(&mut self, peer: &str, line: u32, did: Did) -> &mut Talk {
        let thread = self.world.names().position(|name| name == peer).unwrap() as u32;
        let what = What::Peer { line, at: 0, did };
        self.execution.events.push(Event { thread, what });
        self
    }

    pub(crate) fn connects(&mut self, peer: &str) -> &mut Talk {
        self.did(peer, CONNECT, Did::Connected)
    }

    /// Tries to connect in vain.
    pub(crate) fn is_turned_away(&mut self, peer: &str) -> &mut Talk {
        self.did(peer, CONNECT, Did::NotConnected("ConnectionRefused".into()))
    }

    pub(crate) fn sends(&mut self, peer: &str, bytes: impl AsRef<[u8]>) -> &mut Talk {
        self.did(peer, SEND, Did::Sent(Bytes(bytes.as_ref().to_vec())))
    }

    pub(crate) fn hears(&mut self, peer: &str, bytes: impl AsRef<[u8]>) -> &mut Talk {
        self.did(peer, READ, Did::Received(Bytes(bytes.as_ref().to_vec())))
    }

    /// Does what is not about its connection.
    pub(crate) fn acts(&mut self, peer: &str) -> &mut Talk {
        self.did(peer, CONNECT, Did::Acted)
    }

    /// Connects, sends its name, and is welcomed.
    pub(crate) fn comes(&mut self, peer: &str) -> &mut Talk {
        self.connects(peer).is_let_in(peer)
    }

    /// Sends its name, and is welcomed.
    pub(crate) fn is_let_in(&mut self, peer: &str) -> &mut Talk {
        self.sends(peer, format!("{peer}\n"))
            .hears(peer, format!("welcome {peer}\n"))
    }

    pub(crate) fn ends(&mut self, peer: &str) -> &mut Talk {
        self.did(peer, READ, Did::End)
    }

    /// Its script has come to its end.
    pub(crate) fn done(&mut self, peer: &str) -> &mut Talk {
        self.did(peer, READ, Did::Done)
    }

    pub(crate) fn breaks(&mut self, peer: &str) -> &mut Talk {
        self.did(peer, READ, Did::Broken("ConnectionReset".into()))
    }

    /// `shutdown`, `close`, `reset` or `vanish`.
    pub(crate) fn leaves(&mut self, peer: &str, how: &str) -> &mut Talk {
        self.did(peer, LEAVE, Did::Closed(how.into()))
    }

    pub(crate) fn gives_up(&mut self, peer: &str) -> &mut Talk {
        self.did(peer, READ, Did::GaveUp)
    }

    /// All of them read until nothing more comes, and are done.
    pub(crate) fn rest(&mut self, peers: &[&str]) -> &mut Talk {
        for peer in peers {
            self.did(peer, REST, Did::Done);
        }
        self
    }

    /// What the rule `room` says.
    pub(crate) fn judged(&self) -> Result<(), Fault> {
        let question = Question {
            check: "check".into(),
            scenario: "scenario".into(),
            rule: "room".into(),
            params: self.params.clone(),
            world: self.world.clone(),
        };
        crate::server::Served::new(&question).execution(&self.execution)
    }

    /// What the rule `flood` says.
    pub(crate) fn flooded(&self) -> Result<(), Fault> {
        crate::server::flooded(self.world.clone()).execution(&self.execution)
    }

    /// The sentence that is broken, and the message.
    pub(crate) fn told(&self) -> (String, String) {
        let fault = self.judged().expect_err("there is a fault");
        (fault.sentence.unwrap_or_default(), fault.message)
    }
}
