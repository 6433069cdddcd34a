//! Worlds and executions for the tests of the other modules.

use judge::serde_json::{Value, from_value, json};
use judge::{Bytes, Did, Ending, Event, Execution, Question, Stream, Thread, What, World};

/// A server, as a scenario starts it.
pub(crate) fn server() -> World {
    world("server")
}

/// A client, as a scenario starts it.
pub(crate) fn client() -> World {
    world("client")
}

fn world(program: &str) -> World {
    let program = json!({ "label": program, "announces": "listening on " });
    from_value(json!({ "programs": [program], "network": { "late": false } })).unwrap()
}

/// A question about a world with these peers, each with its script.
pub(crate) fn question(mut world: World, peers: &[(&str, &str)]) -> Question {
    let peers: Vec<_> = peers
        .iter()
        .map(|(name, script)| json!({ "name": name, "script": script }))
        .collect();
    world.peers = from_value(json!(peers)).unwrap();
    Question {
        check: "check".into(),
        scenario: "scenario".into(),
        rule: "rule".into(),
        params: Value::Null,
        world,
    }
}

/// An execution in the making: one program, which is thread 0, and its peers.
pub(crate) struct Made {
    execution: Execution,
}

impl Made {
    pub(crate) fn server(peers: &[&str]) -> Made {
        Made::new("server", peers)
    }

    pub(crate) fn client(peers: &[&str]) -> Made {
        Made::new("client", peers)
    }

    fn new(program: &str, peers: &[&str]) -> Made {
        let names = std::iter::once((program, false)).chain(peers.iter().map(|&peer| (peer, true)));
        let processes: Vec<_> = names
            .map(|(name, peer)| json!({ "name": name, "peer": peer }))
            .collect();
        let threads = (0..processes.len())
            .map(|process| Thread {
                name: None,
                spawned: None,
                process: process as u32,
            })
            .collect();
        Made {
            execution: Execution {
                schedule: "a".into(),
                number: 0,
                preemptions: 0,
                ending: Ending::Over { waits: vec![] },
                began: 0,
                processes: from_value(json!(processes)).unwrap(),
                threads,
                events: vec![],
            },
        }
    }

    /// Begun so many seconds after 1970.
    pub(crate) fn began(mut self, seconds: u64) -> Made {
        self.execution.began = u128::from(seconds) * 1_000_000_000;
        self
    }

    /// As it were on the real system.
    pub(crate) fn real(mut self) -> Made {
        self.execution.schedule.clear();
        self
    }

    pub(crate) fn did(self, peer: &str, at: u64, did: Did) -> Made {
        let processes = &self.execution.processes;
        let process = processes.iter().position(|process| process.name == peer);
        let thread = process.unwrap() as u32;
        self.event(thread, What::Peer { line: 0, at, did })
    }

    pub(crate) fn connected(self, peer: &str, at: u64) -> Made {
        self.did(peer, at, Did::Connected)
    }

    pub(crate) fn sent(self, peer: &str, at: u64, text: &str) -> Made {
        self.did(peer, at, Did::Sent(Bytes::from(text)))
    }

    pub(crate) fn received(self, peer: &str, at: u64, text: &str) -> Made {
        self.did(peer, at, Did::Received(Bytes::from(text)))
    }

    pub(crate) fn broken(self, peer: &str, at: u64) -> Made {
        self.did(peer, at, Did::Broken("ConnectionReset".into()))
    }

    pub(crate) fn stdout(self, text: &str) -> Made {
        self.print(Stream::Stdout, text)
    }

    pub(crate) fn stderr(self, text: &str) -> Made {
        self.print(Stream::Stderr, text)
    }

    fn print(self, stream: Stream, text: &str) -> Made {
        let text = text.to_owned();
        self.event(0, What::Print { stream, text })
    }

    pub(crate) fn panicked(self, message: &str) -> Made {
        let message = message.to_owned();
        let (place, caught) = (None, None);
        let panic = What::Panic {
            message,
            place,
            caught,
        };
        self.event(0, panic)
    }

    /// The program ended; without a code it was killed.
    pub(crate) fn exited(self, code: Option<i32>) -> Made {
        self.event(0, What::Exited { process: 0, code })
    }

    fn event(mut self, thread: u32, what: What) -> Made {
        self.execution.events.push(Event { thread, what });
        self
    }

    pub(crate) fn over(self) -> Execution {
        self.ended(Ending::Over { waits: vec![] })
    }

    pub(crate) fn ended(mut self, ending: Ending) -> Execution {
        self.execution.ending = ending;
        self.execution
    }
}
