//! A peer's part of an execution.

use verdict::{Bytes, Did, Execution, What};

/// What a peer did and saw.
#[derive(Debug, Clone)]
pub struct Peer<'a> {
    peer: &'a verdict::Peer,
    deeds: Vec<Deed<'a>>,
}

/// One thing that a peer did.
#[derive(Debug, Clone, Copy)]
pub struct Deed<'a> {
    /// Where it stands in the execution's events: what came before what,
    /// among peers and programs.
    pub event: usize,
    /// Which line of its script, from 0.
    pub line: usize,
    /// Nanoseconds since the beginning of the execution.
    pub at: u64,
    /// What.
    pub did: &'a Did,
}

/// A connection (or UDP socket) that a peer had.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Connection {
    /// Where in the execution's events it began.
    pub event: usize,
    /// What the peer sent.
    pub sent: Vec<u8>,
    /// What it received.
    pub received: Vec<u8>,
    /// How the other side ended it, as far as the peer has seen.
    pub end: End,
    /// Where in the execution's events that was seen.
    pub ended: Option<usize>,
}

/// How a connection ended, as far as a peer has seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum End {
    /// Nothing was seen of an end.
    #[default]
    Open,
    /// The end of input: it was closed in good order.
    Closed,
    /// It broke, for this reason (`ConnectionReset`).
    Broken(String),
    /// There was none: it could not be made, for this reason.
    Refused(String),
}

/// A line that a peer received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Its bytes, without `\n` and a `\r` before it.
    pub bytes: Vec<u8>,
    /// Whether its end came, too: `false` only for the last one of a
    /// connection.
    pub ended: bool,
    /// Where in the execution's events its last byte was received.
    pub event: usize,
}

impl Text {
    /// It as text, where what is not UTF-8 is U+FFFD.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

impl<'a> Peer<'a> {
    pub(super) fn new(peer: &'a verdict::Peer, process: u32, execution: &'a Execution) -> Peer<'a> {
        let own = |thread: u32| {
            let thread = execution.threads.get(thread as usize);
            thread.is_some_and(|thread| thread.process == process)
        };
        let events = execution.events.iter().enumerate();
        let deeds = events.filter_map(|(index, event)| match &event.what {
            What::Peer { line, at, did } if own(event.thread) => Some(Deed {
                event: index,
                line: *line as usize,
                at: *at,
                did,
            }),
            _ => None,
        });
        Peer {
            peer,
            deeds: deeds.collect(),
        }
    }

