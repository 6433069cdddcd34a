//! What should have come and did not, and what came after the end.

use std::collections::HashSet;

use judge::Fault;

use super::{About, Views, about, bad_line, is_bad, no_answer, wrong};
use crate::order::PATIENCE;
use crate::request::{Asked, Request};
use crate::session::{Ended, Heard, Leaving, Session};
use crate::words::shown;

impl Views<'_> {
    pub(super) fn after_goodbye(&self) -> Option<Fault> {
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

    pub(super) fn missing_answers(&self) -> Option<Fault> {
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
    pub(super) fn missing_notices(&self) -> Option<Fault> {
        if !self.room.notices {
            return None;
        }
        for session in self.welcomed() {
            let Some(listened) = session.listened else {
                continue;
            };
            let came = session.heard.first().map_or(0, |heard| heard.at);
            let notices: HashSet<About<'_>> = session
                .lines()
                .map(about)
                .filter(|what| matches!(what, About::Joined(_) | About::Left(_)))
                .collect();
            for other in self.sessions {
                let (Some(name), Some(first)) = (other.name(), &other.asked.first) else {
                    continue;
                };
                if other.label == session.label || session.name() == Some(name) {
                    continue;
                }
                let has = |what: About<'_>| notices.contains(&what);
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
    pub(super) fn cut_off_too_soon(&self) -> Option<Fault> {
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
    pub(super) fn missing_lines(&self) -> Option<Fault> {
        for session in self.welcomed() {
            let Some(listened) = session.listened else {
                continue;
            };
            let came = session.heard.first().map_or(0, |heard| heard.at);
            let heard: HashSet<&[u8]> = session.lines().collect();
            for sender in self
                .welcomed()
                .filter(|sender| sender.label != session.label)
            {
                for (line, request) in Self::said(sender) {
                    let certain = request.sent.since >= came
                        && request.sent.at <= listened
                        && !request.optional
                        && !matches!(sender.leaving, Leaving::Gone(_));
                    if !certain || heard.contains(line.as_slice()) {
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
}
