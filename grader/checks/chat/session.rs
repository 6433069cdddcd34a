//! A client's part of an execution: what it asked the server for, what it
//! heard from it, and how it left.

use judge::world::{Deed, Peer, Seen};
use judge::{Did, Stream, What};

use crate::moment::Moment;
use crate::request::Requests;

/// One connection of a peer, or one run of the client program.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    /// What findings call it.
    pub(crate) label: String,
    /// When it connected.
    pub(crate) began: Moment,
    /// What it asked for.
    pub(crate) asked: Requests,
    /// How it left.
    pub(crate) leaving: Leaving,
    /// The whole lines that it heard.
    pub(crate) heard: Vec<Heard>,
    /// What it heard after the last whole line.
    pub(crate) torn: Vec<u8>,
    /// The event up to which it heard all there was to hear; `None` where it
    /// stopped listening before.
    pub(crate) listened: Option<usize>,
    /// The event before which everything had come to rest while it listened.
    pub(crate) rested: Option<usize>,
    /// How the server ended the connection, as far as it was seen.
    pub(crate) ended: Ended,
    /// Whether it may keep welcomes, goodbyes and errors to itself: the client
    /// program prints them or not.
    pub(crate) quiet: bool,
}

/// A line that somebody heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Heard {
    /// Its bytes, without `\n` and a `\r` before it.
    pub(crate) line: Vec<u8>,
    /// The event with which its end came.
    pub(crate) at: usize,
}

/// How a client left, beside what it asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leaving {
    /// It did not.
    Stays,
    /// It closed its sending half.
    EndOfInput(Moment),
    /// It closed or broke its connection: what it had sent may be lost.
    Gone(Moment),
    /// It fell silent, and the server may or may not know of it.
    Perhaps(Moment),
}

/// How the server ended a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    NotSeen,
    Closed,
    Broken,
}

impl Leaving {
    /// When it left.
    pub(crate) fn moment(self) -> Option<Moment> {
        match self {
            Leaving::Stays => None,
            Leaving::EndOfInput(moment) | Leaving::Gone(moment) | Leaving::Perhaps(moment) => {
                Some(moment)
            }
        }
    }
}

impl Session {
    /// The name that it asked for, where that is one.
    pub(crate) fn name(&self) -> Option<&str> {
        self.asked.first.as_ref()?.name.as_deref()
    }

    /// Whether the server welcomed it, as far as was heard.
    pub(crate) fn is_welcomed(&self) -> bool {
        let welcome = self.name().map(|name| format!("welcome {name}"));
        let first = self.heard.first();
        welcome.is_some_and(|welcome| first.is_some_and(|line| line.line == welcome.as_bytes()))
    }

    /// Whether the server refused it.
    pub(crate) fn is_refused(&self) -> bool {
        self.heard.first().is_some_and(Heard::is_error)
    }

    /// The lines alone.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &[u8]> {
        self.heard.iter().map(|heard| heard.line.as_slice())
    }
}

impl Heard {
    /// Whether it begins as the server's errors do.
    pub(crate) fn is_error(&self) -> bool {
        self.line.starts_with(b"error: ")
    }
}

/// The sessions of an execution: every connection of every peer to the server,
/// and every client program.
pub(crate) fn sessions(seen: &Seen<'_>, server: &str) -> Vec<Session> {
    let peers = seen.peers().flat_map(|peer| of_peer(&peer, server));
    let programs = seen.programs().filter(|program| program.name() != server);
    let programs = programs.filter_map(|program| of_program(seen, program.name()));
    peers.chain(programs).collect()
}

fn of_peer(peer: &Peer<'_>, server: &str) -> Vec<Session> {
    let deeds = peer.deeds();
    let mut sessions = Vec::new();
    let mut begins = 0;
    let connects = format!("connect {server}");
    while let Some(from) = deeds[begins..]
        .iter()
        .position(|deed| *deed.did == Did::Connected && peer.line(deed.line) == connects)
        .map(|index| begins + index)
    {
        // The next attempt to connect, if any, is another session.
        let to = deeds[from + 1..]
            .iter()
            .position(|deed| matches!(deed.did, Did::Connected | Did::NotConnected(_)))
            .map_or(deeds.len(), |index| from + 1 + index);
        sessions.push(of_connection(peer, deeds, from, to));
        begins = to;
    }
    if let [_, _, ..] = sessions.as_slice() {
        for (index, session) in sessions.iter_mut().enumerate() {
            session.label = format!("{} (connection {})", session.label, index + 1);
        }
    }
    sessions
}