    /// Its name.
    pub fn name(&self) -> &'a str {
        &self.peer.name
    }

    /// A line of its script.
    pub fn line(&self, line: usize) -> &'a str {
        self.peer.script.lines.get(line).map_or("", String::as_str)
    }

    /// All that it did, in order.
    pub fn deeds(&self) -> &[Deed<'a>] {
        &self.deeds
    }

    /// What it did at a line of its script.
    pub fn deeds_at(&self, line: usize) -> impl Iterator<Item = &Deed<'a>> {
        self.deeds.iter().filter(move |deed| deed.line == line)
    }

    /// All that it received, over all its connections.
    pub fn received(&self) -> Vec<u8> {
        received(self.deeds.iter())
    }

    /// What it received at one line of its script.
    pub fn received_at(&self, line: usize) -> Vec<u8> {
        received(self.deeds_at(line))
    }

    /// The pieces in which it received: each what one read gave; with UDP,
    /// each a datagram.
    pub fn pieces(&self) -> impl Iterator<Item = &'a Bytes> {
        self.deeds.iter().filter_map(|deed| match deed.did {
            Did::Received(bytes) => Some(bytes),
            _ => None,
        })
    }

    /// All that it sent, over all its connections.
    pub fn sent(&self) -> Vec<u8> {
        let sent = self.deeds.iter().filter_map(|deed| match deed.did {
            Did::Sent(bytes) => Some(bytes.0.as_slice()),
            _ => None,
        });
        sent.collect::<Vec<_>>().concat()
    }

    /// The lines that it received; one that is not ended is the last of its
    /// connection.
    pub fn lines(&self) -> Vec<Text> {
        let mut lines: Vec<Text> = Vec::new();
        let mut open = false;
        for deed in &self.deeds {
            let Did::Received(bytes) = deed.did else {
                open &= !matches!(deed.did, Did::Connected);
                continue;
            };
            for part in bytes.split_inclusive(|byte| *byte == b'\n') {
                if !open {
                    lines.push(Text {
                        bytes: Vec::new(),
                        ended: false,
                        event: deed.event,
                    });
                }
                // The line pushed above, at least, is there.
                let Some(line) = lines.last_mut() else {
                    continue;
                };
                line.bytes.extend_from_slice(part);
                line.event = deed.event;
                open = !part.ends_with(b"\n");
                if !open {
                    line.ended = true;
                    line.bytes.pop();
                    line.bytes.pop_if(|byte| *byte == b'\r');
                }
            }
        }
        lines
    }

    /// Its connections, in order; those that could not be made, too.
    pub fn connections(&self) -> Vec<Connection> {
        let mut all: Vec<Connection> = Vec::new();
        for deed in &self.deeds {
            let begins = match deed.did {
                Did::Connected | Did::NotConnected(_) => true,
                // A UDP socket needs no connection.
                Did::Sent(_) | Did::NotSent(_) | Did::Received(_) | Did::End | Did::Broken(_) => {
                    all.is_empty()
                }
                _ => false,
            };
            if begins {
                all.push(Connection {
                    event: deed.event,
                    ..Connection::default()
                });
            }
            let Some(last) = all.last_mut() else { continue };
            let end = match deed.did {
                Did::Sent(bytes) => {
                    last.sent.extend_from_slice(bytes);
                    continue;
                }
                Did::Received(bytes) => {
                    last.received.extend_from_slice(bytes);
                    continue;
                }
                Did::End => End::Closed,
                Did::Broken(reason) | Did::NotSent(reason) => End::Broken(reason.clone()),
                Did::NotConnected(reason) => End::Refused(reason.clone()),
                _ => continue,
            };
            if last.end == End::Open {
                (last.end, last.ended) = (end, Some(deed.event));
            }
        }
        all
    }

    /// How its last connection ended.
    pub fn end(&self) -> End {
        let last = self.connections().pop();
        last.map_or(End::Open, |connection| connection.end)
    }

    /// The line of its script, from 0, at which it gave up.
    pub fn gave_up(&self) -> Option<usize> {
        let gave_up = self.deeds.iter().find(|deed| *deed.did == Did::GaveUp);
        gave_up.map(|deed| deed.line)
    }

    /// Whether it has done all that its script says.
    pub fn is_done(&self) -> bool {
        self.deeds.iter().any(|deed| *deed.did == Did::Done)
    }

    /// What it received on its last connection and how that ended, in words:
    /// `ann received "hello\n" and then the end of input`. Empty where it had
    /// no connection.
    pub fn story(&self) -> String {
        let Some(last) = self.connections().pop() else {
            return String::new();
        };
        let name = self.name();
        let received = Bytes(last.received);
        let got = match received.is_empty() {
            true => format!("{name} received nothing"),
            false => format!("{name} received {received}"),
        };
        match last.end {
            End::Open => got,
            End::Closed => format!("{got} and then the end of input"),
            End::Broken(reason) => format!("{got}, then the connection broke ({reason})"),
            End::Refused(reason) => format!("{name} could not connect ({reason})"),
        }
    }
}

fn received<'d, 'a: 'd>(deeds: impl Iterator<Item = &'d Deed<'a>>) -> Vec<u8> {
    let mut all = Vec::new();
    for deed in deeds {
        if let Did::Received(bytes) = deed.did {
            all.extend_from_slice(bytes);
        }
    }
    all
}
