//! The client program, at a scripted server.

#[cfg(test)]
mod tests;

use judge::world::{Connection, End, Program, Seen};
use judge::{Action, Did, Execution, Fault, FindingKind, Judge, Lost, Question, Stream, World};

use crate::words::{several, shown};

/// What the scenarios call the program and the peer that is its server.
const CLIENT: &str = "client";
const SERVER: &str = "server";

/// Judges what a client program sent and printed, and how it ended.
pub(crate) struct Conversation {
    world: World,
    /// The name that it was started with.
    name: String,
    /// The exit code that it must have in the end; `None` where it goes on.
    code: Option<i32>,
}

impl Conversation {
    pub(crate) fn new(question: &Question) -> Result<Conversation, Lost> {
        let world = question.world.clone();
        let program = world
            .programs
            .iter()
            .find(|program| program.label == CLIENT);
        let name = program.and_then(|program| program.args.get(2)).cloned();
        let name = name.ok_or_else(|| {
            Lost(format!(
                "the scenario {:?} needs a program `client` with an address and a name: correct \
                 it in rubric.toml",
                question.scenario
            ))
        })?;
        let code = question.params.get("code").and_then(|code| code.as_i64());
        Ok(Conversation {
            world,
            name,
            code: code.and_then(|code| i32::try_from(code).ok()),
        })
    }
}

/// A server that is stopped is nobody's fault but its own: every client program
/// says so and fails.
pub(crate) fn server_stopped(world: World) -> impl FnMut(&Execution) -> Result<(), Fault> {
    move |execution| {
        judge::exited(execution)?;
        let seen = Seen::new(&world, execution);
        let server = seen.program(SERVER);
        if !server.was_killed() {
            // The conversation before it did not come so far.
            judge::no_panic(execution)?;
            return seen.nobody_gave_up();
        }
        let clients = seen.programs().filter(|program| program.name() != SERVER);
        for client in clients {
            let name = client.name();
            let mut said = client.lines(Stream::Stderr);
            // A terminal shows both.
            if client.started().terminal {
                said.extend(client.lines(Stream::Stdout));
            }
            let fails = said.iter().any(|line| line.text.starts_with("error: "));
            let message = match client.exit() {
                Some(1) if fails => continue,
                Some(1) => format!(
                    "{name}'s client should say so on standard error with a line that begins \
                     `error: ` when the server is stopped, but it said {:?}",
                    client.stderr()
                ),
                Some(code) => {
                    judge::no_panic(execution)?;
                    format!(
                        "{name}'s client ended with exit code {code} when the server was \
                         stopped: it should be 1"
                    )
                }
                None => format!("{name}'s client did not end when the server was stopped"),
            };
            let kind = match client.exit() {
                Some(1) => FindingKind::WrongOutput,
                Some(_) => FindingKind::WrongExitCode,
                None => FindingKind::NoAnswer,
            };
            return Err(Fault::new(kind, message).sentence("C25"));
        }
        seen.nobody_gave_up()
    }
}

impl Judge for Conversation {
    fn execution(&mut self, execution: &Execution) -> Result<(), Fault> {
        judge::exited(execution)?;
        let seen = Seen::new(&self.world, execution);
        let said = Said::new(&seen, self);
        said.sends_what_was_typed()?;
        said.prints_what_was_sent()?;
        said.waits_for_nothing_else(&seen)?;
        said.ends(&seen, self.code)?;
        seen.nobody_gave_up()
    }
}

/// What went in and out of the program.
struct Said<'a> {
    execution: &'a Execution,
    program: Program<'a>,
    connection: Option<Connection>,
    name: &'a str,
    /// The lines that the server sent, the last one perhaps without its end.
    from_server: Vec<Vec<u8>>,
    /// The lines that the program should have sent, if it got to.
    to_server: Vec<Vec<u8>>,
    /// How the server ended the connection.
    closed: Option<String>,
    hung_up: bool,
}

