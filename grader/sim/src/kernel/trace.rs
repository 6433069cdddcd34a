//! The steps of an execution in words, for its timeline.

use std::collections::BTreeMap;
use std::panic::Location;

use verdict::record::label;
use verdict::timeline::RawStep;
use verdict::{Event, What};

use super::Run;
use super::pick::pending;
use crate::op::{Kind, Object, Op, Woken};

/// Bytes of a value, beyond which nobody reads on.
const LONGEST_VALUE: usize = 200;

/// Names of the things that were worked on so far.
#[derive(Default)]
pub(super) struct Trace {
    names: BTreeMap<(&'static str, usize), usize>,
    counts: BTreeMap<&'static str, usize>,
}

impl Run {
    /// `mutex 1`, numbered in the order in which things first appear; a bare
    /// `mutex` where steps are not recorded.
    pub(super) fn name_of(&mut self, mut object: Object) -> String {
        let word = object.kind.word();
        if let Some(name) = self.network.name(object) {
            return name;
        }
        object.id = self.network.whole(object);
        match (object.kind, &mut self.trace) {
            (_, _) if object.id == 0 && object.kind != Kind::Thread => String::new(),
            (Kind::Thread, _) => self.label(object.id),
            (Kind::Stream, _) => match object.id {
                1 => "standard input".to_owned(),
                2 => "standard output".to_owned(),
                _ => "standard error".to_owned(),
            },
            (_, None) => word.to_owned(),
            (_, Some(trace)) => {
                let number = *trace.names.entry((word, object.id)).or_insert_with(|| {
                    let count = trace.counts.entry(word).or_default();
                    *count += 1;
                    *count
                });
                let place = self.network.place_of(object).unwrap_or_default();
                format!("{word} {number}{place}")
            }
        }
    }

    /// Records the step that a thread is about to take.
    pub(super) fn trace_step(&mut self, number: usize, op: &Op<'_>, woken: Woken, over: bool) {
        let switch = (number != self.current).then(|| self.reason(number, woken, over));
        let name = self.name_in(op);
        let action = match (woken, name.as_str()) {
            (Woken::Ready, "") => op.verb.to_owned(),
            (Woken::Ready, name) => format!("{} {name}", op.verb),
            (Woken::TimedOut, "") => "goes on, its time has come".to_owned(),
            (Woken::TimedOut, name) => format!("stops waiting for {name}, its time has come"),
            (Woken::Spurious, "") => format!("{} without a reason", op.verb),
            (Woken::Spurious, name) => format!("wakes from {name} without a reason"),
        };
        self.push_row(
            number,
            RawStep {
                action,
                place: Run::place_of(op.place),
                value: None,
                switch,
                object: (!name.is_empty()).then_some(name),
            },
        );
    }

    /// The name of what a step works on, where it is to be told.
    fn name_in(&mut self, op: &Op<'_>) -> String {
        match op.rests {
            Some(_) => String::new(),
            None => self.name_of(op.object),
        }
    }

    /// Records that a thread waits for ever.
    pub(super) fn trace_stuck(&mut self, number: usize, op: &Op<'_>) {
        let (still, for_ever) = match self.processes {
            None => ("", " for ever"),
            // Somebody else could still come.
            Some(_) => ("still ", ""),
        };
        let waits = match (op.rests, self.name_in(op).as_str()) {
            (Some(rests), _) => format!("{still}{rests}{for_ever}"),
            (None, "") => match op.holders.map(|holders| holders()).unwrap_or_default() {
                holders if holders.is_empty() => format!("{still}waits{for_ever}"),
                holders => {
                    let threads = holders
                        .iter()
                        .map(|holder| self.label(holder.thread as usize));
                    let threads: Vec<String> = threads.collect();
                    format!("{still}waits for {}{for_ever}", threads.join(", "))
                }
            },
            (None, name) => format!("{still}waits for {name}{for_ever}"),
        };
        self.trace_row(number, &waits, Some(op.place));
    }

    /// Records that a thread is kept from its next step (`is held up`), which
    /// is told.
    pub(super) fn trace_held_up(&mut self, number: usize, is_held_up: &str) {
        if self.trace.is_some() {
            let op = *pending(self.threads[number].pending);
            let row = match self.name_in(&op).as_str() {
                "" => format!("{is_held_up} before it {}", op.verb),
                name => format!("{is_held_up} before it {} {name}", op.verb),
            };
            self.trace_row(number, &row, Some(op.place));
        }
    }

    /// Records something of a thread that is not a step of its own.
    pub(super) fn trace_row(
        &mut self,
        number: usize,
        action: &str,
        place: Option<&'static Location<'static>>,
    ) {
        self.trace_row_on(number, action, place, None);
    }

    /// The same for something that it does to what has this name.
    pub(super) fn trace_row_on(
        &mut self,
        number: usize,
        action: &str,
        place: Option<&'static Location<'static>>,
        object: Option<String>,
    ) {
        if self.trace.is_some() {
            let place = place.and_then(Run::place_of);
            self.push_row(
                number,
                RawStep {
                    action: action.to_owned(),
                    place,
                    value: None,
                    switch: None,
                    object,
                },
            );
        }
    }

    /// Adds a value to the last step of the current thread.
    pub(super) fn trace_value(&mut self, mut text: String) {
        crate::panics::shorten(&mut text, LONGEST_VALUE);
        let current = self.current as u32;
        let last = self
            .events
            .iter_mut()
            .rev()
            .find(|event| event.thread == current);
        if let Some(Event {
            what: What::Step(step),
            ..
        }) = last
        {
            step.value = Some(text);
        }
    }

    fn push_row(&mut self, number: usize, row: RawStep) {
        self.events.push(Event {
            thread: number as u32,
            what: What::Step(row),
        });
    }

    /// Why another thread runs now than before.
    fn reason(&mut self, number: usize, woken: Woken, over: bool) -> String {
        let before = self.current;
        let who = self.label(before);
        let reason = if !self.threads[before].alive {
            format!("{who} has ended")
        } else {
            let op = *pending(self.threads[before].pending);
            match op.state() {
                crate::op::State::Ready if op.yields => format!("{who} yields"),
                crate::op::State::Ready if over => format!("{who} has run for long"),
                crate::op::State::Ready => format!("{who} is preempted"),
                _ => match self.name_in(&op).as_str() {
                    "" => format!("{who} {}", op.rests.unwrap_or("waits")),
                    name => format!("{who} waits for {name}"),
                },
            }
        };
        match woken {
            Woken::Ready => reason,
            Woken::TimedOut => format!(
                "{reason}; the time that {} waited for has come",
                self.label(number)
            ),
            Woken::Spurious => format!("{reason}; {} wakes without a reason", self.label(number)),
        }
    }

    /// `main`, `T1`, `T2`; with several processes `server`, `server T1`.
    fn label(&self, number: usize) -> String {
        let thread = self.threads.get(number);
        let (process, local) = thread.map_or((0, number as u32), |thread| {
            (thread.process as usize, thread.local)
        });
        let processes = self.processes.as_ref();
        let process = processes.map(|processes| processes.all[process].name.as_str());
        label(process, local)
    }

    /// The same for the thread that a process starts next.
    pub(super) fn next_label(&self, process: usize) -> String {
        match &self.processes {
            None => label(None, self.threads.len() as u32),
            Some(processes) => {
                let of = &processes.all[process];
                label(Some(&of.name), of.threads)
            }
        }
    }
}
