//! A deadlock in words: who holds what, who waits for what, and where.

use verdict::record::{Holder, Wait};
use verdict::{Execution, FindingKind};

use crate::Fault;
use crate::ending::after_panic;
use crate::words::{and, at, thread_name};

/// Threads whose waits are told one by one; a deadlock of more is told in part.
const TOLD: usize = 4;

/// The fault of an execution that ended with these waits.
pub(crate) fn tell(execution: &Execution, waits: &[Wait]) -> Fault {
    let teller = Teller { execution, waits };
    let cycle = teller.cycle();
    let missed = waits.iter().any(|wait| wait.missed.is_some());
    // In a circle of locks nobody could go on even if the notification had come.
    let kind = match cycle.is_empty() && missed {
        true => FindingKind::LostWakeup,
        false => FindingKind::Deadlock,
    };

    let mut others: Vec<&Wait> = waits
        .iter()
        .filter(|wait| !cycle.iter().any(|of| of.thread == wait.thread))
        .collect();
    // What explains the most comes first; joins only follow from the others.
    others.sort_by_key(|wait| (wait.missed.is_none(), !wait.holders.is_empty(), wait.thread));

    let told = match cycle.as_slice() {
        [] => teller.clauses(&others),
        cycle => teller.clauses(cycle),
    };
    let stuck = match (cycle.len(), others.len()) {
        (0, 0) => "no thread can go on",
        (0, _) => &teller.nobody(&others),
        (1, _) => "it waits for itself",
        (2, _) => "neither can go on",
        (_, _) => "none of them can go on",
    };
    let mut message = match kind {
        // The early notification says already why nobody can go on.
        FindingKind::LostWakeup => told,
        _ if told.is_empty() => stuck.to_owned(),
        _ => format!("{told}: {stuck}"),
    };
    if !cycle.is_empty() && !others.is_empty() {
        message.push_str("; ");
        message.push_str(&teller.clauses(&others));
    }
    message.push_str(&after_panic(execution));
    Fault::new(kind, message)
}

/// What these threads wait for, where that alone is no fault; empty where none
/// wait.
pub(crate) fn waiting(execution: &Execution, waits: &[Wait]) -> String {
    let teller = Teller { execution, waits };
    if !teller.cycle().is_empty() {
        return tell(execution, waits).message;
    }
    let mut waits: Vec<&Wait> = waits.iter().collect();
    waits.sort_by_key(|wait| (wait.missed.is_none(), !wait.holders.is_empty(), wait.thread));
    teller.clauses(&waits)
}

/// What a thread waits for, told from the call and the object's word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Goal {
    Lock,
    Once,
    Notification,
    Message,
    Room,
    Barrier,
    End,
    Unpark,
    Connection,
    Data,
    Input,
    Time,
    Other,
}

fn goal(wait: &Wait) -> Goal {
    let word = wait.object.split(' ').next().unwrap_or_default();
    let call = wait.call.rsplit("::").next().unwrap_or_default();
    match (word, call) {
        ("mutex" | "rwlock", _) => Goal::Lock,
        ("once", _) => Goal::Once,
        ("condvar", _) => Goal::Notification,
        ("channel", "send") => Goal::Room,
        ("channel", _) => Goal::Message,
        ("barrier", _) => Goal::Barrier,
        (_, "park") => Goal::Unpark,
        (_, "accept") => Goal::Connection,
        ("standard", _) if call.starts_with("read") => Goal::Input,
        (_, "read" | "peek" | "recv" | "recv_from" | "peek_from") => Goal::Data,
        (_, "sleep") => Goal::Time,
        (_, "join" | "scope") if !wait.holders.is_empty() => Goal::End,
        _ => Goal::Other,
    }
}

struct Teller<'a> {
    execution: &'a Execution,
    waits: &'a [Wait],
}

