//! Whether there is one order of all that happened in the room that everybody's
//! view agrees with.
//!
//! Each session is a sequence of steps: its name is taken, it is welcomed, its
//! coming is told to the others, then what it asked for, then its last line and
//! the notice that it left. An order is an interleaving of these sequences; it
//! says what everybody must hear. This looks for one that explains what
//! everybody did hear. It takes every freedom that the contract leaves: taking
//! a name, the welcome and the notice need not be one step, nor need a goodbye
//! and its notice.
//!
//! A step takes effect after it was asked for and before anything that follows
//! from it was heard: so the order also keeps to what came after what.

use std::collections::{HashMap, HashSet};

use crate::request::Asked;
use crate::session::{Ended, Leaving, Session};

/// Lines that may wait for a client before the server may cut it off.
pub(crate) const PATIENCE: usize = 256;

/// Orders that are tried for one execution before the judge is at a loss.
const MOST_TRIED: usize = 1_000_000;

/// What is looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    /// How many may be present.
    pub(crate) seats: usize,
    /// Whether the notices of comings and goings are judged. Where they are
    /// not, they are not among what was heard either.
    pub(crate) notices: bool,
    /// Whether it is judged who is said to be present.
    pub(crate) lists: bool,
}

/// One thing that a session makes happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// It is refused.
    Refused,
    /// Its name is its own from here on.
    Reserve,
    /// It hears its welcome, and all that follows.
    Welcome,
    /// The others hear that it has joined.
    Joined,
    /// The others hear what it said.
    Say(usize),
    /// Those who are present are counted for it,
    Take(usize),
    /// and it hears who they were.
    Here(usize),
    /// It hears its goodbye, or its error, and nothing more.
    Last(Last),
    /// The others hear that it left; its name is free.
    Left,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    Goodbye,
    /// A goodbye may or may not come.
    EndOfInput,
    Error,
    /// It is not there to hear anything.
    Silence,
}

/// The steps of a session.
struct Part {
    steps: Vec<Step>,
    /// Where its steps end if it stays.
    last: usize,
    /// Whether all of its steps must be taken, up to `last` or to the end.
    leaves: Leaves,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leaves {
    /// It stays to the end of the execution.
    Stays,
    /// It has asked for it, or its input has ended.
    Asked,
    /// It has gone, and what it asked for may be lost.
    Gone,
    /// It has gone perhaps.
    Perhaps,
}

/// How far an order has come.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct State {
    /// For each session, its steps taken.
    taken: Vec<u32>,
    /// For each session, its lines that are explained.
    explained: Vec<u32>,
    /// For each session, how many lines were given to it.
    given: Vec<u32>,
    /// For each session, the line, from 1, that names who was present.
    counted: Vec<u32>,
    /// For each session, whether it was cut off.
    cut: Vec<bool>,
    /// For each session, whether it did not hear what was given to it: then it
    /// must be cut off.
    missed: Vec<bool>,
    /// The event before which no line was heard that is explained from here on.
    now: usize,
}

/// Whether there is such an order.
///
/// # Panics
/// When it cannot be told with reasonable effort, which makes the judge be at
/// a loss.
pub(crate) fn is_explained(sessions: &[Session], room: Room) -> bool {
    // That they cannot be explained is known without a search.
    if sessions
        .iter()
        .any(|one| spare_lists(sessions, one).is_some())
    {
        return false;
    }
    let told = told(sessions, room);
    let mut search = Search {
        sessions,
        room,
        parts: sessions.iter().map(part).collect(),
        may_be_cut: may_be_cut(sessions),
        reach: sessions.iter().map(|one| reach(one, &told)).collect(),
        seen: HashSet::new(),
    };
    let nothing = || vec![0; sessions.len()];
    let start = State {
        taken: nothing(),
        explained: nothing(),
        given: nothing(),
        counted: nothing(),
        cut: vec![false; sessions.len()],
        missed: vec![false; sessions.len()],
        now: 0,
    };
    search.explains(start)
}

