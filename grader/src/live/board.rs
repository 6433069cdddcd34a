//! What the threads of a run on the real system share: what has happened, what
//! is known by then, and the waiting for more of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::Receiver;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use verdict::{Did, Event, Limit, Program, Stream, Value, What, placeholder};

use super::program::{Typed, Typist};
use crate::process::Ender;

/// How long is waited. None of it decides about a right program, however slow
/// the machine: a wait that is fulfilled ends at once, only one that fails takes
/// its time, and time in which the programs or the grader wanted to run and did not
/// get to is none of it ([`Board::forgives`]).
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// For something to come, after the last that happened anywhere.
    pub(super) wait: Duration,
    /// For all of a run together.
    pub(super) most: Duration,
    /// Without anything, until it counts as rest.
    pub(super) quiet: Duration,
}

impl Patience {
    pub(super) const GENEROUS: Patience = Patience {
        wait: Duration::from_secs(20),
        most: Duration::from_secs(240),
        quiet: Duration::from_millis(300),
    };
}

/// How far a program is.
#[derive(Debug, Default)]
pub(super) struct Status {
    /// Whether it may start.
    pub(super) wanted: bool,
    /// Its number, while it runs.
    pub(super) pid: Option<u32>,
    /// What ends it, once it has started.
    pub(super) ender: Option<Ender>,
    /// Who types at it, until it has ended.
    pub(super) typist: Option<Typist>,
    /// What was typed at it, until it starts.
    pub(super) typed: Option<Receiver<Typed>>,
    /// Whether a peer has ended its standard input.
    pub(super) hung_up: bool,
    /// Whether a peer has ended it.
    pub(super) killed: bool,
    /// Whether it has ended, and all that it printed is there; or it will never
    /// start.
    pub(super) ended: bool,
    /// What it printed on standard output.
    pub(super) stdout: Vec<u8>,
}

impl Status {
    fn new() -> Status {
        let (typist, typed) = Typist::new();
        Status {
            typist: Some(typist),
            typed: Some(typed),
            ..Status::default()
        }
    }
}

/// What is known.
#[derive(Debug, Default)]
pub(super) struct State {
    /// What has happened, in order.
    pub(super) events: Vec<Event>,
    /// What peers told one another.
    pub(super) told: BTreeSet<String>,
    /// The names in braces, as far as they are known.
    pub(super) names: BTreeMap<String, String>,
    /// The programs.
    pub(super) programs: Vec<Status>,
    /// How many peers are still at work.
    pub(super) peers: usize,
    /// How many peers sleep, which is something going on.
    pub(super) asleep: usize,
    /// Whether somebody has waited in vain for long enough. Then all have: what
    /// one of them sets free by going away comes too late for the others.
    pub(super) stalled: bool,
    /// Whether all is over: nobody waits any more.
    pub(super) over: bool,
    /// What the grader itself could not do. The run tells nothing then.
    pub(super) trouble: Option<String>,
    /// The limit that a program has passed, by its number.
    pub(super) passed: Option<(u32, Limit)>,
    /// How many bytes were printed.
    pub(super) printed: usize,
    /// What peers and sites have taken from the programs, in bytes.
    taken: usize,
    /// When something last happened, and later by what was forgiven since.
    last: Option<Instant>,
    /// How much time was forgiven.
    forgiven: Duration,
    /// When it was last decided what to forgive, once somebody does.
    judged: Option<Instant>,
}

/// Most bytes that peers and sites take from the programs of a run: far more than any
/// right ones send, and little beside the memory of the grader and of a judge.
pub(super) const MOST_TAKEN: usize = 16 << 20;
/// What anything that a peer or a site does counts for, besides the bytes that came.
const DEED: usize = 64;

/// How long after [`Board::forgives`] time counts.
const UNJUDGED: Duration = Duration::from_secs(1);

impl State {
    /// Now, or how far time counts.
    fn now(&self) -> Instant {
        let now = Instant::now();
        self.judged.map_or(now, |judged| now.min(judged + UNJUDGED))
    }

    /// Whether the programs have sent more than is taken.
    pub(super) fn is_flooded(&self) -> bool {
        self.taken > MOST_TAKEN
    }

