//! Why no order explains what was heard, in words for a student.
//!
//! This is asked only where there is no such order. It looks for the plainest
//! contradiction first: in one line, in one view, between two views; and tells
//! all views where it finds none of these.

use std::collections::HashMap;

use judge::{Fault, FindingKind};

use crate::order::{PATIENCE, Room};
use crate::request::{self, Asked, Request};
use crate::session::{Ended, Heard, Leaving, Session};
use crate::words::{several, shown};

/// Why no order explains what was heard; `None` where nothing is plainer than
/// that ([`all`]).
pub(crate) fn explain(sessions: &[Session], room: Room) -> Option<Fault> {
    let views = Views { sessions, room };
    views
        .entrance()
        .or_else(|| views.names())
        .or_else(|| views.seats())
        .or_else(|| views.after_goodbye())
        .or_else(|| views.own_lines())
        .or_else(|| views.unknown_lines())
        .or_else(|| views.repeated_lines())
        .or_else(|| views.presence_lists())
        .or_else(|| views.senders_order())
        .or_else(|| views.comings_and_goings())
        .or_else(|| views.two_orders())
        .or_else(|| views.missing_answers())
        .or_else(|| views.missing_notices())
        .or_else(|| views.cut_off_too_soon())
        .or_else(|| views.missing_lines())
        .or_else(|| views.torn_lines())
        .or_else(|| views.order_of_cause())
}

/// What everybody heard.
pub(crate) fn all(sessions: &[Session], room: Room) -> Fault {
    Views { sessions, room }.all()
}

/// That every connection that the server should have closed was closed.
pub(crate) fn closed(sessions: &[Session]) -> Result<(), Fault> {
    for session in sessions {
        let goodbye = session
            .name()
            .map(|name| format!("goodbye {name}").into_bytes());
        let last = session.heard.iter().find(|heard| {
            Some(&heard.line) == goodbye.as_ref()
                || (session.is_refused() && heard.is_error())
                || (heard.is_error() && session.asked.then.iter().any(is_bad))
        });
        let Some(last) = last else { continue };
        if session.listened.is_some() && session.ended == Ended::NotSeen && !session.quiet {
            let message = format!(
                "{} got {}, but the server did not close the connection",
                session.label,
                shown(&last.line)
            );
            let sentence = match (last.is_error(), session.is_refused()) {
                (false, _) => "C12",
                (true, true) => "C7",
                (true, false) => bad_line(session).0,
            };
            return Err(no_answer(message).sentence(sentence));
        }
    }
    Ok(())
}

fn is_bad(request: &Request) -> bool {
    matches!(request.what, Asked::Bad(_))
}

/// The sentence about the bad line of a session, and what is wrong with it.
fn bad_line(session: &Session) -> (&'static str, &'static str) {
    match session.asked.then.last().map(|last| &last.what) {
        Some(Asked::Bad(request::Fault::NotUtf8)) => ("C19", "a line that is not UTF-8"),
        _ => ("C18", "a line of more than 4096 bytes"),
    }
}

fn wrong(message: String) -> Fault {
    Fault::new(FindingKind::WrongAnswer, message)
}

fn no_answer(message: String) -> Fault {
    Fault::new(FindingKind::NoAnswer, message)
}

struct Views<'a> {
    sessions: &'a [Session],
    room: Room,
}