/// The lines `here: ...` of a session that heard more of them than there can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SpareLists {
    /// How many it heard.
    pub(crate) heard: usize,
    /// How often it had asked who is here.
    pub(crate) asked: usize,
    /// How many lines others had said whose name is `here`: these look the same.
    pub(crate) said: usize,
}

/// More lines `here: ...` than anything can explain; `None` where a session did
/// not hear so many. What follows an error is open, and not counted.
pub(crate) fn spare_lists(sessions: &[Session], session: &Session) -> Option<SpareLists> {
    if session.is_refused() {
        return None;
    }
    let asked = session.asked.then.iter();
    let may_fail = asked
        .clone()
        .any(|request| matches!(request.what, Asked::Bad(_)));
    let lines = session.heard.iter();
    let heard = lines
        .take_while(|heard| !(may_fail && heard.is_error()))
        .filter(|heard| heard.line.starts_with(b"here: "))
        .count();
    let others = sessions
        .iter()
        .filter(|other| !std::ptr::eq(*other, session) && other.name() == Some("here"));
    let said = others
        .flat_map(|other| &other.asked.then)
        .filter(|request| matches!(request.what, Asked::Say(_)))
        .count();
    let asked = asked.filter(|request| request.what == Asked::Who).count();
    let spare = SpareLists { heard, asked, said };
    (heard > asked + said).then_some(spare)
}

/// How often each line can be told to others, at the most.
fn told(sessions: &[Session], room: Room) -> HashMap<Vec<u8>, usize> {
    let mut told = HashMap::new();
    let mut tell = |line: Vec<u8>| *told.entry(line).or_default() += 1;
    for session in sessions {
        let Some(name) = session.name() else { continue };
        for request in &session.asked.then {
            if let Asked::Say(text) = &request.what {
                tell([name.as_bytes(), b": ", text.as_slice()].concat());
            }
        }
        if room.notices {
            tell(format!("* {name} joined").into_bytes());
            tell(format!("* {name} left").into_bytes());
        }
    }
    told
}

/// For each line that a session heard, and for the end, the first line from
/// there on that cannot come from what others told, if all before it do.
fn reach(session: &Session, told: &HashMap<Vec<u8>, usize>) -> Vec<usize> {
    let mut left: HashMap<&[u8], usize> = told
        .iter()
        .map(|(line, times)| (line.as_slice(), *times))
        .collect();
    let mut end = 0;
    let mut reach = Vec::with_capacity(session.heard.len() + 1);
    for from in 0..=session.heard.len() {
        while let Some(heard) = session.heard.get(end)
            && let Some(times) = left.get_mut(heard.line.as_slice())
            && *times > 0
        {
            *times -= 1;
            end += 1;
        }
        reach.push(end);
        // The next one begins behind this line.
        if end == from {
            end += 1;
        } else if let Some(times) = left.get_mut(session.heard[from].line.as_slice()) {
            *times += 1;
        }
    }
    reach
}

/// Whether so much was said that somebody may be cut off at all.
fn may_be_cut(sessions: &[Session]) -> bool {
    let lines = sessions.iter().map(|session| session.asked.then.len() + 2);
    lines.sum::<usize>() >= PATIENCE
}