    /// Something is taken from the programs; whether it may be.
    fn takes(&mut self, did: &Did) -> bool {
        let bytes = match did {
            Did::Received(bytes) => bytes.0.len(),
            Did::Asked { path, .. } | Did::Answered { path } => path.len(),
            _ => 0,
        };
        self.taken = self.taken.saturating_add(bytes + DEED);
        !self.is_flooded()
    }
}

/// What the threads of a run share.
#[derive(Debug)]
pub(super) struct Board {
    began: Instant,
    date: u128,
    patience: Patience,
    state: Mutex<State>,
    changed: Condvar,
}

impl Board {
    /// For a run that begins now.
    pub(super) fn new(patience: Patience, programs: usize, peers: usize) -> Board {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let state = State {
            programs: (0..programs).map(|_| Status::new()).collect(),
            peers,
            ..State::default()
        };
        Board {
            began: Instant::now(),
            date: now.map_or(0, |now| now.as_nanos()),
            patience,
            state: Mutex::new(state),
            changed: Condvar::new(),
        }
    }

    /// The date at its beginning, in nanoseconds since 1970.
    pub(super) fn date(&self) -> u128 {
        self.date
    }

    /// How long is waited.
    pub(super) fn patience(&self) -> Patience {
        self.patience
    }

    /// What is known now.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // It is whole between any two statements that change it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what is known, and lets those look again who wait.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.state();
        state.last = Some(Instant::now());
        let changed = change(&mut state);
        drop(state);
        self.changed.notify_all();
        changed
    }

    /// Something happened.
    pub(super) fn happened(&self, thread: u32, what: What) {
        self.change(|state| state.events.push(Event { thread, what }));
    }

    /// A peer did something. Past [`MOST_TAKEN`] it is not kept: the run is about to be
    /// ended for that.
    pub(super) fn did(&self, thread: u32, line: u32, did: Did) {
        let gave_up = did == Did::GaveUp;
        let mut state = self.state();
        // That one gives up is no reason for others to wait for longer.
        if !gave_up {
            state.last = Some(Instant::now());
        }
        let at = nanoseconds(self.began.elapsed());
        if state.takes(&did) {
            let what = What::Peer { line, at, did };
            state.events.push(Event { thread, what });
        }
        drop(state);
        self.changed.notify_all();
    }

    /// A program printed something. What comes in many pieces with nothing between
    /// them is one: in how many, the system decides.
    pub(super) fn printed(&self, thread: u32, stream: Stream, text: String) {
        self.change(|state| {
            state.printed += text.len();
            let last = state.events.last_mut();
            let before = last
                .filter(|last| last.thread == thread)
                .and_then(|last| match &mut last.what {
                    What::Print { stream: on, text } if *on == stream => Some(text),
                    _ => None,
                });
            if let Some(before) = before {
                before.push_str(&text);
            } else {
                let what = What::Print { stream, text };
                state.events.push(Event { thread, what });
            }
        });
    }

    /// What a name in braces stands for has come to be known.
    pub(super) fn named(&self, thread: u32, name: &str, text: &str) {
        self.change(|state| {
            state.names.insert(name.to_owned(), text.to_owned());
            let what = What::Mark {
                name: placeholder::ADDRESS.to_owned(),
                value: Value::from(vec![name, text]),
            };
            state.events.push(Event { thread, what });
        });
    }

    /// The value of a name in braces; `None` where it does not come, since the
    /// program that would tell it has ended, or is never told of.
    pub(super) fn address(&self, name: &str, programs: &[Program]) -> Option<String> {
        let teller = programs.iter().position(|program| program.label == name);
        let found = self.wait(|state| match (state.names.get(name), teller) {
            (Some(text), _) => Some(Some(text.clone())),
            (None, Some(teller)) if state.programs[teller].ended => Some(None),
            (None, _) => None,
        });
        found.flatten()
    }

    /// So much of the time that has just gone by does not count: the machine had other
    /// things to do. Time that goes by long after this counts for nobody until this is
    /// called again: when all were kept from running, all wake at the same moment.
    pub(super) fn forgives(&self, time: Duration) {
        let mut state = self.state();
        let now = Instant::now();
        state.judged = Some(now);
        state.forgiven += time;
        state.last = state.last.map(|last| (last + time).min(now).max(last));
    }

    /// How long somebody may still wait who began to at `since`, as far as is
    /// known now; nothing where that was long enough, for them and for all.
    fn patient(&self, state: &mut State, since: Instant) -> Option<Duration> {
        let now = state.now();
        let last = match state.asleep {
            0 => state.last.map_or(since, |last| last.max(since)),
            _ => Instant::now(),
        };
        let most = self.patience.most + state.forgiven;
        let deadline = (last + self.patience.wait).min(self.began + most);
        let left = deadline.saturating_duration_since(now);
        state.stalled |= left.is_zero();
        (!state.stalled && !state.over).then_some(left)
    }

    /// Waits until there is what `look` gives; `None` where it does not come,
    /// although nothing else has happened for long.
    pub(super) fn wait<T>(&self, mut look: impl FnMut(&mut State) -> Option<T>) -> Option<T> {
        let since = Instant::now();
        let mut state = self.state();
        loop {
            if let Some(found) = look(&mut state).filter(|_| !state.stalled) {
                return Some(found);
            }
            let Some(left) = self.patient(&mut state, since) else {
                drop(state);
                self.changed.notify_all();
                return None;
            };
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits for so long, and tells whether all was over by then.
    pub(super) fn is_over_within(&self, wait: Duration) -> bool {
        let deadline = Instant::now() + wait;
        let mut state = self.state();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if state.over || left.is_zero() {
                return state.over;
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// All that a program has printed on a stream.
    pub(super) fn printed_by(&self, thread: u32, on: Stream) -> String {
        let state = self.state();
        let own = state.events.iter().filter(|event| event.thread == thread);
        let texts = own.filter_map(|event| match &event.what {
            What::Print { stream, text } if *stream == on => Some(text.as_str()),
            _ => None,
        });
        texts.collect()
    }

    /// Waits like [`Board::wait`], but for as long as there is somebody at work
    /// who may bring it about.
    pub(super) fn wait_for_peers<T>(
        &self,
        mut look: impl FnMut(&mut State) -> Option<T>,
    ) -> Option<T> {
        let mut state = self.state();
        loop {
            if let Some(found) = look(&mut state) {
                return Some(found);
            }
            if state.over || state.peers == 0 {
                return None;
            }
            let waited = self.changed.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// How long a thread may still wait that began to at `since` and cannot
    /// wait here; `None` where that was long enough.
    pub(super) fn left(&self, since: Instant) -> Option<Duration> {
        let left = self.patient(&mut self.state(), since);
        if left.is_none() {
            self.changed.notify_all();
        }
        left
    }

    /// The same for a site, which is a little less patient than everybody else,
    /// and goes on then.
    pub(super) fn held(&self, since: Instant) -> Option<Duration> {
        let state = self.state();
        let last = state.last.map_or(since, |last| last.max(since));
        let deadline = last + self.patience.wait * 3 / 4;
        let left = deadline.saturating_duration_since(state.now());
        (!left.is_zero() && !state.over && !state.stalled).then_some(left)
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    // Enough for 584 years.
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_forgiven_is_not_waited_and_never_more_than_was() {
        let board = Board::new(Patience::GENEROUS, 0, 0);
        board.change(|_| ());
        let last = || board.state().last.unwrap();
        let first = last();
        let pause = Duration::from_millis(5);
        std::thread::sleep(pause);
        board.forgives(pause / 5);
        assert_eq!(last(), first + pause / 5);
        board.forgives(Duration::from_secs(3600));
        assert!(last() >= first + pause && last() <= Instant::now());
        assert_eq!(
            board.state().forgiven,
            pause / 5 + Duration::from_secs(3600)
        );
    }

    #[test]
    fn nobody_has_waited_in_vain_while_nothing_tells_whether_the_machine_stood_still() {
        let patience = Patience {
            wait: 2 * UNJUDGED,
            ..Patience::GENEROUS
        };
        let board = Board::new(patience, 0, 0);
        board.change(|_| ());
        board.forgives(Duration::ZERO);
        let long_ago = Instant::now() - 4 * patience.wait;
        let stood_still = |state: &mut State| {
            state.last = Some(long_ago);
            state.judged = Some(long_ago);
        };
        stood_still(&mut board.state());
        assert!(board.left(long_ago).is_some() && board.held(long_ago).is_some());
        board.forgives(4 * patience.wait);
        assert!(board.left(long_ago).is_some() && board.held(long_ago).is_some());
        stood_still(&mut board.state());
        board.forgives(Duration::ZERO);
        assert!(board.held(long_ago).is_none() && board.left(long_ago).is_none());
    }
}