/// What a line of a view may be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About<'a> {
    Joined(&'a str),
    Left(&'a str),
    /// Who said it.
    Said(&'a str),
    Here,
    Other,
}

fn about(line: &[u8]) -> About<'_> {
    let Ok(text) = std::str::from_utf8(line) else {
        return About::Other;
    };
    if let Some(notice) = text.strip_prefix("* ") {
        if let Some(name) = notice.strip_suffix(" joined") {
            return About::Joined(name);
        }
        if let Some(name) = notice.strip_suffix(" left") {
            return About::Left(name);
        }
    }
    match text.split_once(": ") {
        Some(("here", _)) => About::Here,
        Some((name, _)) => About::Said(name),
        None => About::Other,
    }
}

impl<'a> Views<'a> {
    /// Those who were welcomed, as far as they know.
    fn welcomed(&self) -> impl Iterator<Item = &'a Session> + use<'a> {
        let sessions = self.sessions.iter();
        sessions.filter(|session| session.is_welcomed() || (session.quiet && !session.is_refused()))
    }

    /// The lines that a session must have sent to others.
    fn said(session: &Session) -> Vec<(Vec<u8>, &Request)> {
        let name = session.name().unwrap_or_default();
        let requests = session.asked.then.iter();
        requests
            .filter_map(|request| match &request.what {
                Asked::Say(text) => {
                    Some(([name.as_bytes(), b": ", text.as_slice()].concat(), request))
                }
                _ => None,
            })
            .collect()
    }

    fn with_name(&self, name: &str) -> impl Iterator<Item = &'a Session> {
        self.sessions
            .iter()
            .filter(move |session| session.name() == Some(name))
    }

    /// The first answer of a session.
    fn entrance(&self) -> Option<Fault> {
        for session in self.sessions.iter().filter(|session| !session.quiet) {
            let label = &session.label;
            let Some(first) = &session.asked.first else {
                if let Some(heard) = session.heard.first().filter(|heard| !heard.is_error()) {
                    let line = shown(&heard.line);
                    let message = format!("{label} got {line} before it had sent a name");
                    return Some(wrong(message).sentence("C16"));
                }
                continue;
            };
            let asked = shown(&first.line);
            let Some(heard) = session.heard.first() else {
                if session.listened.is_none() {
                    continue;
                }
                let how = match session.ended {
                    Ended::Broken => {
                        " (the server broke the connection off, so that an answer \
                                      that it may have sent was lost)"
                    }
                    Ended::Closed => " (the server closed the connection)",
                    Ended::NotSeen => "",
                };
                let message = format!("{label} sent the name {asked} and got no answer{how}");
                let sentence = if first.name.is_some() { "C6" } else { "C7" };
                return Some(no_answer(message).sentence(sentence));
            };
            let line = shown(&heard.line);
            match &first.name {
                None if !heard.is_error() => {
                    let message = format!(
                        "{label} sent the name {asked}, which is none, and got {line} instead of \
                         an `error: ` line"
                    );
                    return Some(wrong(message).sentence("C7"));
                }
                Some(name) if !heard.is_error() && !session.is_welcomed() => {
                    let message = format!(
                        "the first line that {label} got was {line}, and not `welcome {name}`"
                    );
                    let sentence = if session.lines().any(|line| line.starts_with(b"welcome ")) {
                        "C16"
                    } else {
                        "C6"
                    };
                    return Some(wrong(message).sentence(sentence));
                }
                _ => {}
            }
        }
        None
    }

    /// Names that two had at once, or that were refused although they were free.
    fn names(&self) -> Option<Fault> {
        let all: Vec<&Session> = self
            .sessions
            .iter()
            .filter(|one| one.name().is_some())
            .collect();
        for (index, one) in all.iter().enumerate() {
            let name = one.name().unwrap_or_default();
            for other in &all[index + 1..] {
                if one.name() != other.name() || !one.is_welcomed() || !other.is_welcomed() {
                    continue;
                }
                let stays = |session: &Session| {
                    session.leaving == Leaving::Stays
                        || matches!(session.leaving, Leaving::Perhaps(_))
                };
                let asked_to_go = |session: &Session| {
                    let last = session.asked.then.last();
                    last.is_some_and(|last| matches!(last.what, Asked::Quit | Asked::Bad(_)))
                };
                if [one, other]
                    .iter()
                    .all(|one| stays(one) && !asked_to_go(one))
                {
                    let message = format!(
                        "{} and {} both asked for the name `{name}`, and both were welcomed",
                        one.label, other.label
                    );
                    return Some(wrong(message).sentence("C7"));
                }
            }
            let mut rivals = all.iter().filter(|other| {
                other.name() == Some(name) && !std::ptr::eq(**other, *one) && !other.is_refused()
            });
            let might_be_full = self.welcomed().count() >= self.room.seats;
            if one.is_refused() && rivals.next().is_none() && !might_be_full {
                let line = one
                    .heard
                    .first()
                    .map(|heard| shown(&heard.line))
                    .unwrap_or_default();
                let message = format!(
                    "{} asked for the name `{name}`, which is a name and not in use, and got {line}",
                    one.label
                );
                return Some(wrong(message).sentence("C6"));
            }
        }
        self.name_that_was_free()
    }

    /// A name that was refused after somebody had heard that its owner left.
    fn name_that_was_free(&self) -> Option<Fault> {
        for refused in self.sessions.iter().filter(|session| session.is_refused()) {
            let Some(first) = &refused.asked.first else {
                continue;
            };
            let Some(name) = &first.name else { continue };
            let left = format!("* {name} left").into_bytes();
            for other in self.sessions {
                let last = other.heard.iter().rfind(|heard| {
                    let is_theirs = matches!(about(&heard.line), About::Left(n) | About::Joined(n) if n == name);
                    heard.at <= first.sent.since && is_theirs
                });
                if last.is_some_and(|heard| heard.line == left) {
                    let message = format!(
                        "{} asked for the name `{name}` after {} had got `* {name} left`, and was \
                         refused: the name is free again then",
                        refused.label, other.label
                    );
                    return Some(wrong(message).sentence("C9"));
                }
            }
        }
        None
    }

    /// More guests than seats.
    fn seats(&self) -> Option<Fault> {
        let seats = self.room.seats;
        let stay: Vec<&Session> = self
            .welcomed()
            .filter(|session| {
                let asked = session.asked.then.last();
                let goes =
                    asked.is_some_and(|last| matches!(last.what, Asked::Quit | Asked::Bad(_)));
                !goes && matches!(session.leaving, Leaving::Stays | Leaving::Perhaps(_))
            })
            .collect();
        if stay.len() > seats {
            let names: Vec<&str> = stay.iter().map(|session| session.label.as_str()).collect();
            let message = format!(
                "{} were all welcomed and present at the same time, but --max-clients is {seats}",
                names.join(", ")
            );
            return Some(wrong(message).sentence("C8"));
        }
        let refused = self.sessions.iter().find(|session| {
            let first = session.asked.first.as_ref();
            let name = first.and_then(|first| first.name.as_deref());
            let rivals = name.map_or(0, |name| self.with_name(name).count());
            session.is_refused() && name.is_some() && rivals == 1 && self.welcomed().count() < seats
        })?;
        let line = refused
            .heard
            .first()
            .map(|heard| shown(&heard.line))
            .unwrap_or_default();
        let message = format!(
            "{} got {line} although there were fewer than {seats} clients with a name",
            refused.label
        );
        Some(wrong(message).sentence("C8"))
    }

    fn after_goodbye(&self) -> Option<Fault> {
        for session in self.welcomed() {
            let goodbye = format!("goodbye {}", session.name().unwrap_or_default());
            let mut lines = session.heard.iter();
            if lines.any(|heard| heard.line == goodbye.as_bytes())
                && let Some(next) = lines.next()
            {
                let line = shown(&next.line);
                let message = format!("{} got {line} after `{goodbye}`", session.label);
                return Some(wrong(message).sentence("C16"));
            }
        }
        None
    }

    fn own_lines(&self) -> Option<Fault> {
        for session in self.welcomed() {
            let name = session.name().unwrap_or_default();
            for heard in &session.heard {
                let (what, sentence) = match about(&heard.line) {
                    About::Said(of) if of == name => ("its own line", "C10"),
                    About::Joined(of) if of == name => ("the notice of its own coming", "C13"),
                    About::Left(of) if of == name => ("the notice of its own leaving", "C13"),
                    _ => continue,
                };
                let message = format!(
                    "{} got {what}, {}: it goes to every other client",
                    session.label,
                    shown(&heard.line)
                );
                return Some(wrong(message).sentence(sentence));
            }
        }
        None
    }

    /// Lines that nobody can have sent.
    fn unknown_lines(&self) -> Option<Fault> {
        let mut said: HashMap<Vec<u8>, &str> = HashMap::new();
        for session in self.sessions {
            for (line, _) in Self::said(session) {
                said.insert(line, &session.label);
            }
        }
        for session in self.welcomed() {
            let goodbye = format!("goodbye {}", session.name().unwrap_or_default());
            for (index, heard) in session.heard.iter().enumerate() {
                let is_answer = (index == 0 && heard.line.starts_with(b"welcome "))
                    || heard.line == goodbye.as_bytes()
                    || (heard.is_error() && session.asked.then.iter().any(is_bad));
                let known = match about(&heard.line) {
                    About::Joined(name) | About::Left(name) => {
                        self.with_name(name).any(|of| !of.is_refused())
                    }
                    About::Here if session.asked.then.iter().any(|one| one.what == Asked::Who) => {
                        true
                    }
                    _ => is_answer || said.contains_key(&heard.line),
                };
                if !known {
                    return Some(self.unknown(session, heard));
                }
                if is_answer && heard.is_error() {
                    break;
                }
            }
        }
        None
    }

    fn unknown(&self, session: &Session, heard: &Heard) -> Fault {
        let (label, line) = (&session.label, shown(&heard.line));
        if let About::Said(name) = about(&heard.line)
            && let Some(sender) = self
                .with_name(name)
                .find(|one| one.asked.then.iter().any(is_bad))
            && !Self::said(sender)
                .iter()
                .any(|(said, _)| said.starts_with(&heard.line))
        {
            let (sentence, what) = bad_line(sender);
            let message = format!(
                "{label} got {line}, but {} had sent {what}: that ends it with an error",
                sender.label
            );
            return wrong(message).sentence(sentence);
        }
        let (why, sentence) = match about(&heard.line) {
            About::Joined(name) | About::Left(name) => (
                format!("nobody of the name {} was let in", shown(name.as_bytes())),
                "C13",
            ),
            About::Here => ("it had not asked who is here".to_owned(), "C11"),
            About::Said(name) => match self.with_name(name).next() {
                Some(sender) => {
                    let text = &heard.line[name.len() + 2..];
                    let without_cr = text.strip_suffix(b"\r").unwrap_or(text);
                    let sent = |line: &[u8]| {
                        Self::said(sender)
                            .iter()
                            .any(|(said, _)| said[name.len() + 2..] == *line)
                    };
                    let command =
                        matches!(text, b"/who" | b"/quit") || text.eq_ignore_ascii_case(b"bye");
                    let sentence = match () {
                        _ if without_cr.len() < text.len() && sent(without_cr) => "C5",
                        _ if text == b"/who" => "C11",
                        _ if command => "C12",
                        _ if text.is_empty() => "C10",
                        _ => "C14",
                    };
                    (self.not_said(sender, text, command), sentence)
                }
                None => (format!("nobody is called `{name}`"), "C14"),
            },
            About::Other if heard.is_error() => ("it had done nothing wrong".to_owned(), "C18"),
            About::Other => ("it is no line of the protocol".to_owned(), "C14"),
        };
        wrong(format!("{label} got {line}, but {why}")).sentence(sentence)
    }

    fn not_said(&self, sender: &Session, text: &[u8], command: bool) -> String {
        if command {
            return "that is a command, and not for the others".to_owned();
        }
        if text.is_empty() {
            return "an empty line is ignored".to_owned();
        }
        let requests = sender.asked.then.iter();
        let sent: Vec<&[u8]> = requests
            .filter_map(|request| match &request.what {
                Asked::Say(text) => Some(text.as_slice()),
                _ => None,
            })
            .collect();
        match sent.as_slice() {
            [] => format!("{} had said nothing", sender.label),
            _ => format!("{} had said {}", sender.label, several(sent)),
        }
    }

    fn repeated_lines(&self) -> Option<Fault> {
        let mut said: HashMap<Vec<u8>, usize> = HashMap::new();
        for session in self.sessions {
            for (line, _) in Self::said(session) {
                *said.entry(line).or_default() += 1;
            }
        }
        for session in self.welcomed() {
            let mut counts: HashMap<&[u8], usize> = HashMap::new();
            for line in session.lines() {
                let count = counts.entry(line).or_default();
                *count += 1;
                let (most, sentence) = match about(line) {
                    About::Joined(name) | About::Left(name) => (
                        self.with_name(name).filter(|one| !one.is_refused()).count(),
                        "C13",
                    ),
                    About::Said(_) => (said.get(line).copied().unwrap_or(usize::MAX), "C14"),
                    _ => continue,
                };
                if *count > most {
                    let message = format!(
                        "{} got {} {}",
                        session.label,
                        shown(line),
                        match *count {
                            2 => "twice".to_owned(),
                            count => format!("{count} times"),
                        }
                    );
                    return Some(wrong(message).sentence(sentence));
                }
            }
        }
        None
    }

    fn presence_lists(&self) -> Option<Fault> {
        if !self.room.lists {
            return None;
        }
        for session in self.welcomed() {
            let asked = session
                .asked
                .then
                .iter()
                .filter(|one| one.what == Asked::Who)
                .count();
            let lists: Vec<&Heard> = session
                .heard
                .iter()
                .filter(|heard| about(&heard.line) == About::Here && asked > 0)
                .collect();
            for heard in lists {
                let text = String::from_utf8_lossy(&heard.line).into_owned();
                let names: Vec<&str> = text["here: ".len()..].split(", ").collect();
                let own = session.name().unwrap_or_default();
                let why = if !names.contains(&own) {
                    "which does not include itself".to_owned()
                } else if names.windows(2).any(|two| two[0] == two[1]) {
                    "which names somebody twice".to_owned()
                } else if !names.is_sorted() {
                    "which is not sorted by bytes".to_owned()
                } else if let Some(name) = names
                    .iter()
                    .find(|name| self.with_name(name).all(|one| one.is_refused()))
                {
                    format!(
                        "but nobody of the name {} was let in",
                        shown(name.as_bytes())
                    )
                } else {
                    continue;
                };
                let message = format!("{} got `{text}`, {why}", session.label);
                return Some(wrong(message).sentence("C11"));
            }
        }
        None
    }

    fn senders_order(&self) -> Option<Fault> {
        for sender in self.sessions {
            let said = Self::said(sender);
            for session in self.welcomed() {
                let mut from = 0;
                let mut before: Option<&[u8]> = None;
                for line in session.lines() {
                    if !said.iter().any(|(text, _)| text == line) {
                        continue;
                    }
                    match said.iter().skip(from).position(|(text, _)| text == line) {
                        Some(index) => from += index + 1,
                        None => {
                            let before = before.map(shown).unwrap_or_default();
                            let message = format!(
                                "{} got {} after {before}, but {} had sent them the other way round",
                                session.label,
                                shown(line),
                                sender.label
                            );
                            return Some(wrong(message).sentence("C15"));
                        }
                    }
                    before = Some(line);
                }
            }
        }
        None
    }

    /// Somebody who speaks while away, or comes twice without going.
    fn comings_and_goings(&self) -> Option<Fault> {
        if !self.room.notices {
            return None;
        }
        for session in self.welcomed() {
            let label = &session.label;
            let mut present: HashMap<&str, bool> = HashMap::new();
            for line in session.lines() {
                let (message, sentence) = match about(line) {
                    About::Joined(name) => match present.insert(name, true) {
                        Some(true) => (
                            format!(
                                "{label} got `* {name} joined` for the second `{name}` before \
                                 `* {name} left` for the first one: a name is free again once \
                                 its `left` notice went out"
                            ),
                            "C9",
                        ),
                        _ => continue,
                    },
                    About::Left(name) => match present.insert(name, false) {
                        Some(false) => (format!("{label} got `* {name} left` twice"), "C13"),
                        _ => continue,
                    },
                    About::Said(name) => match present.get(name) {
                        Some(false) => (
                            format!("{label} got {} after `* {name} left`", shown(line)),
                            "C14",
                        ),
                        _ => continue,
                    },
                    _ => continue,
                };
                return Some(wrong(message).sentence(sentence));
            }
            // Who is heard before they are announced.
            for (index, heard) in session.heard.iter().enumerate() {
                let About::Joined(name) = about(&heard.line) else {
                    continue;
                };
                let before = &session.heard[..index];
                let comes_back = before
                    .iter()
                    .any(|one| about(&one.line) == About::Left(name));
                if comes_back {
                    continue;
                }
                let early = before
                    .iter()
                    .find(|one| about(&one.line) == About::Said(name));
                if let Some(early) = early {
                    let message = format!(
                        "{label} got {} before `* {name} joined`",
                        shown(&early.line)
                    );
                    return Some(wrong(message).sentence("C14"));
                }
            }
        }
        None
    }

    /// Two lines that two clients got in different orders.
    fn two_orders(&self) -> Option<Fault> {
        let views: Vec<&Session> = self.welcomed().collect();
        let places = |session: &Session| -> HashMap<Vec<u8>, usize> {
            let mut places = HashMap::new();
            for (index, line) in session.lines().enumerate() {
                let shared = !matches!(about(line), About::Here | About::Other);
                // A line that came twice says nothing about its place.
                let twice = session.lines().filter(|other| *other == line).count() > 1;
                if shared && !twice {
                    places.insert(line.to_vec(), index);
                }
            }
            places
        };
        for (index, one) in views.iter().enumerate() {
            let in_one = places(one);
            for other in &views[index + 1..] {
                let in_other = places(other);
                let mut common: Vec<(&Vec<u8>, usize, usize)> = in_one
                    .iter()
                    .filter_map(|(line, place)| Some((line, *place, *in_other.get(line)?)))
                    .collect();
                common.sort_by_key(|(_, place, _)| *place);
                let turned = common.windows(2).find(|two| two[0].2 > two[1].2);
                if let Some([(first, ..), (second, ..)]) = turned {
                    let message = format!(
                        "{} got {} before {}, but {} got them the other way round",
                        one.label,
                        shown(first),
                        shown(second),
                        other.label
                    );
                    return Some(wrong(message).sentence("C14"));
                }
            }
        }
        None
    }

    fn missing_answers(&self) -> Option<Fault> {
        for session in self.welcomed().filter(|session| !session.quiet) {
            let Some(_) = session.listened else { continue };
            let label = &session.label;
            let half_closed = matches!(session.leaving, Leaving::EndOfInput(_));
            let lost = match session.ended {
                Ended::Broken => {
                    ": the server broke the connection off (a socket that is closed \
                                  while it holds unread input does), and what it had sent may be \
                                  lost"
                }
                _ => "",
            };
            let last = session.asked.then.last();
            let asked = session.asked.then.iter();
            let asked = asked
                .filter(|one| one.what == Asked::Who && !one.optional)
                .count();
            let lines = session.heard.iter();
            let answers = lines.filter(|one| about(&one.line) == About::Here).count();
            if answers < asked {
                let end = if half_closed {
                    " before the end of its input"
                } else {
                    ""
                };
                let message = format!("{label} sent `/who`{end} and got no answer{lost}");
                let sentence = if half_closed { "C17" } else { "C11" };
                return Some(no_answer(message).sentence(sentence));
            }
            if session.ended == Ended::NotSeen && self.listens_no_more(session) {
                continue;
            }
            match last.map(|last| (&last.what, last.optional)) {
                Some((Asked::Quit, false)) => {
                    let goodbye = format!("goodbye {}", session.name().unwrap_or_default());
                    if !session.lines().any(|line| line == goodbye.as_bytes()) {
                        let message =
                            format!("{label} asked to leave and did not get `{goodbye}`{lost}");
                        return Some(no_answer(message).sentence("C12"));
                    }
                }
                Some((Asked::Bad(_), false)) if !session.heard.iter().any(Heard::is_error) => {
                    let (sentence, what) = bad_line(session);
                    let message = format!("{label} sent {what} and got no `error: ` line{lost}");
                    return Some(no_answer(message).sentence(sentence));
                }
                _ => {}
            }
        }
        None
    }

    /// Whether a session went before it could hear an answer.
    fn listens_no_more(&self, session: &Session) -> bool {
        matches!(session.leaving, Leaving::Gone(_))
    }

    /// Notices that somebody who was there did not get.
    fn missing_notices(&self) -> Option<Fault> {
        if !self.room.notices {
            return None;
        }
        for session in self.welcomed() {
            let Some(listened) = session.listened else {
                continue;
            };
            let came = session.heard.first().map_or(0, |heard| heard.at);
            for other in self.sessions {
                let (Some(name), Some(first)) = (other.name(), &other.asked.first) else {
                    continue;
                };
                if other.label == session.label || session.name() == Some(name) {
                    continue;
                }
                let has = |what: About<'_>| session.lines().any(|line| about(line) == what);
                if other.is_welcomed()
                    && first.sent.since >= came
                    && first.sent.at <= listened
                    && !has(About::Joined(name))
                    && !matches!(other.leaving, Leaving::Gone(_))
                {
                    let message = format!(
                        "{} was present and did not get `* {name} joined`",
                        session.label
                    );
                    return Some(no_answer(message).sentence("C13"));
                }
                let asked = other.asked.then.last();
                let asked = asked.filter(|last| matches!(last.what, Asked::Quit | Asked::Bad(_)));
                let (how, gone) = match (asked, other.leaving) {
                    (Some(last), _) => match last.what {
                        Asked::Quit => ("had asked to leave", last.sent),
                        _ => ("was ended for a bad line", last.sent),
                    },
                    (None, Leaving::EndOfInput(moment)) => ("had ended its input", moment),
                    (None, Leaving::Gone(moment)) => ("had broken its connection", moment),
                    _ => continue,
                };
                // Who was announced, or was there before, leaves with a notice.
                let known = has(About::Joined(name)) || first.sent.at < came;
                let last_heard = other.heard.last().map_or(gone.at, |heard| heard.at);
                if other.is_welcomed()
                    && known
                    && gone.at.min(last_heard) >= came
                    && gone.at <= listened
                    && !has(About::Left(name))
                {
                    let message = format!(
                        "{name} {how}, but {} did not get `* {name} left`",
                        session.label
                    );
                    let sentence = match asked.map(|last| &last.what) {
                        Some(Asked::Bad(_)) => bad_line(other).0,
                        _ => "C13",
                    };
                    return Some(no_answer(message).sentence(sentence));
                }
            }
        }
        None
    }

    /// A client was cut off that had not asked for it, when less could wait for
    /// it than a server has to keep.
    fn cut_off_too_soon(&self) -> Option<Fault> {
        self.welcomed().find_map(|session| {
            let asked = session.asked.then.iter();
            let may_end = |one: &Request| one.what == Asked::Quit || is_bad(one);
            let ended = match session.ended {
                Ended::Closed => "closed",
                Ended::Broken => "broke off",
                Ended::NotSeen => return None,
            };
            if asked.clone().any(may_end)
                || !matches!(session.leaving, Leaving::Stays | Leaving::Perhaps(_))
            {
                return None;
            }
            let others = self.sessions.iter();
            let others = others.filter(|other| other.label != session.label);
            // All that was said, a notice of each coming and going, and answers.
            let most: usize = others
                .map(|other| other.asked.then.len() + 2)
                .chain([asked.len()])
                .sum();
            let message = format!(
                "the server {ended} the connection of {}, which had not asked for that and for \
                 which no more than {most} lines can have waited",
                session.label
            );
            (most < PATIENCE).then(|| no_answer(message).sentence("C21"))
        })
    }

    /// Messages that somebody who was there did not get.
    fn missing_lines(&self) -> Option<Fault> {
        for session in self.welcomed() {
            let Some(listened) = session.listened else {
                continue;
            };
            let came = session.heard.first().map_or(0, |heard| heard.at);
            for sender in self
                .welcomed()
                .filter(|sender| sender.label != session.label)
            {
                for (line, request) in Self::said(sender) {
                    let certain = request.sent.since >= came
                        && request.sent.at <= listened
                        && !request.optional
                        && !matches!(sender.leaving, Leaving::Gone(_));
                    if !certain || session.lines().any(|heard| heard == line) {
                        continue;
                    }
                    let still_there = match session.ended {
                        Ended::NotSeen => true,
                        _ => {
                            session.asked.then.is_empty()
                                && matches!(session.leaving, Leaving::Stays | Leaving::Perhaps(_))
                        }
                    };
                    if !still_there && session.asked.then.iter().any(|one| one.what == Asked::Quit)
                    {
                        continue;
                    }
                    return Some(self.missing_line(session, sender, &line));
                }
            }
        }
        None
    }

    fn missing_line(&self, session: &Session, sender: &Session, line: &[u8]) -> Fault {
        let line = shown(line);
        let (label, from) = (&session.label, &sender.label);
        let idle: Vec<&str> = self
            .welcomed()
            .filter(|other| other.listened.is_none() && other.leaving == Leaving::Stays)
            .map(|other| other.label.as_str())
            .filter(|other| other != label && other != from)
            .collect();
        let ended = match session.ended {
            Ended::NotSeen => "",
            Ended::Closed => ": the server closed the connection",
            Ended::Broken => ": the server broke the connection off",
        };
        let (why, sentence) = match (idle.as_slice(), sender.leaving) {
            _ if session.ended != Ended::NotSeen => (ended.to_owned(), "C21"),
            ([], Leaving::EndOfInput(_)) => (
                format!(", which {from} had sent before the end of its input"),
                "C17",
            ),
            ([], _) => (format!(", which {from} had sent"), "C10"),
            (idle, _) => (
                format!(
                    ", which {from} had sent, while {} did not read",
                    idle.join(" and ")
                ),
                "C20",
            ),
        };
        no_answer(format!("{label} did not get {line}{why}")).sentence(sentence)
    }

    fn torn_lines(&self) -> Option<Fault> {
        let torn = self.welcomed().find(|session| {
            !session.torn.is_empty() && session.listened.is_some() && session.ended != Ended::Broken
        })?;
        let message = format!(
            "the last that {} got was {}, which is no whole line",
            torn.label,
            shown(&torn.torn)
        );
        Some(wrong(message).sentence("C14"))
    }

    /// Somebody heard of an answer before the question.
    fn order_of_cause(&self) -> Option<Fault> {
        for session in self.welcomed() {
            for (index, heard) in session.heard.iter().enumerate() {
                for later in &session.heard[index + 1..] {
                    let Some((sender, request)) = self.sent(&heard.line) else {
                        continue;
                    };
                    let mut known = sender.heard.iter();
                    if let Some(known) = known
                        .find(|known| known.line == later.line && known.at <= request.sent.since)
                    {
                        let message = format!(
                            "{} got {} before {}, but {} had got the latter before it sent the \
                             former",
                            session.label,
                            shown(&heard.line),
                            shown(&known.line),
                            sender.label
                        );
                        return Some(wrong(message).sentence("C14"));
                    }
                }
            }
        }
        None
    }

    /// Who sent a line, and when.
    fn sent(&self, line: &[u8]) -> Option<(&'a Session, &'a Request)> {
        self.sessions.iter().find_map(|session| {
            let said = Self::said(session);
            let found = said.into_iter().find(|(text, _)| text == line)?;
            Some((session, found.1))
        })
    }

    /// What everybody heard, where nothing plainer is to be said.
    fn all(&self) -> Fault {
        let views: Vec<String> = self
            .welcomed()
            .map(|session| {
                let lines = session
                    .lines()
                    .filter(|line| !line.starts_with(b"welcome "));
                format!("{} got {}", session.label, several(lines))
            })
            .collect();
        let message = format!(
            "no one order of all messages and notices agrees with what everybody got: {}",
            views.join("; ")
        );
        wrong(message).sentence("C14")
    }
}
