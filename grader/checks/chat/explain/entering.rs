//! Who may enter, under which name, and who is told of it.

use std::collections::{HashMap, HashSet};

use judge::Fault;

use super::{About, Views, about, no_answer, wrong};
use crate::order;
use crate::request::Asked;
use crate::session::{Ended, Heard, Leaving, Session};
use crate::words::shown;

impl Views<'_> {
    /// The first answer of a session.
    pub(super) fn entrance(&self) -> Option<Fault> {
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
    pub(super) fn names(&self) -> Option<Fault> {
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
    pub(super) fn seats(&self) -> Option<Fault> {
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

    pub(super) fn presence_lists(&self) -> Option<Fault> {
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

    /// More lists of who is here than were asked for.
    pub(super) fn spare_lists(&self) -> Option<Fault> {
        self.welcomed().find_map(|session| {
            let spare = order::spare_lists(self.sessions, session)?;
            let asked = match spare.asked {
                0 => "had not asked `/who`".to_owned(),
                1 => "had asked `/who` once".to_owned(),
                2 => "had asked `/who` twice".to_owned(),
                asked => format!("had asked `/who` {asked} times"),
            };
            let said = match spare.said {
                0 => String::new(),
                1 => ", and `here` had said 1 line".to_owned(),
                said => format!(", and `here` had said {said} lines"),
            };
            let message = format!(
                "{} got {} `here: ` lines, but {asked}{said}",
                session.label, spare.heard
            );
            Some(wrong(message).sentence("C11"))
        })
    }

    /// Somebody who speaks while away, or comes twice without going.
    pub(super) fn comings_and_goings(&self) -> Option<Fault> {
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
            let mut left: HashSet<&str> = HashSet::new();
            let mut said: HashMap<&str, &Heard> = HashMap::new();
            for heard in &session.heard {
                let name = match about(&heard.line) {
                    About::Joined(name) => name,
                    About::Left(name) => {
                        left.insert(name);
                        continue;
                    }
                    About::Said(name) => {
                        said.entry(name).or_insert(heard);
                        continue;
                    }
                    _ => continue,
                };
                // Who comes back was heard before.
                if !left.contains(name)
                    && let Some(early) = said.get(name)
                {
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
}
