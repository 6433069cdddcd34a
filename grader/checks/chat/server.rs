//! A server and its clients.

use judge::world::Seen;
use judge::{Did, Execution, Fault, FindingKind, Judge, Question, Stream, World};

use crate::explain;
use crate::order::{self, Room};
use crate::request::Asked;
use crate::session::{self, Ended, Heard, Session};

/// What the scenarios call the server.
const SERVER: &str = "server";

/// How many clients with a name a server takes where it is not told otherwise.
const SEATS: usize = 64;

/// Judges what the clients of a server heard.
///
/// A scenario that is about one thing looks away from others, so that a fault
/// costs the points of the check that names it: its parameters say whether
/// notices count (`notices`, true where it is not given), whether it does who is
/// said to be present (`lists`, the same), whether what a client hears about
/// itself does (`own`, false where it is not given), and whether what it hears
/// before its welcome and after its goodbye does (`edges`, the same).
pub(crate) struct Served {
    world: World,
    room: Room,
    own: bool,
    edges: bool,
}

impl Served {
    pub(crate) fn new(question: &Question) -> Served {
        let flag = |key: &str, usual| {
            let value = question.params.get(key);
            value.and_then(|value| value.as_bool()).unwrap_or(usual)
        };
        let world = question.world.clone();
        Served {
            room: Room {
                seats: seats(&world),
                notices: flag("notices", true),
                lists: flag("lists", true),
            },
            own: flag("own", false),
            edges: flag("edges", false),
            world,
        }
    }

    /// The sessions, without what does not count.
    fn sessions(&self, seen: &Seen<'_>) -> Vec<Session> {
        let mut sessions = session::sessions(seen, SERVER);
        for session in &mut sessions {
            let Some(name) = session.name().map(str::to_owned) else {
                continue;
            };
            if !self.edges {
                trim(&mut session.heard, &name);
            }
            let own = [
                format!("{name}: "),
                format!("* {name} joined"),
                format!("* {name} left"),
            ];
            session.heard.retain(|heard| {
                let is_notice = heard.line.starts_with(b"* ");
                let is_own = own.iter().enumerate().any(|(index, own)| match index {
                    0 => heard.line.starts_with(own.as_bytes()),
                    _ => heard.line == own.as_bytes(),
                });
                (self.room.notices || !is_notice) && (self.own || !is_own)
            });
        }
        sessions
    }
}

/// Leaves out what came before the welcome and after the goodbye.
fn trim(heard: &mut Vec<Heard>, name: &str) {
    let place = |heard: &[Heard], line: String| {
        let mut lines = heard.iter();
        lines.position(|heard| heard.line == line.as_bytes())
    };
    if let Some(welcome) = place(heard, format!("welcome {name}")) {
        heard.drain(..welcome);
    }
    if let Some(goodbye) = place(heard, format!("goodbye {name}")) {
        heard.truncate(goodbye + 1);
    }
}

/// What `--max-clients` says.
fn seats(world: &World) -> usize {
    let program = world
        .programs
        .iter()
        .find(|program| program.label == SERVER);
    let args = program.map_or(&[][..], |program| &program.args);
    let at = args.iter().position(|arg| arg == "--max-clients");
    let value = at.and_then(|at| args.get(at + 1)?.parse().ok());
    value.unwrap_or(SEATS)
}

impl Judge for Served {
    fn execution(&mut self, execution: &Execution) -> Result<(), Fault> {
        judge::exited(execution)?;
        let seen = Seen::new(&self.world, execution);
        runs(&seen)?;
        let sessions = self.sessions(&seen);
        let judged = if order::is_explained(&sessions, self.room) {
            explain::closed(&sessions).and_then(|()| nobody_gave_up(&seen))
        } else {
            // Where the clients are programs, too, it is plainer to say who
            // waited for what.
            let plainer = match self.world.programs.len() {
                1 => Ok(()),
                _ => nobody_gave_up(&seen),
            };
            plainer.and_then(|()| match explain::explain(&sessions, self.room) {
                Some(plain) => Err(plain),
                None => nobody_gave_up(&seen).and(Err(explain::all(&sessions, self.room))),
            })
        };
        judged
            .map_err(|fault| with_the_programs_state(fault, &seen))
            .and_then(|()| programs_ended_well(&seen))
    }
}

