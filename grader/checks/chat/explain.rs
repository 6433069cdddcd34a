//! Why no order explains what was heard, in words for a student.
//!
//! This is asked only where there is no such order. It looks for the plainest
//! contradiction first: in one line, in one view, between two views; and tells
//! all views where it finds none of these.
//!
//! A server may have sent very many lines: no look goes through all of them for
//! each of them.

mod entering;
mod missing;
mod orders;

use std::collections::HashMap;

use judge::{Fault, FindingKind};

use crate::order::Room;
use crate::request::{self, Asked, Request};
use crate::session::{Ended, Session};
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
        .or_else(|| views.spare_lists())
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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

    /// Who sent a line first, by its place among the sessions, and when.
    fn sent(&self) -> HashMap<Vec<u8>, (usize, &'a Request)> {
        let mut sent = HashMap::new();
        for (sender, session) in self.sessions.iter().enumerate() {
            for (line, request) in Self::said(session) {
                sent.entry(line).or_insert((sender, request));
            }
        }
        sent
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
