//! The steps of an execution in words, for its timeline.

use verdict::record::label;
use verdict::timeline::RawStep;
use verdict::{Event, What};

use super::Run;
use super::pick::pending;
use super::trace::{Action, Name, Row, Switch, Why};
use crate::op::{Op, Woken};

impl Run {
    /// Takes what happened, in the order in which it happened, with the steps
    /// where they were recorded.
    pub(crate) fn take_events(&mut self) -> Vec<Event> {
        let events = std::mem::take(&mut self.events);
        let rows = match &mut self.trace {
            Some(trace) if !trace.rows.is_empty() => std::mem::take(&mut trace.rows),
            _ => return events,
        };
        let mut told = Vec::with_capacity(events.len() + rows.len());
        let mut taken = 0;
        let mut events = events.into_iter();
        for row in rows {
            told.extend(events.by_ref().take(row.before - taken));
            taken = row.before;
            told.push(Event {
                thread: row.thread,
                what: What::Step(self.raw_step(row)),
            });
        }
        told.extend(events);
        told
    }

    fn raw_step(&self, row: Row) -> RawStep {
        let (action, object) = match row.action {
            Action::Step(verb, name, woken) => {
                let name = self.words(&name);
                let action = match (woken, name.as_str()) {
                    (Woken::Ready, "") => verb.to_owned(),
                    (Woken::Ready, name) => format!("{verb} {name}"),
                    (Woken::TimedOut, "") => "goes on, its time has come".to_owned(),
                    (Woken::TimedOut, name) => {
                        format!("stops waiting for {name}, its time has come")
                    }
                    (Woken::Spurious, "") => format!("{verb} without a reason"),
                    (Woken::Spurious, name) => format!("wakes from {name} without a reason"),
                };
                (action, (!name.is_empty()).then_some(name))
            }
            Action::Row(verb, name) => {
                let name = self.words(&name);
                (format!("{verb} {name}"), Some(name))
            }
            Action::Spawns(thread) => (format!("spawns {}", self.label(thread as usize)), None),
            Action::Ends => ("ends".to_owned(), None),
            Action::Told(action) => (action, None),
        };
        RawStep {
            action,
            place: row.place.and_then(Run::place_of),
            value: row.value.map(|value| value.words()),
            switch: row.switch.map(|switch| self.reason(row.thread, &switch)),
            object,
        }
    }

    /// The words of a name; none where there is none.
    pub(super) fn words(&self, name: &Name) -> String {
        match name {
            Name::None => String::new(),
            Name::Numbered(kind, number) => format!("{} {number}", kind.word()),
            Name::Thread(number) => self.label(*number as usize),
            Name::Word(word) => (*word).to_owned(),
            Name::Told(name) => name.clone(),
        }
    }

    /// Why a thread runs now and another did before.
    fn reason(&self, thread: u32, switch: &Switch) -> String {
        let who = self.label(switch.before as usize);
        let reason = match &switch.why {
            Why::Ended => format!("{who} has ended"),
            Why::Yields => format!("{who} yields"),
            Why::HasRunForLong => format!("{who} has run for long"),
            Why::IsPreempted => format!("{who} is preempted"),
            Why::Rests(rests) => format!("{who} {rests}"),
            Why::WaitsFor(name) => match self.words(name).as_str() {
                "" => format!("{who} waits"),
                name => format!("{who} waits for {name}"),
            },
        };
        let thread = || self.label(thread as usize);
        match switch.woken {
            Woken::Ready => reason,
            Woken::TimedOut => {
                let thread = thread();
                format!("{reason}; the time that {thread} waited for has come")
            }
            Woken::Spurious => format!("{reason}; {} wakes without a reason", thread()),
        }
    }

    /// Records that a thread waits for ever.
    pub(super) fn trace_stuck(&mut self, number: usize, op: &Op<'_>) {
        let (still, for_ever) = match self.processes {
            None => ("", " for ever"),
            // Somebody else could still come.
            Some(_) => ("still ", ""),
        };
        let name = self.name_in(op);
        let waits = match (op.rests, self.words(&name).as_str()) {
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
        self.trace_row(number, Action::Told(waits), Some(op.place));
    }

    /// Records that a thread is kept from its next step (`is held up`), which
    /// is told.
    pub(super) fn trace_held_up(&mut self, number: usize, is_held_up: &str) {
        if self.trace.is_some() {
            let op = *pending(self.threads[number].pending);
            let name = self.name_in(&op);
            let row = match self.words(&name).as_str() {
                "" => format!("{is_held_up} before it {}", op.verb),
                name => format!("{is_held_up} before it {} {name}", op.verb),
            };
            self.trace_row(number, Action::Told(row), Some(op.place));
        }
    }

    /// `main`, `T1`, `T2`; with several processes `server`, `server T1`.
    pub(super) fn label(&self, number: usize) -> String {
        let thread = self.threads.get(number);
        let (process, local) = thread.map_or((0, number as u32), |thread| {
            (thread.process as usize, thread.local)
        });
        let processes = self.processes.as_ref();
        let process = processes.map(|processes| processes.all[process].name.as_str());
        label(process, local)
    }
}