fn part(session: &Session) -> Part {
    let mut steps = Vec::new();
    let refused = session.is_refused();
    let never_asked = session.name().is_none() && !refused;
    if refused {
        steps.push(Step::Refused);
    }
    if refused || never_asked {
        let last = steps.len();
        return Part {
            steps,
            last,
            leaves: Leaves::Stays,
        };
    }
    steps.extend([Step::Reserve, Step::Welcome, Step::Joined]);
    let mut asked = None;
    for (index, request) in session.asked.then.iter().enumerate() {
        match request.what {
            Asked::Say(_) => steps.push(Step::Say(index)),
            Asked::Who => steps.extend([Step::Take(index), Step::Here(index)]),
            Asked::Quit => asked = Some(Last::Goodbye),
            Asked::Bad(_) => asked = Some(Last::Error),
        }
    }
    // An unfinished last line that asks for the end may be overlooked.
    if asked.is_some() && session.asked.then.last().is_some_and(|last| last.optional) {
        asked = None;
    }
    let (last_word, leaves) = match (asked, session.leaving) {
        (_, Leaving::Gone(_)) => (asked.unwrap_or(Last::Silence), Leaves::Gone),
        (Some(last), _) => (last, Leaves::Asked),
        (None, Leaving::EndOfInput(_)) => (Last::EndOfInput, Leaves::Asked),
        (None, Leaving::Stays) => (Last::Silence, Leaves::Stays),
        (None, Leaving::Perhaps(_)) => (Last::Silence, Leaves::Perhaps),
    };
    let last = steps.len();
    steps.extend([Step::Last(last_word), Step::Left]);
    Part {
        steps,
        last,
        leaves,
    }
}

struct Search<'a> {
    sessions: &'a [Session],
    room: Room,
    parts: Vec<Part>,
    may_be_cut: bool,
    /// For each session, how far others may have told it what it heard
    /// ([`reach`]).
    reach: Vec<Vec<usize>>,
    seen: HashSet<State>,
}

