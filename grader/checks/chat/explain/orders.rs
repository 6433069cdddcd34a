//! Lines that nobody sent, that came twice, or in an order that cannot be.

use std::collections::{BTreeSet, HashMap};

use judge::Fault;

use super::{About, Views, about, bad_line, is_bad, wrong};
use crate::request::{Asked, Request};
use crate::session::{Ended, Heard, Session};
use crate::words::{several, shown};

impl<'a> Views<'a> {
    pub(super) fn own_lines(&self) -> Option<Fault> {
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
    pub(super) fn unknown_lines(&self) -> Option<Fault> {
        let mut said: HashMap<Vec<u8>, &str> = HashMap::new();
        for session in self.sessions {
            for (line, _) in Self::said(session) {
                said.insert(line, &session.label);
            }
        }
        for session in self.welcomed() {
            let goodbye = format!("goodbye {}", session.name().unwrap_or_default());
            let asked = session.asked.then.iter();
            let may_fail = asked.clone().any(is_bad);
            let asked_who = asked.clone().any(|one| one.what == Asked::Who);
            for (index, heard) in session.heard.iter().enumerate() {
                let is_answer = (index == 0 && heard.line.starts_with(b"welcome "))
                    || heard.line == goodbye.as_bytes()
                    || (heard.is_error() && may_fail);
                let known = match about(&heard.line) {
                    About::Joined(name) | About::Left(name) => {
                        self.with_name(name).any(|of| !of.is_refused())
                    }
                    About::Here if asked_who => true,
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

    pub(super) fn repeated_lines(&self) -> Option<Fault> {
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

    pub(super) fn senders_order(&self) -> Option<Fault> {
        for sender in self.sessions {
            // The places of each line among those that were said.
            let mut said: HashMap<Vec<u8>, Vec<usize>> = HashMap::new();
            for (index, (line, _)) in Self::said(sender).into_iter().enumerate() {
                said.entry(line).or_default().push(index);
            }
            for session in self.welcomed() {
                let mut from = 0;
                let mut before: Option<&[u8]> = None;
                for line in session.lines() {
                    let Some(places) = said.get(line) else {
                        continue;
                    };
                    let next = places.partition_point(|place| *place < from);
                    match places.get(next) {
                        Some(place) => from = place + 1,
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

    /// Two lines that two clients got in different orders.
    pub(super) fn two_orders(&self) -> Option<Fault> {
        let views: Vec<&Session> = self.welcomed().collect();
        // The lines in their order, without those that came twice: such a line
        // says nothing about its place.
        let once = |session: &&'a Session| -> Vec<&'a [u8]> {
            let mut times: HashMap<&[u8], usize> = HashMap::new();
            for heard in &session.heard {
                *times.entry(&heard.line).or_default() += 1;
            }
            let lines = session.heard.iter().map(|heard| heard.line.as_slice());
            lines
                .filter(|line| !matches!(about(line), About::Here | About::Other))
                .filter(|line| times.get(line) == Some(&1))
                .collect()
        };
        let lines: Vec<Vec<&[u8]>> = views.iter().map(once).collect();
        let places: Vec<HashMap<&[u8], usize>> = lines
            .iter()
            .map(|lines| lines.iter().copied().zip(0..).collect())
            .collect();
        for (index, one) in views.iter().enumerate() {
            for (other, in_other) in views.iter().zip(&places).skip(index + 1) {
                let common: Vec<(&[u8], usize)> = lines[index]
                    .iter()
                    .filter_map(|line| Some((*line, *in_other.get(line)?)))
                    .collect();
                let turned = common.windows(2).find(|two| two[0].1 > two[1].1);
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

    pub(super) fn torn_lines(&self) -> Option<Fault> {
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
    pub(super) fn order_of_cause(&self) -> Option<Fault> {
        let sent = self.sent();
        // For each session, when it got each line first.
        let known: Vec<HashMap<&[u8], usize>> = self
            .sessions
            .iter()
            .map(|session| {
                let mut known = HashMap::new();
                for heard in &session.heard {
                    let first = known.entry(heard.line.as_slice()).or_insert(heard.at);
                    *first = heard.at.min(*first);
                }
                known
            })
            .collect();
        for session in self.welcomed() {
            let questions: Vec<Option<&(usize, &Request)>> =
                session.lines().map(|line| sent.get(line)).collect();
            let senders: BTreeSet<usize> = questions
                .iter()
                .flatten()
                .map(|(sender, _)| *sender)
                .collect();
            // The first line that one of these had sent after it had got one
            // that comes later here.
            let first = senders.iter().filter_map(|sender| {
                let mut found = None;
                let mut earliest = usize::MAX;
                for (index, line) in session.heard.iter().enumerate().rev() {
                    if let Some((of, request)) = questions[index]
                        && of == sender
                        && earliest <= request.sent.since
                    {
                        found = Some((index, *sender, request.sent.since));
                    }
                    let at = known[*sender].get(line.line.as_slice());
                    earliest = earliest.min(at.copied().unwrap_or(usize::MAX));
                }
                found
            });
            let Some((index, sender, since)) = first.min() else {
                continue;
            };
            let (former, rest) = (&session.heard[index], &session.heard[index + 1..]);
            let was_known = |later: &&Heard| {
                let at = known[sender].get(later.line.as_slice());
                at.is_some_and(|at| *at <= since)
            };
            if let Some(latter) = rest.iter().find(was_known) {
                let message = format!(
                    "{} got {} before {}, but {} had got the latter before it sent the former",
                    session.label,
                    shown(&former.line),
                    shown(&latter.line),
                    self.sessions[sender].label
                );
                return Some(wrong(message).sentence("C14"));
            }
        }
        None
    }
}
