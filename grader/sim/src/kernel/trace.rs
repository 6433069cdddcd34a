//! The steps of an execution, as they are kept for its timeline.
//!
//! While an execution runs, a step is a compact row: what is known at once and
//! may be another thing later, and no words. These are made when somebody asks
//! for them (`words`).

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::panic::Location;

use super::order::ByAddress;
use super::pick::pending;
use super::{Run, Value};
use crate::op::{Kind, Object, Op, State, Woken};

/// The rows of an execution, and the numbers of the things that they are about.
#[derive(Default)]
pub(super) struct Trace {
    pub(super) rows: Vec<Row>,
    /// Numbers given to things that keep theirs.
    given: u32,
    /// By those numbers, the numbers in their names; 0 where they have none yet.
    names: Vec<u32>,
    /// Of things that keep none, by their addresses, which other things may
    /// have later.
    at: HashMap<(usize, Kind), u32, BuildHasherDefault<ByAddress>>,
    /// How many things of each kind have a number.
    counts: Counts,
}

/// A count for each kind, which is its index.
type Counts = [u32; Kind::Other as usize + 1];

/// A row of the timeline.
pub(super) struct Row {
    pub(super) thread: u32,
    /// How many events were recorded before it.
    pub(super) before: usize,
    pub(super) action: Action,
    pub(super) place: Option<&'static Location<'static>>,
    /// The value that passed.
    pub(super) value: Option<Value>,
    /// Why another thread runs than before.
    pub(super) switch: Option<Switch>,
}

/// What a thread does.
pub(super) enum Action {
    /// It takes a step, announced by this verb, on what has this name.
    Step(&'static str, Name, Woken),
    /// It does this to something, which is no step.
    Row(&'static str, Name),
    /// It starts this thread.
    Spawns(u32),
    Ends,
    /// In words.
    Told(String),
}

/// The name of what a step works on.
pub(super) enum Name {
    /// It has none, or it is not to be told.
    None,
    /// `mutex 1`.
    Numbered(Kind, u32),
    /// That of a thread.
    Thread(u32),
    /// One that says it all.
    Word(&'static str),
    /// One that may be another one later.
    Told(String),
}

/// Why another thread runs.
pub(super) struct Switch {
    /// The one that ran before.
    pub(super) before: u32,
    pub(super) why: Why,
    /// Why the other one goes on.
    pub(super) woken: Woken,
}

/// Why a thread does not go on.
pub(super) enum Why {
    Ended,
    Yields,
    HasRunForLong,
    IsPreempted,
    /// It does this.
    Rests(&'static str),
    WaitsFor(Name),
}

impl Trace {
    /// A number for a thing that keeps it.
    pub(super) fn number(&mut self) -> u32 {
        self.given += 1;
        self.given
    }

    /// The number of a thing in its name: things of a kind are numbered in the
    /// order in which they first appear.
    fn count(&mut self, object: Object) -> u32 {
        let number = match object.number {
            0 => self.at.entry((object.id, object.kind)).or_default(),
            number => {
                let index = number as usize;
                if self.names.len() <= index {
                    self.names.resize(index + 1, 0);
                }
                &mut self.names[index]
            }
        };
        if *number == 0 {
            let count = &mut self.counts[object.kind as usize];
            *count += 1;
            *number = *count;
        }
        *number
    }

    /// Forgets everything but the memory that it was kept in.
    fn clear(&mut self) {
        self.rows.clear();
        self.given = 0;
        self.names.clear();
        self.at.clear();
        self.counts = Counts::default();
    }
}

impl Run {
    /// Takes the memory of a trace that nobody needs any more, where this
    /// execution is recorded, too.
    pub(crate) fn traces_into_that_of(&mut self, other: &mut Run) {
        if self.trace.is_some()
            && let Some(mut trace) = other.trace.take()
        {
            trace.clear();
            self.trace = Some(trace);
        }
    }

    /// Keeps what happened, without the steps that were recorded.
    pub(crate) fn forget_steps(&mut self) {
        if let Some(trace) = &mut self.trace {
            trace.rows.clear();
        }
    }

    /// `mutex 1`, numbered in the order in which things first appear; a bare
    /// `mutex` where steps are not recorded.
    pub(super) fn name_of(&mut self, mut object: Object) -> Name {
        if let Some(name) = self.network.name(object) {
            return Name::Told(name);
        }
        object.id = self.network.whole(object);
        match (object.kind, &mut self.trace) {
            (Kind::Thread, _) if object.id < self.threads.len() => Name::Thread(object.id as u32),
            (Kind::Thread, _) => Name::Told(self.label(object.id)),
            (_, _) if object.id == 0 => Name::None,
            (Kind::Stream, _) => Name::Word(match object.id {
                1 => "standard input",
                2 => "standard output",
                _ => "standard error",
            }),
            (kind, None) => Name::Word(kind.word()),
            (kind, Some(trace)) => {
                let number = trace.count(object);
                match self.network.place_of(object) {
                    None => Name::Numbered(kind, number),
                    Some(place) => Name::Told(format!("{} {number}{place}", kind.word())),
                }
            }
        }
    }

    /// The name of what a step works on, where it is to be told.
    pub(super) fn name_in(&mut self, op: &Op<'_>) -> Name {
        match op.rests {
            Some(_) => Name::None,
            None => self.name_of(op.object),
        }
    }

    /// Records the step that a thread is about to take.
    pub(super) fn trace_step(&mut self, number: usize, op: &Op<'_>, woken: Woken, over: bool) {
        let switch = (number != self.current).then(|| Switch {
            before: self.current as u32,
            why: self.why(over),
            woken,
        });
        let name = self.name_in(op);
        let action = Action::Step(op.verb, name, woken);
        self.push_row(number, action, Some(op.place), switch);
    }

    /// Why the current thread does not go on.
    fn why(&mut self, over: bool) -> Why {
        let before = self.current;
        if !self.threads[before].alive {
            return Why::Ended;
        }
        let op = *pending(self.threads[before].pending);
        match (self.state_of(before).0, op.rests) {
            (State::Ready, _) if op.yields => Why::Yields,
            (State::Ready, _) if over => Why::HasRunForLong,
            (State::Ready, _) => Why::IsPreempted,
            (_, Some(rests)) => Why::Rests(rests),
            (_, None) => Why::WaitsFor(self.name_of(op.object)),
        }
    }

    /// Records something of a thread that is not a step of its own.
    pub(super) fn trace_row(
        &mut self,
        number: usize,
        action: Action,
        place: Option<&'static Location<'static>>,
    ) {
        if self.trace.is_some() {
            self.push_row(number, action, place, None);
        }
    }

    fn push_row(
        &mut self,
        number: usize,
        action: Action,
        place: Option<&'static Location<'static>>,
        switch: Option<Switch>,
    ) {
        let before = self.events.len();
        if let Some(trace) = &mut self.trace {
            trace.rows.push(Row {
                thread: number as u32,
                before,
                action,
                place,
                value: None,
                switch,
            });
        }
    }

    /// Adds a value to the last step of the current thread, unless something
    /// else of it was recorded since.
    pub(super) fn trace_value(&mut self, value: Value) {
        let Some(trace) = &mut self.trace else {
            return;
        };
        let current = self.current as u32;
        let last = trace.rows.iter_mut().rev();
        let Some(row) = last.into_iter().find(|row| row.thread == current) else {
            return;
        };
        let since = &self.events[row.before..];
        if since.iter().all(|event| event.thread != current) {
            row.value = Some(value);
        }
    }
}