impl<'a> Said<'a> {
    fn new(seen: &Seen<'a>, conversation: &'a Conversation) -> Said<'a> {
        let server = seen.peer(SERVER);
        let program = seen.program(CLIENT);
        let mut connections = server.connections().into_iter();
        let connection = connections.rfind(|one| !matches!(one.end, End::Refused(_)));
        let sent = connection.as_ref().map_or(&[][..], |one| &one.sent);
        let started = program.started();
        let mut typed = vec![(0, started.stdin.clone().into_bytes())];
        let mut hung_up = !started.open;
        let mut closed = None;
        for peer in seen.peers() {
            for deed in peer.deeds() {
                match (peer.action(deed.line), deed.did) {
                    (Some(Action::Type { bytes, .. }), Did::Acted) => {
                        typed.push((deed.event, bytes.to_vec()));
                    }
                    (Some(Action::HangUp(_)), Did::Acted) => hung_up = true,
                    (_, Did::Closed(how)) if peer.name() == SERVER && how != "unlisten" => {
                        closed = Some(how.clone());
                    }
                    _ => {}
                }
            }
        }
        typed.sort_by_key(|(event, _)| *event);
        let typed: Vec<Vec<u8>> = typed.into_iter().map(|(_, bytes)| bytes).collect();
        let mut to_server = lines(&typed.concat());
        if hung_up {
            to_server.push(b"/quit".to_vec());
        }
        Said {
            execution: seen.execution(),
            program,
            name: &conversation.name,
            from_server: lines(sent),
            to_server,
            closed,
            hung_up,
            connection,
        }
    }

    /// What the server got: the name, then what was typed, in order.
    fn sends_what_was_typed(&self) -> Result<(), Fault> {
        let Some(connection) = &self.connection else {
            return Ok(());
        };
        let mut got = whole_lines(&connection.received).into_iter();
        if let Some(first) = got.next()
            && first != self.name.as_bytes()
        {
            let message = format!(
                "the first line that the server got was {}, and not the name `{}`",
                shown(&first),
                self.name
            );
            return Err(wrong(message).sentence("C22"));
        }
        // An empty line means nothing, so it may be left out.
        let mut expected = self.to_server.iter().filter(|line| !line.is_empty());
        let mut before = None;
        for line in got.filter(|line| !line.is_empty()) {
            let is = expected.next();
            if is == Some(&line) {
                before = is;
                continue;
            }
            let sentence = if line == b"/quit" { "C24" } else { "C22" };
            let message = match is {
                Some(typed) => format!(
                    "the server got {}, but {} is what was typed next",
                    shown(&line),
                    shown(typed)
                ),
                None if before == Some(&line) => {
                    format!("the server got {} twice", shown(&line))
                }
                None => format!("the server got {}, which nobody had typed", shown(&line)),
            };
            return Err(wrong(message).sentence(sentence));
        }
        Ok(())
    }

    /// What the server sent after its welcome, up to its goodbye.
    fn to_print(&self) -> Vec<&Vec<u8>> {
        let goodbye = format!("goodbye {}", self.name).into_bytes();
        let mut lines = self.from_server.iter();
        match lines.next() {
            Some(first) if *first == self.welcome() => {}
            _ => return Vec::new(),
        }
        lines.take_while(|line| **line != goodbye).collect()
    }

    fn welcome(&self) -> Vec<u8> {
        format!("welcome {}", self.name).into_bytes()
    }

    /// What was printed: what the server sent, in order, and all of it where
    /// the program has ended.
    fn prints_what_was_sent(&self) -> Result<(), Fault> {
        let printed = self.program.stdout();
        let mut printed = lines(printed.as_bytes());
        let welcome = self.welcome();
        let goodbye = format!("goodbye {}", self.name).into_bytes();
        if printed.first() == Some(&welcome) {
            printed.remove(0);
        }
        if self.has_said_goodbye() {
            printed.pop_if(|last| *last == goodbye);
        }
        let refused = self.from_server.first().filter(|first| **first != welcome);
        if refused.is_some() && printed.first() == refused {
            printed.remove(0);
        }
        let expected = self.to_print();
        for (index, line) in printed.iter().enumerate() {
            match expected.get(index) {
                Some(sent) if *sent == line => {}
                // The last line of a server that vanished may be cut short.
                Some(sent) if index + 1 == printed.len() && sent.starts_with(line) => {}
                Some(sent) => {
                    let message = format!(
                        "the client printed {}, but the server had sent {} next",
                        shown(line),
                        shown(sent)
                    );
                    return Err(output(message).sentence("C22"));
                }
                None => {
                    let message = format!(
                        "the client printed {}, which the server had not sent",
                        shown(line)
                    );
                    return Err(output(message).sentence("C22"));
                }
            }
        }
        // What a reset has destroyed cannot be printed, and half a line need
        // not be.
        let lossy = self.closed.as_deref() == Some("reset");
        let whole = self
            .connection
            .as_ref()
            .is_none_or(|one| one.sent.ends_with(b"\n"));
        let mut due = match (lossy, whole || self.has_said_goodbye()) {
            (true, _) => 0,
            (false, true) => expected.len(),
            (false, false) => expected.len().saturating_sub(1),
        };
        // Why the server ends it may be said on standard error instead.
        if let Some(last) = due.checked_sub(1)
            && !self.has_said_goodbye()
            && expected[last].starts_with(b"error: ")
        {
            due = last;
        }
        if self.program.exit().is_some() && printed.len() < due {
            judge::no_panic(self.execution)?;
            let missing = expected[printed.len()..due]
                .iter()
                .map(|line| line.as_slice());
            let message = format!(
                "the client ended without printing {}, which the server had sent",
                several(missing)
            );
            let sentence = if self.hung_up { "C24" } else { "C22" };
            return Err(output(message).sentence(sentence));
        }
        Ok(())
    }

    fn has_said_goodbye(&self) -> bool {
        let goodbye = format!("goodbye {}", self.name).into_bytes();
        self.from_server.contains(&goodbye)
    }

    /// That no peer waited for the program in vain.
    fn waits_for_nothing_else(&self, seen: &Seen<'_>) -> Result<(), Fault> {
        for peer in seen.peers() {
            let Some(line) = peer.gave_up() else { continue };
            let Some(action) = peer.action(line) else {
                continue;
            };
            let (message, sentence) = match action {
                Action::Accept { .. } => ("the client did not connect".to_owned(), "C22"),
                Action::Read { .. } => self.missing(&peer.line(line)["read ".len()..]),
                Action::Watch { .. } => {
                    let expected = self.to_print();
                    let printed = self.program.stdout();
                    let sent = several(expected.iter().map(|line| line.as_slice()));
                    let message = format!(
                        "the server had sent {sent} after the welcome, but the client printed \
                         only {printed:?}"
                    );
                    (message, "C22")
                }
                Action::Send(_) | Action::SendSlowly(_) => (
                    "the server could send no more, for the client did not read what it had sent \
                     already"
                        .to_owned(),
                    "C22",
                ),
                Action::Exit(_) => (
                    format!("the client did not end {}", self.after()),
                    self.end().0,
                ),
                _ => continue,
            };
            if let Some(101) = self.program.exit() {
                judge::no_panic(self.execution)?;
            }
            let waits = seen.waiting_in(CLIENT);
            let meanwhile = match waits.as_str() {
                "" => String::new(),
                waits => format!("; meanwhile {waits}"),
            };
            let message = format!("{message}{meanwhile}");
            return Err(Fault::new(FindingKind::NoAnswer, message).sentence(sentence));
        }
        Ok(())
    }

    /// What the server waited for in vain.
    fn missing(&self, what: &str) -> (String, &'static str) {
        let received = self
            .connection
            .as_ref()
            .map_or(&[][..], |one| &one.received);
        if received.is_empty() {
            let message = format!(
                "the client connected and did not send its name `{}`",
                self.name
            );
            return (message, "C22");
        }
        let got = received
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty());
        let got = several(got);
        if what.contains("/quit") {
            let message = format!(
                "standard input has ended, but the client did not send `/quit`: the server got \
                 {got}"
            );
            return (message, "C24");
        }
        let message = format!("the server waited for {what}, which was typed, and got {got}");
        (message, "C22")
    }

    /// After what the program should have ended.
    fn after(&self) -> String {
        let by_reset = self.closed.as_deref() == Some("reset");
        let after = match self.from_server.first() {
            _ if self.has_said_goodbye() && self.hung_up => "after `goodbye`",
            _ if self.has_said_goodbye() => {
                "after `goodbye`, while its standard input was still open"
            }
            Some(first) if *first != self.welcome() => "after the server had refused its name",
            _ if self.connection.is_none() => "although the server cannot be reached",
            _ if by_reset => "after the server had reset the connection",
            _ => "after the server had closed the connection without `goodbye`",
        };
        after.to_owned()
    }

    /// The sentence on the end that was due, and the exit code it asks for.
    fn end(&self) -> (&'static str, i32) {
        match (self.has_said_goodbye(), self.hung_up) {
            (true, true) => ("C24", 0),
            (true, false) => ("C23", 0),
            (false, _) => ("C25", 1),
        }
    }

    /// How the program ended.
    fn ends(&self, seen: &Seen<'_>, code: Option<i32>) -> Result<(), Fault> {
        let (sentence, _) = self.end();
        let after = self.after();
        let Some(code) = code else {
            // When the server is done, its connection goes, too.
            let over = seen
                .peer(SERVER)
                .deeds()
                .last()
                .map_or(0, |deed| deed.event);
            let early = self.program.ended_at().is_some_and(|ended| ended < over);
            return match self.program.exit() {
                Some(code) if early => {
                    judge::no_panic(seen.execution())?;
                    let message = format!(
                        "the client ended with exit code {code} and said {:?}, although the \
                         conversation was not over",
                        self.program.stderr().trim()
                    );
                    Err(Fault::new(FindingKind::WrongExitCode, message).sentence("C25"))
                }
                _ => Ok(()),
            };
        };
        let Some(given) = self.program.exit() else {
            let message = format!("the client did not end {after}");
            return Err(Fault::new(FindingKind::NoAnswer, message).sentence(sentence));
        };
        if given != code {
            judge::no_panic(seen.execution())?;
            let message =
                format!("the client ended with exit code {given} {after}: it should be {code}");
            return Err(Fault::new(FindingKind::WrongExitCode, message).sentence(sentence));
        }
        let complains = self.program.lines(Stream::Stderr);
        let complains = complains
            .iter()
            .any(|line| line.text.starts_with("error: "));
        if code == 1 && !complains {
            let message = format!(
                "a client that fails says so on standard error with a line that begins `error: `, \
                 but what it said {after} was {:?}",
                self.program.stderr()
            );
            return Err(output(message).sentence("C25"));
        }
        Ok(())
    }
}

fn wrong(message: String) -> Fault {
    Fault::new(FindingKind::WrongAnswer, message)
}

fn output(message: String) -> Fault {
    Fault::new(FindingKind::WrongOutput, message)
}

/// The lines of some bytes, without their ends; the last one may have none.
fn lines(bytes: &[u8]) -> Vec<Vec<u8>> {
    let parts = bytes.split_inclusive(|byte| *byte == b'\n');
    parts
        .map(|part| {
            let line = part.strip_suffix(b"\n").unwrap_or(part);
            line.strip_suffix(b"\r").unwrap_or(line).to_vec()
        })
        .collect()
}

/// The same, without a last one that has no end.
fn whole_lines(bytes: &[u8]) -> Vec<Vec<u8>> {
    let end = bytes.iter().rposition(|byte| *byte == b'\n');
    lines(end.map_or(&[], |end| &bytes[..=end]))
}