impl<'a> Teller<'a> {
    /// The threads that wait for one another in a circle, in its order from the
    /// lowest number; empty where there is no circle.
    fn cycle(&self) -> Vec<&'a Wait> {
        let mut shortest: Vec<&Wait> = Vec::new();
        for start in self.waits {
            let found = self.way_back(start);
            if !found.is_empty() && (shortest.is_empty() || found.len() < shortest.len()) {
                shortest = found;
            }
        }
        shortest
    }

    /// The shortest way along "waits for" from a wait back to itself.
    fn way_back(&self, start: &'a Wait) -> Vec<&'a Wait> {
        let mut ways = vec![vec![start]];
        let mut seen = Vec::new();
        while !ways.is_empty() {
            let mut longer = Vec::new();
            for way in ways {
                // A way holds its start, at least.
                let Some(last) = way.last() else { continue };
                for next in self.waited_for(last) {
                    if next.thread == start.thread {
                        return way;
                    }
                    if !seen.contains(&next.thread) {
                        seen.push(next.thread);
                        longer.push([way.as_slice(), &[next]].concat());
                    }
                }
            }
            ways = longer;
        }
        Vec::new()
    }

    /// The waits of the threads that this one waits for.
    fn waited_for(&self, wait: &Wait) -> Vec<&'a Wait> {
        let mut waits = Vec::new();
        // Anybody can notify: a condition variable is waited for by name only.
        if goal(wait) != Goal::Notification {
            for holder in &wait.holders {
                waits.extend(
                    self.waits
                        .iter()
                        .find(|other| other.thread == holder.thread),
                );
            }
        }
        waits
    }

    /// That nobody is left to wake, or to unpark, these.
    fn nobody(&self, waits: &[&Wait]) -> String {
        let resting: Vec<_> = waits
            .iter()
            .filter(|wait| goal(wait) != Goal::End)
            .collect();
        let parked = resting.iter().all(|wait| goal(wait) == Goal::Unpark) && !resting.is_empty();
        let wakes = if parked { "unpark" } else { "wake" };
        let whom = match (waits.len(), resting.as_slice()) {
            (1, _) => "it".to_owned(),
            (_, [only]) if parked => self.name(only.thread),
            _ => "any of them".to_owned(),
        };
        format!("nobody is left to {wakes} {whom}")
    }

    fn clauses(&self, waits: &[&Wait]) -> String {
        let mut clauses: Vec<String> = waits
            .iter()
            .take(TOLD)
            .map(|wait| self.clause(wait))
            .collect();
        match waits.len().saturating_sub(TOLD) {
            0 => {}
            1 => clauses.push("one more thread waits".to_owned()),
            more => clauses.push(format!("{more} more threads wait")),
        }
        clauses.join("; ")
    }

    /// `T1 holds mutex 1 (taken at ...) and waits for mutex 2 at ...`.
    fn clause(&self, wait: &Wait) -> String {
        let thread = self.name(wait.thread);
        match self.held(wait).as_slice() {
            [] => format!("{thread} {}", self.waiting(wait)),
            held => format!("{thread} {} and {}", and(held), self.waiting(wait)),
        }
    }

    /// What a thread holds that others wait for, as `holds mutex 1 (taken at ...)`.
    fn held(&self, holding: &Wait) -> Vec<String> {
        let mut held = Vec::new();
        for wait in self
            .waits
            .iter()
            .filter(|wait| wait.object != holding.object)
        {
            let Some(holder) = wait.holders.iter().find(|by| by.thread == holding.thread) else {
                continue;
            };
            let since = holder.place.as_ref().map(ToString::to_string);
            let (verb, since) = match goal(wait) {
                Goal::Lock => ("holds", since.map(|place| format!(" (taken at {place})"))),
                Goal::Once => (
                    "initialises",
                    since.map(|place| format!(" (begun at {place})")),
                ),
                _ => continue,
            };
            let told = format!("{} {}{}", verb, wait.object, since.unwrap_or_default());
            if !held.contains(&told) {
                held.push(told);
            }
        }
        held
    }

    /// `waits for mutex 2 at ...`, with who stands in the way where that is not
    /// told elsewhere.
    fn waiting(&self, wait: &Wait) -> String {
        let Wait { object, call, .. } = wait;
        let at = at(wait.place.as_ref());
        match goal(wait) {
            Goal::Lock => {
                let what = match call.rsplit("::").next() {
                    Some("read") => format!("waits to read {object}{at}"),
                    Some("write") => format!("waits to write {object}{at}"),
                    _ => format!("waits for {object}{at}"),
                };
                what + &self.in_the_way(wait, "holds it", "taken", "took", "never gave back")
            }
            Goal::Once => {
                let way = (
                    "is initialising it",
                    "begun",
                    "began to initialise",
                    "never ended",
                );
                format!("waits for {object}{at}")
                    + &self.in_the_way(wait, way.0, way.1, way.2, way.3)
            }
            Goal::Notification => match &wait.missed {
                Some(missed) => format!("waits on {object}{at} {}", self.too_early(wait, missed)),
                None => format!("waits on {object}{at} for a notification"),
            },
            Goal::Message => format!("waits for a message on {object}{at}"),
            Goal::Room => format!("waits for room in {object}{at}"),
            Goal::Barrier => format!("waits for others at {object}{at}"),
            Goal::End => {
                let joined: Vec<String> = wait
                    .holders
                    .iter()
                    .map(|holder| self.name(holder.thread))
                    .collect();
                format!("waits for {} to end{at}", and(&joined))
            }
            Goal::Unpark => format!("is parked{at}"),
            Goal::Connection => format!("waits for a connection in {call}{at}"),
            Goal::Data => format!("waits for something to come in {call}{at}"),
            Goal::Input => format!("waits for standard input{at}"),
            Goal::Time => format!("sleeps{at}"),
            Goal::Other => format!("waits in {call}{at}"),
        }
    }

    /// Who holds what `wait` waits for, where it is the thread itself or one
    /// that waits for nothing any more.
    fn in_the_way(&self, wait: &Wait, own: &str, taken: &str, took: &str, never: &str) -> String {
        let since = |holder: &Holder, word: &str| {
            holder
                .place
                .as_ref()
                .map(|place| format!("{word} at {place}"))
        };
        if let Some(holder) = wait
            .holders
            .iter()
            .find(|holder| holder.thread == wait.thread)
        {
            let since = since(holder, taken).map(|since| format!(" ({since})"));
            return format!(" but {own} itself{}", since.unwrap_or_default());
        }
        let gone = wait
            .holders
            .iter()
            .find(|holder| !self.waits.iter().any(|other| other.thread == holder.thread));
        match gone {
            Some(holder) => {
                let thread = self.name(holder.thread);
                let place = at(holder.place.as_ref());
                format!(", which {thread} {took}{place} and {never}")
            }
            None => String::new(),
        }
    }

    fn too_early(&self, wait: &Wait, missed: &Holder) -> String {
        let sender = match missed.thread == wait.thread {
            true => "it".to_owned(),
            false => self.name(missed.thread),
        };
        let place = missed.place.as_ref().map(|place| format!(" at {place},"));
        let place = place.unwrap_or_default();
        format!("for a notification that {sender} sent too early,{place} when nobody waited")
    }

    fn name(&self, thread: u32) -> String {
        thread_name(self.execution, thread)
    }
}

#[cfg(test)]
mod tests;