fn of_connection(peer: &Peer<'_>, deeds: &[Deed<'_>], from: usize, to: usize) -> Session {
    let moment = |index: usize| Moment {
        since: index.checked_sub(1).map_or(0, |before| deeds[before].event),
        at: deeds[index].event,
    };
    let mut pieces = Vec::new();
    let mut listener = Listener::default();
    let mut listened = None;
    let mut rested = None;
    let mut ended = Ended::NotSeen;
    let mut leaving = Leaving::Stays;
    for (index, deed) in deeds.iter().enumerate().take(to).skip(from + 1) {
        match deed.did {
            Did::Sent(bytes) => pieces.push((bytes.to_vec(), moment(index))),
            Did::Received(bytes) => {
                listener.hear(bytes, deed.event);
                // It listens on, whatever it heard before.
                (listened, rested) = (None, None);
            }
            Did::End if ended == Ended::NotSeen => {
                ended = Ended::Closed;
            }
            Did::Broken(_) if ended == Ended::NotSeen => {
                ended = Ended::Broken;
            }
            Did::Closed(how) if leaving == Leaving::Stays => {
                leaving = match how.as_str() {
                    "shutdown" => Leaving::EndOfInput(moment(index)),
                    "vanish" => Leaving::Perhaps(moment(index)),
                    _ => Leaving::Gone(moment(index)),
                }
            }
            // Whom the server has left has not gone by itself.
            Did::GaveUp | Did::Done if leaving == Leaving::Stays && ended == Ended::NotSeen => {
                leaving = Leaving::Perhaps(moment(index));
            }
            _ => {}
        }
        if ended != Ended::NotSeen {
            listened.get_or_insert(deed.event);
        }
        // Who read until nothing more came has heard everything; so has who
        // waited in vain.
        let line = match deed.did {
            Did::GaveUp | Did::Done => peer.line(deed.line),
            _ if deed.line > deeds[index - 1].line => peer.line(deeds[index - 1].line),
            _ => "",
        };
        let in_vain = *deed.did == Did::GaveUp && line.starts_with("read ");
        if in_vain || matches!(line, "read rest" | "read slowly rest") {
            listened.get_or_insert(deed.event);
            rested.get_or_insert(deed.event);
        }
    }
    Session {
        label: peer.name().to_owned(),
        began: moment(from),
        asked: Requests::read(&pieces),
        leaving,
        heard: listener.heard,
        torn: listener.torn,
        listened,
        rested,
        ended,
        quiet: false,
    }
}

/// What the client program was given and what it printed, as if it were a
/// client itself; `None` where it was never started.
fn of_program(seen: &Seen<'_>, name: &str) -> Option<Session> {
    let program = seen.program(name);
    let started = program.started();
    let [_, _, own] = started.args.as_slice() else {
        return None;
    };
    let mut began = Moment::default();
    let mut leaving = Leaving::Stays;
    let mut typed: Vec<(Vec<u8>, Moment)> = Vec::new();
    let mut is_started = !started.waits;
    let mut hung_up = None;
    for peer in seen.peers() {
        let mut since = 0;
        for deed in peer.deeds() {
            let moment = Moment {
                since,
                at: deed.event,
            };
            since = deed.event;
            if *deed.did != Did::Acted {
                continue;
            }
            match peer.action(deed.line) {
                Some(judge::Action::Start(other)) if other == name => {
                    (is_started, began) = (true, moment);
                }
                Some(judge::Action::Type { program, bytes }) if program == name => {
                    typed.push((bytes.to_vec(), moment));
                }
                Some(judge::Action::HangUp(other)) if other == name => hung_up = Some(moment),
                Some(judge::Action::Kill(other)) if other == name => {
                    leaving = Leaving::Gone(moment);
                }
                _ => {}
            }
        }
    }
    typed.sort_by_key(|(_, moment)| moment.at);
    let mut pieces = vec![(format!("{own}\n{}", started.stdin).into_bytes(), began)];
    pieces.extend(typed);
    if !started.open {
        hung_up = Some(began);
    }
    pieces.extend(hung_up.map(|moment| (b"/quit\n".to_vec(), moment)));

    let mut listener = Listener::default();
    for (index, event) in seen.execution().events.iter().enumerate() {
        if let What::Print { stream, text } = &event.what
            && *stream == Stream::Stdout
            && program.has(event.thread)
        {
            listener.hear(text.as_bytes(), index);
        }
    }
    let last = seen.execution().events.len();
    is_started.then(|| Session {
        label: name.to_owned(),
        began,
        asked: Requests::read(&pieces),
        leaving,
        heard: listener.heard,
        torn: listener.torn,
        listened: Some(program.ended_at().unwrap_or(last)),
        rested: None,
        ended: Ended::NotSeen,
        quiet: true,
    })
}

/// Makes lines of pieces.
#[derive(Default)]
struct Listener {
    heard: Vec<Heard>,
    torn: Vec<u8>,
}

impl Listener {
    fn hear(&mut self, bytes: &[u8], at: usize) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.torn.extend_from_slice(part);
            if self.torn.pop_if(|last| *last == b'\n').is_some() {
                self.torn.pop_if(|last| *last == b'\r');
                let line = std::mem::take(&mut self.torn);
                self.heard.push(Heard { line, at });
            }
        }
    }
}