/// Judges a server that was given more than it may want to keep: who listens to
/// the end has got everything, or was cut off. In what order is not looked at.
pub(crate) fn flooded(world: World) -> impl FnMut(&Execution) -> Result<(), Fault> {
    move |execution| {
        judge::exited(execution)?;
        let seen = Seen::new(&world, execution);
        runs(&seen)?;
        let sessions = session::sessions(&seen, SERVER);
        let listens = |session: &&Session| {
            session.is_welcomed() && session.rested.is_some() && session.ended == Ended::NotSeen
        };
        for session in sessions.iter().filter(listens) {
            // What somebody said who was cut off may be lost.
            let others = sessions.iter().filter(listens);
            for other in others.filter(|other| other.label != session.label) {
                let said = other.asked.then.iter();
                let said = said.filter(|one| matches!(one.what, Asked::Say(_))).count();
                let from = format!("{}: ", other.name().unwrap_or_default());
                let heard = session.lines();
                let heard = heard
                    .filter(|line| line.starts_with(from.as_bytes()))
                    .count();
                if heard < said {
                    let message = format!(
                        "{} got {heard} of the {said} lines of {}, and its connection is still open",
                        session.label, other.label
                    );
                    let fault = Fault::new(FindingKind::NoAnswer, message).sentence("C21");
                    return Err(with_the_programs_state(fault, &seen));
                }
            }
        }
        Ok(())
    }
}

/// That everybody who wanted to could connect to the server where it said that it
/// listens: who could not has heard nothing that could be wrong.
pub(crate) fn is_there(seen: &Seen<'_>) -> Result<(), Fault> {
    let connects = format!("connect {SERVER}");
    for peer in seen.peers() {
        let refused = peer.deeds().iter().find_map(|deed| match deed.did {
            Did::NotConnected(reason) if peer.line(deed.line) == connects => Some(reason),
            _ => None,
        });
        if let Some(reason) = refused {
            let message = format!(
                "at the address that the server printed, {} could not connect ({reason})",
                peer.name()
            );
            let fault = Fault::new(FindingKind::WrongOutput, message).sentence("C4");
            return Err(with_the_programs_state(fault, seen));
        }
    }
    Ok(())
}

/// That the server told its address, and was there, and has gone on serving.
fn runs(seen: &Seen<'_>) -> Result<(), Fault> {
    let server = seen.program(SERVER);
    if let Some(code) = server.exit() {
        judge::no_panic(seen.execution()).map_err(|fault| fault.sentence("C4"))?;
        let complaint = server.stderr();
        let said = match complaint.trim() {
            "" => String::new(),
            said => format!(" and said {said:?}"),
        };
        let message = format!("the server ended by itself, with exit code {code}{said}");
        return Err(Fault::new(FindingKind::WrongExitCode, message).sentence("C4"));
    }
    if server.announced().is_none() {
        let lines = server.lines(Stream::Stdout);
        let message = match lines.first() {
            Some(line) => format!(
                "the first line of the server's output is {:?}, and not `listening on HOST:PORT`",
                line.text
            ),
            None => "the server printed no line `listening on HOST:PORT`".to_owned(),
        };
        let fault = Fault::new(FindingKind::WrongOutput, message).sentence("C4");
        return Err(with_the_programs_state(fault, seen));
    }
    is_there(seen)
}

/// That every client program that has ended by itself had done its work.
fn programs_ended_well(seen: &Seen<'_>) -> Result<(), Fault> {
    for program in seen.programs().filter(|program| program.name() != SERVER) {
        let Some(code) = program.exit().filter(|code| *code != 0) else {
            continue;
        };
        judge::no_panic(seen.execution()).map_err(|fault| fault.sentence("C24"))?;
        let name = program.name();
        let message = format!(
            "{name}'s client ended with exit code {code} and said {:?}, although the server had \
             not gone",
            program.stderr().trim()
        );
        return Err(Fault::new(FindingKind::WrongExitCode, message).sentence("C24"));
    }
    Ok(())
}

/// That every peer got what it waited for, where nothing more is to be said.
fn nobody_gave_up(seen: &Seen<'_>) -> Result<(), Fault> {
    // Who waits for another peer's word waits for what that one waits for.
    let in_vain = |peer: &judge::world::Peer<'_>| {
        let gave_up = peer.deeds().iter().find(|deed| *deed.did == Did::GaveUp);
        gave_up.is_some_and(|deed| !peer.line(deed.line).starts_with("await "))
    };
    let first = seen.peers().find(in_vain);
    match first.and_then(|peer| seen.gave_up(&peer)) {
        Some(fault) => Err(fault),
        None => seen.nobody_gave_up(),
    }
}

/// The same fault, with what explains it: a panic, or threads that wait for one
/// another.
fn with_the_programs_state(mut fault: Fault, seen: &Seen<'_>) -> Fault {
    if let Err(panic) = judge::no_panic(seen.execution()) {
        fault.message.push_str("; ");
        fault.message.push_str(&panic.message);
    }
    let locks = seen.waits().iter().filter(|wait| {
        let object = wait.object.as_str();
        object.starts_with("mutex") || object.starts_with("rwlock")
    });
    if locks.count() > 0 && !fault.message.contains("waits for") {
        fault.message.push_str("; ");
        fault.message.push_str(&seen.waiting_in(SERVER));
    }
    fault
}