impl Search<'_> {
    fn explains(&mut self, start: State) -> bool {
        let mut open = vec![start];
        while let Some(state) = open.pop() {
            if self.is_whole(&state) {
                return true;
            }
            if !self.seen.insert(state.clone()) {
                continue;
            }
            assert!(
                self.seen.len() < MOST_TRIED,
                "too many orders would explain what was heard"
            );
            let mut next = self.next(&state);
            // The one that was heard first is tried first: mostly it is right.
            next.sort_by_key(|(heard, _)| std::cmp::Reverse(*heard));
            open.extend(next.into_iter().map(|(_, state)| state));
        }
        false
    }

    /// Whether everything that was asked for was done, and everything that was
    /// heard is explained.
    fn is_whole(&self, state: &State) -> bool {
        let explained = |n: usize| {
            let (session, part) = (&self.sessions[n], &self.parts[n]);
            let all = state.explained[n] as usize == session.heard.len();
            let whole = session.torn.is_empty()
                || state.cut[n]
                || session.listened.is_none()
                || session.ended == Ended::Broken
                || session.is_refused();
            // Who asked is answered.
            let answered = session.asked.first.is_none()
                || session.listened.is_none()
                || session.quiet
                || !session.heard.is_empty();
            let taken = state.taken[n] as usize;
            let end = part.steps.len();
            let done = match part.leaves {
                Leaves::Stays => taken == part.last || (state.cut[n] && taken == end),
                Leaves::Asked => taken == end,
                Leaves::Gone => taken == end || taken == 0,
                Leaves::Perhaps => {
                    let nothing = taken == 0 && session.rested.is_none();
                    nothing || taken == part.last || taken == end
                }
            };
            all && whole && answered && done && (!state.missed[n] || state.cut[n])
        };
        (0..self.sessions.len()).all(explained)
    }

    /// Every state that one more step leads to, with the event of the line that
    /// it explains.
    fn next(&self, state: &State) -> Vec<(usize, State)> {
        let mut next = Vec::new();
        for n in 0..self.sessions.len() {
            let part = &self.parts[n];
            let taken = state.taken[n] as usize;
            let Some(&step) = part.steps.get(taken) else {
                continue;
            };
            self.step(state, n, step, &mut next);
            self.skip(state, n, step, &mut next);
            self.leave(state, n, &mut next);
        }
        next
    }

    fn step(&self, state: &State, n: usize, step: Step, next: &mut Vec<(usize, State)>) {
        let session = &self.sessions[n];
        let mut after = state.clone();
        after.taken[n] += 1;
        match step {
            Step::Refused => {
                // The line was found to be there when the part was made.
                let Some(line) = session.heard.first() else {
                    return;
                };
                let since = match self.reason(state, n) {
                    Some(since) => since,
                    None => return,
                };
                after.now = after.now.max(since);
                if line.at <= after.now {
                    return;
                }
                // What follows an error is open.
                after.explained[n] = count(session.heard.len());
                next.push((line.at, after));
            }
            Step::Reserve => {
                let Some(first) = &session.asked.first else {
                    return;
                };
                after.now = after.now.max(first.sent.since);
                if self.is_taken(state, n) || self.present(state, n) >= self.room.seats {
                    return;
                }
                let welcome = session.heard.first();
                next.push((welcome.map_or(first.sent.at, |line| line.at), after));
            }
            Step::Welcome => {
                let line = self.name_line("welcome ", n, "");
                self.hear_own(after, n, &line, session.quiet, next);
            }
            Step::Joined => {
                let line = self.name_line("* ", n, " joined");
                let at = session
                    .asked
                    .first
                    .as_ref()
                    .map_or(0, |first| first.sent.at);
                self.notice(after, n, &line, at, next);
            }
            Step::Say(index) => {
                let request = &session.asked.then[index];
                after.now = after.now.max(request.sent.since);
                if let Asked::Say(text) = &request.what {
                    let mut line = self.name_line("", n, ": ");
                    line.extend_from_slice(text);
                    self.tell(after, n, &line, request.sent.at, next);
                }
            }
            Step::Take(index) => {
                after.now = after.now.max(session.asked.then[index].sent.since);
                self.count_present(after, n, next);
            }
            Step::Here(_) => {
                let heard = state.explained[n];
                let line = session.heard.get(heard as usize);
                match line {
                    Some(line) if state.counted[n] == heard + 1 && line.at > after.now => {
                        after.explained[n] += 1;
                        after.counted[n] = 0;
                        after.given[n] += 1;
                        next.push((line.at, after));
                    }
                    None if session.listened.is_none() => {
                        after.counted[n] = 0;
                        next.push((usize::MAX, after));
                    }
                    _ => {}
                }
            }
            Step::Last(last) => self.last(after, n, last, next),
            Step::Left => {
                let line = self.name_line("* ", n, " left");
                let at = if after.cut[n] { 0 } else { self.left_at(n) };
                self.notice(after, n, &line, at, next);
            }
        }
    }

    /// What need not be done is left out.
    fn skip(&self, state: &State, n: usize, step: Step, next: &mut Vec<(usize, State)>) {
        let index = match step {
            Step::Say(index) | Step::Take(index) => index,
            _ => return,
        };
        if self.sessions[n].asked.then[index].optional {
            let mut after = state.clone();
            after.taken[n] += if matches!(step, Step::Take(_)) { 2 } else { 1 };
            next.push((usize::MAX, after));
        }
    }

    /// Leaves out all that is left, where the client has gone, or where it may
    /// be cut off.
    fn leave(&self, state: &State, n: usize, next: &mut Vec<(usize, State)>) {
        let (session, part) = (&self.sessions[n], &self.parts[n]);
        let taken = state.taken[n] as usize;
        if taken > part.last || !self.is_reserved(state, n) {
            return;
        }
        let cut = state.given[n] as usize >= PATIENCE;
        let gone = match session.leaving {
            Leaving::Gone(moment) => Some(moment),
            // What it had asked for was done before everything came to rest.
            Leaving::Perhaps(moment) if session.rested.is_none() => Some(moment),
            Leaving::Perhaps(moment) if taken == part.last => Some(moment),
            Leaving::Perhaps(_) | Leaving::Stays | Leaving::EndOfInput(_) => None,
        };
        // What it said may be lost, but the goodbye that it heard is not.
        let heard_all = state.explained[n] as usize == session.heard.len();
        if !heard_all {
            return;
        }
        // Who listened until everything had come to rest went after that.
        let rested = session.rested;
        let is_early = rested.is_some_and(|rested| !self.is_done_until(state, n, rested));
        if let Some(gone) = gone
            && !is_early
        {
            let mut after = state.clone();
            after.now = after.now.max(gone.since);
            after.taken[n] = count(part.last + 1);
            next.push((gone.at, after.clone()));
            // Who went before the others were told need not be mentioned.
            if !self.is_joined(state, n) {
                after.taken[n] = count(part.steps.len());
                next.push((gone.at, after));
            }
        }
        if cut {
            let mut after = state.clone();
            after.cut[n] = true;
            after.taken[n] = count(part.last + 1);
            next.push((usize::MAX, after));
        }
    }

    /// Whether all that the others had asked for before an event is done.
    fn is_done_until(&self, state: &State, n: usize, event: usize) -> bool {
        let others = (0..self.sessions.len()).filter(|other| *other != n);
        let mut undone = others.filter_map(|other| self.next_due(state, other));
        undone.all(|at| at > event)
    }

    /// When the next thing was asked for that a session must make happen.
    fn next_due(&self, state: &State, n: usize) -> Option<usize> {
        let (session, part) = (&self.sessions[n], &self.parts[n]);
        // Who missed something must be cut off, and that must be told.
        if state.missed[n] && (state.taken[n] as usize) < part.steps.len() {
            return Some(0);
        }
        let may_be_lost = match part.leaves {
            Leaves::Gone => true,
            Leaves::Perhaps => session.rested.is_none(),
            Leaves::Stays | Leaves::Asked => false,
        };
        if may_be_lost && !self.is_reserved(state, n) {
            return None;
        }
        let first = session.asked.first.as_ref();
        let asked = |index: usize| Some(session.asked.then[index].sent.at);
        match *part.steps.get(state.taken[n] as usize)? {
            Step::Refused => None,
            Step::Reserve | Step::Welcome | Step::Joined => first.map(|first| first.sent.at),
            Step::Say(_) | Step::Take(_) | Step::Here(_) if may_be_lost => None,
            Step::Say(index) | Step::Take(index) | Step::Here(index) => asked(index),
            Step::Last(_) | Step::Left => match part.leaves {
                Leaves::Stays | Leaves::Perhaps => None,
                Leaves::Asked | Leaves::Gone => Some(self.left_at(n)),
            },
        }
    }

    /// Everybody but `n` hears a notice about it.
    fn notice(
        &self,
        after: State,
        n: usize,
        line: &[u8],
        at: usize,
        next: &mut Vec<(usize, State)>,
    ) {
        match self.room.notices {
            true => self.tell(after, n, line, at, next),
            false => next.push((at, after)),
        }
    }

    /// Everybody but `n` hears a line that was sent at `at`.
    fn tell(&self, after: State, n: usize, line: &[u8], at: usize, next: &mut Vec<(usize, State)>) {
        let mut states = vec![(usize::MAX, after)];
        for other in (0..self.sessions.len()).filter(|other| *other != n) {
            let mut all = Vec::new();
            for (first, state) in states {
                self.tell_one((first, state), other, line, at, &mut all);
            }
            states = all;
        }
        // What nobody hears was said when it was sent.
        let heard = |first| if first == usize::MAX { at } else { first };
        next.extend(
            states
                .into_iter()
                .map(|(first, state)| (heard(first), state)),
        );
    }

    fn tell_one(
        &self,
        (first, state): (usize, State),
        other: usize,
        line: &[u8],
        at: usize,
        next: &mut Vec<(usize, State)>,
    ) {
        let session = &self.sessions[other];
        let hears = self.is_welcomed(&state, other) && !self.is_over(&state, other);
        let may_miss = !hears || !self.is_present(&state, other);
        if hears {
            let mut after = state.clone();
            after.given[other] += 1;
            match session.heard.get(after.explained[other] as usize) {
                Some(heard) if heard.line == line && heard.at > after.now => {
                    after.explained[other] += 1;
                    next.push((first.min(heard.at), after));
                }
                Some(_) => {}
                None if session.listened.is_none_or(|listened| at > listened) => {
                    next.push((first, after));
                }
                None if self.may_be_cut => {
                    after.missed[other] = true;
                    next.push((first, after));
                }
                None => {}
            }
        }
        if may_miss {
            next.push((first, state));
        }
    }

    /// A session hears a line of its own.
    fn hear_own(
        &self,
        after: State,
        n: usize,
        line: &[u8],
        may_miss: bool,
        next: &mut Vec<(usize, State)>,
    ) {
        let session = &self.sessions[n];
        let heard = session.heard.get(after.explained[n] as usize);
        if let Some(heard) = heard
            && heard.line == line
            && heard.at > after.now
        {
            let mut after = after.clone();
            after.explained[n] += 1;
            after.given[n] += 1;
            next.push((heard.at, after));
        }
        if may_miss || (heard.is_none() && session.listened.is_none()) {
            next.push((heard.map_or(usize::MAX, |heard| heard.at), after));
        }
    }

    fn last(&self, mut after: State, n: usize, last: Last, next: &mut Vec<(usize, State)>) {
        let session = &self.sessions[n];
        let asked = session.asked.then.last().map(|request| request.sent.since);
        let goodbye = self.name_line("goodbye ", n, "");
        match last {
            Last::Goodbye => {
                after.now = after.now.max(asked.unwrap_or(0));
                self.hear_own(after, n, &goodbye, session.quiet, next);
            }
            Last::EndOfInput => {
                let moment = session.leaving.moment().unwrap_or_default();
                after.now = after.now.max(moment.since);
                self.hear_own(after, n, &goodbye, true, next);
            }
            Last::Error => {
                after.now = after.now.max(asked.unwrap_or(0));
                match session.heard.get(after.explained[n] as usize) {
                    Some(heard) if heard.is_error() && heard.at > after.now => {
                        after.explained[n] = count(session.heard.len());
                        next.push((heard.at, after));
                    }
                    None if session.listened.is_none() || session.quiet => {
                        next.push((usize::MAX, after));
                    }
                    _ => {}
                }
            }
            // Who goes so leaves out what is left.
            Last::Silence => {}
        }
    }

    /// Finds out which of the lines that a session will hear says who is
    /// present now. Until it hears the answer, it hears only what others tell,
    /// so that few lines come into question, however many it heard.
    fn count_present(&self, after: State, n: usize, next: &mut Vec<(usize, State)>) {
        let session = &self.sessions[n];
        let from = after.explained[n] as usize;
        let reach = self.reach[n][from];
        let mut found = false;
        let lines = session.heard.iter().enumerate();
        for (index, heard) in lines.take(reach + 1).skip(from) {
            if self.says_who_is_here(&after, n, &heard.line) {
                let mut after = after.clone();
                after.counted[n] = count(index + 1);
                next.push((heard.at, after));
                found = true;
            }
        }
        // The answer may not have been heard.
        if !found && reach == session.heard.len() && session.listened.is_none() {
            next.push((usize::MAX, after));
        }
    }

    fn says_who_is_here(&self, state: &State, n: usize, line: &[u8]) -> bool {
        let Ok(text) = std::str::from_utf8(line) else {
            return false;
        };
        let Some(names) = text.strip_prefix("here: ") else {
            return false;
        };
        if !self.room.lists {
            return true;
        }
        let holds = |name: &str| {
            (0..self.sessions.len()).any(|other| {
                self.sessions[other].name() == Some(name) && self.holds_name(state, other)
            })
        };
        // The first name that is wrong ends it: a list may be very long.
        let mut right: Vec<&str> = Vec::new();
        for name in names.split(", ") {
            if right.last().is_some_and(|before| *before >= name) || !holds(name) {
                return false;
            }
            right.push(name);
        }
        (0..self.sessions.len()).all(|other| {
            let present = self.is_present(state, other) && !self.is_over(state, other);
            let name = self.sessions[other].name();
            !(present || other == n) || name.is_some_and(|name| right.contains(&name))
        })
    }

    /// Why a session may be refused now; since when, at the earliest.
    fn reason(&self, state: &State, n: usize) -> Option<usize> {
        let session = &self.sessions[n];
        match &session.asked.first {
            Some(first) if first.name.is_none() || self.is_taken(state, n) => {
                Some(first.sent.since)
            }
            _ => {
                let others = (0..self.sessions.len()).filter(|other| *other != n);
                let held = others
                    .filter(|other| self.holds_name(state, *other))
                    .count();
                (held >= self.room.seats).then_some(session.began.since)
            }
        }
    }

    /// Whether somebody else has the name of a session.
    fn is_taken(&self, state: &State, n: usize) -> bool {
        let name = self.sessions[n].name();
        let others = (0..self.sessions.len()).filter(|other| *other != n);
        let mut same = others.filter(|other| self.sessions[*other].name() == name);
        same.any(|other| self.holds_name(state, other))
    }

    /// How many others have a seat.
    fn present(&self, state: &State, n: usize) -> usize {
        let others = (0..self.sessions.len()).filter(|other| *other != n);
        let present =
            |other: &usize| self.holds_name(state, *other) && !self.is_over(state, *other);
        others.filter(present).count()
    }

    fn holds_name(&self, state: &State, n: usize) -> bool {
        self.is_reserved(state, n) && (state.taken[n] as usize) < self.parts[n].steps.len()
    }

    fn is_reserved(&self, state: &State, n: usize) -> bool {
        self.has_taken(state, n, Step::Reserve)
    }

    fn is_welcomed(&self, state: &State, n: usize) -> bool {
        self.has_taken(state, n, Step::Welcome)
    }

    fn is_joined(&self, state: &State, n: usize) -> bool {
        self.has_taken(state, n, Step::Joined)
    }

    /// Whether it must hear everything. Between its welcome and the notice of
    /// its coming that is open, but for what was asked for after it had heard
    /// the welcome.
    fn is_present(&self, state: &State, n: usize) -> bool {
        let welcome = self.sessions[n].heard.first();
        self.is_joined(state, n)
            || (self.is_welcomed(state, n)
                && welcome.is_some_and(|welcome| welcome.at <= state.now))
    }

    /// Whether it hears no more.
    fn is_over(&self, state: &State, n: usize) -> bool {
        state.taken[n] as usize > self.parts[n].last
    }

    fn has_taken(&self, state: &State, n: usize, step: Step) -> bool {
        let steps = &self.parts[n].steps;
        steps[..state.taken[n] as usize].contains(&step)
    }

    /// When it was known, at the latest, that a session leaves.
    fn left_at(&self, n: usize) -> usize {
        let session = &self.sessions[n];
        let asked = session.asked.then.last();
        let asked = asked.filter(|last| matches!(last.what, Asked::Quit | Asked::Bad(_)));
        let left = session.leaving.moment().map(|moment| moment.at);
        asked
            .map(|last| last.sent.at)
            .or(left)
            .unwrap_or(usize::MAX)
    }

    fn name_line(&self, before: &str, n: usize, after: &str) -> Vec<u8> {
        let name = self.sessions[n].name().unwrap_or_default();
        format!("{before}{name}{after}").into_bytes()
    }
}

/// Lines and steps are counted in 32 bits: no execution has more. A server may
/// send more lines than 16 bits can count, and what follows an error is open.
fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
