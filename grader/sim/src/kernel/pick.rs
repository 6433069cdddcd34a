//! Which thread takes the next step.
//!
//! Options are put in an order that does not depend on the schedule so far but
//! through the state of the threads; the first is the default and is free. To
//! take a turn away from a thread that could go on costs a deviation (a
//! preemption); so do a timeout that strikes while somebody can run and a
//! wake-up without a reason. When the current thread cannot go on, every other
//! that can is a free option.
//!
//! Schedules are fair: a thread that yields, or has taken many steps in a row,
//! lets the one run that has waited longest; and time goes on for a thread that
//! is alone and looks at the clock.

use std::collections::hash_map::Entry;
use std::panic::Location;

use verdict::{Ending, Place};

use super::order::{Order, mix};
use super::world::{ROUNDS, ROUNDS_OF_REST, SOON};
use super::{Next, Run, Shared, Use};
use crate::choice::{MOST, Point, Site, Thing};
use crate::op::{Kind, Op, Patience, State, Woken};

/// Steps in a row after which a thread lets others run.
pub(super) const QUANTUM: u32 = 64;
/// The same for one that was let run in the place of another that could have gone
/// on: who comes in between needs some time for it.
const LONG_QUANTUM: u32 = 512;
/// For how many steps more a thread goes on that was preferred to those that it
/// would have let run after such a time, unless it yields or waits. To come to the
/// end of a loop so costs one deviation, and not one for each turn.
const PERSISTENT: u32 = 4_096;
/// How many such steps an execution may have before no thread begins to persist.
const MOST_PERSISTED: u64 = 8_192;
/// Steps that others may take while one thread is held up. Threads that wait
/// blocked come to rest long before.
const REST: u64 = 10_000;
/// Steps of others after which a thread that could run, or whose time could
/// come, is the next one that is let run when nobody is preempted for it.
const STARVED: u64 = 256;
/// The same for a thread whose time may not come early.
const STARVED_IN_TIME: u64 = 8_192;
/// How many of the last steps are kept for the report of an endless loop.
const RING: usize = 64;

/// The last steps, as thread and place.
#[derive(Default)]
pub(super) struct Ring {
    steps: Vec<(u32, &'static Location<'static>)>,
    next: usize,
}

impl Ring {
    fn push(&mut self, step: (u32, &'static Location<'static>)) {
        if self.steps.len() < RING {
            self.steps.push(step);
        } else {
            self.steps[self.next] = step;
            self.next = (self.next + 1) % RING;
        }
    }

    /// Where the last step was taken.
    fn latest(&self) -> Option<&'static Location<'static>> {
        let latest = match self.next.checked_sub(1) {
            Some(before) => self.steps.get(before),
            None => self.steps.last(),
        };
        latest.map(|(_, at)| *at)
    }

    /// Where a thread took its last step, if that is known.
    pub(super) fn last_of(&self, thread: u32) -> Option<Place> {
        let (older, newer) = self.steps.split_at(self.next.min(self.steps.len()));
        let latest_first = older.iter().rev().chain(newer.iter().rev());
        let (_, at) = latest_first.copied().find(|(by, _)| *by == thread)?;
        Run::place_of(at)
    }

    /// The distinct places of the last steps, in order of thread and line.
    fn places(&self) -> Vec<(u32, Place)> {
        let mut places: Vec<_> = self
            .steps
            .iter()
            .filter_map(|(thread, at)| Run::place_of(at).map(|place| (*thread, place)))
            .collect();
        places.sort();
        places.dedup();
        places
    }
}

/// A thread that is held up, to see whether the others come to rest.
pub(super) struct HeldUp {
    thread: usize,
    from: u64,
    /// Steps taken in total when it began to be held up.
    since: Option<u64>,
}

impl HeldUp {
    pub(super) fn new(thread: usize, from: u64) -> HeldUp {
        HeldUp {
            thread,
            from,
            since: None,
        }
    }
}

/// Vectors that are filled at each step, kept to spare allocations.
#[derive(Default)]
pub(super) struct Scratch {
    ready: Vec<u32>,
    timed: Vec<(u64, u32)>,
    /// Those that wait patiently.
    patient: Vec<(u64, u32, Patience)>,
    spurious: Vec<u32>,
    options: Vec<Candidate>,
    threads: Vec<u32>,
    keys: Vec<u32>,
    /// There were more options than a choice can have.
    truncated: bool,
}

#[derive(Clone, Copy)]
struct Candidate {
    thread: u32,
    woken: Woken,
    costly: bool,
}

impl Run {
    /// Picks the thread that takes the next step, and lets it take it.
    pub(super) fn pick(&mut self) -> Next {
        if self.ending.is_some() {
            return Next::End;
        }
        if self.is_due() {
            return Next::Begin;
        }
        if self.steps - self.persisted >= self.limits.steps {
            let places = self.ring.places();
            return self.end(Ending::Endless { places });
        }
        if self.held_up.is_some()
            && let Some(ending) = self.look_at_held_up()
        {
            return self.end(ending);
        }
        let mut scratch = std::mem::take(&mut self.scratch);
        self.gather(&mut scratch);
        if scratch.timed.is_empty() {
            // Nobody waits for a time: nobody is kept waiting for it.
            self.time_came = self.steps;
        }
        if scratch.ready.is_empty() && scratch.timed.is_empty() && self.held_up.take().is_some() {
            // The others have come to rest: the one that was held up goes on.
            self.gather(&mut scratch);
        }
        let over = self.burst >= self.quantum && self.persists == 0;
        let soonest = scratch.timed.first().map(|(deadline, _)| *deadline);
        self.fair |= self.is_stalled();
        let is_over = self.held_up.is_none() && self.is_over(!scratch.ready.is_empty(), soonest);
        if !is_over {
            self.order(&mut scratch, over);
        }
        let next = if is_over || scratch.options.is_empty() {
            let ending = self.over();
            self.end(ending)
        } else {
            self.truncated |= scratch.truncated;
            let long = self.burst >= QUANTUM;
            if self.gives_way(over) || long || self.starves(&scratch).is_some() {
                self.fair |= scratch.options.len() > 1;
            }
            let may_go_on = self.persists > 0 || self.quantum == LONG_QUANTUM;
            let starves = !may_go_on && self.starves(&scratch).is_some();
            if self.gives_way(over) || starves {
                self.chooser.give_way(self.current as u32);
            }
            if scratch.options.len() == 1 {
                self.take(scratch.options[0], over)
            } else if self.was_here() {
                self.known = true;
                Next::End
            } else {
                let index = self.choose_thread(&mut scratch);
                if over && index > 0 {
                    self.persist(scratch.options[index]);
                }
                self.take(scratch.options[index], over)
            }
        };
        self.scratch = scratch;
        next
    }

    /// Whether all that can follow has been run before: the same has happened
    /// in the same order, and the scheduler is in the same state.
    fn was_here(&mut self) -> bool {
        let (Some(order), Some(seen)) = (&self.order, &self.seen) else {
            return false;
        };
        if self.choices.len() < seen.from {
            return false;
        }
        let mut digest = mix(self.state(order), self.current as u64);
        if seen.exactly {
            if let Some(processes) = &self.processes {
                let progress = processes.progress;
                digest = mix(digest, self.steps - progress.steps);
                digest = mix(digest, progress.rounds);
                digest = mix(digest, progress.busy.saturating_sub(progress.steps));
            }
            digest = mix(
                digest,
                u64::from(self.burst) << 32 | u64::from(self.quantum),
            );
            digest = mix(digest, u64::from(self.persists));
            digest = mix(digest, self.persisted);
            digest = mix(digest, self.steps - self.time_came);
            for thread in &self.threads {
                digest = mix(digest, self.steps - thread.last_run);
            }
        }
        let Some(seen) = &mut self.seen else {
            return false;
        };
        // What could not follow since too many deviations were spent may now.
        match seen.digests.entry(digest) {
            Entry::Vacant(entry) => {
                entry.insert(self.deviations);
                false
            }
            Entry::Occupied(entry) if *entry.get() <= self.deviations => true,
            Entry::Occupied(mut entry) => {
                entry.insert(self.deviations);
                false
            }
        }
    }

    /// Stands for what has happened so far, whoever ran last.
    fn state(&self, order: &Order) -> u64 {
        let state = [
            order.digest(),
            u64::from(self.spurious_left) << 32 | u64::from(self.weak_left),
            u64::from(self.clock_looks) << 32 | u64::from(self.lone),
            self.clock,
            self.network.budgets(),
        ];
        state.into_iter().fold(0, mix)
    }

    /// Whether the current thread could go on but offers to let others run.
    fn gives_way(&self, over: bool) -> bool {
        let thread = &self.threads[self.current];
        thread.alive && (over || pending(thread.pending).yields)
    }

    /// A thread was preferred to those that the current one, which has run for long,
    /// would let run. Where it is the current one, it goes on for longer, until it
    /// yields or sleeps.
    fn persist(&mut self, preferred: Candidate) {
        let goes_on = preferred.thread == self.current as u32;
        // Between processes others may be waited for in vain meanwhile.
        let alone = self.processes.is_none() && !self.limits.interleaved;
        let may = alone && self.persisted < MOST_PERSISTED;
        if goes_on && preferred.woken == Woken::Ready && may {
            self.persists = PERSISTENT;
        }
    }

    /// The thread that has been kept waiting too long by others that go on
    /// without it, each of which blocks, yields or ends in its turn.
    fn starves(&self, scratch: &Scratch) -> Option<(u32, Woken)> {
        let starved = if self.late { STARVED } else { STARVED_IN_TIME };
        if let Some((_, thread)) = scratch.timed.first()
            && self.steps - self.time_came >= starved
        {
            return Some((*thread, Woken::TimedOut));
        }
        let waited = |thread: &&u32| self.threads[**thread as usize].last_run;
        let thread = *scratch.ready.iter().min_by_key(waited)?;
        let last_run = self.threads[thread as usize].last_run;
        (thread != self.current as u32 && self.steps - last_run >= STARVED)
            .then_some((thread, Woken::Ready))
    }

    /// Sorts the threads by what they can do.
    fn gather(&self, scratch: &mut Scratch) {
        scratch.ready.clear();
        scratch.timed.clear();
        scratch.patient.clear();
        scratch.spurious.clear();
        for (number, thread) in self.threads.iter().enumerate() {
            let held = self
                .held_up
                .as_ref()
                .is_some_and(|held| held.thread == number && held.since.is_some());
            if !thread.alive || held {
                continue;
            }
            let op = pending(thread.pending);
            let (state, may_wake) = self.state_of(number);
            let number = number as u32;
            match state {
                State::Ready => scratch.ready.push(number),
                State::Timed(deadline) => match op.patience {
                    None => scratch.timed.push((deadline, number)),
                    Some(patience) => scratch.patient.push((deadline, number, patience)),
                },
                State::Blocked => {}
            }
            let may_wake = || may_wake.unwrap_or_else(|| op.may_wake_spuriously());
            if state != State::Ready && self.spurious_left > 0 && may_wake() {
                scratch.spurious.push(number);
            }
        }
        scratch.timed.sort_unstable();
        scratch
            .patient
            .sort_unstable_by_key(|(deadline, number, _)| (*deadline, *number));
    }

    /// Puts the options in order; option 0 is free.
    fn order(&self, scratch: &mut Scratch, over: bool) {
        let starved = self.starves(scratch);
        let Scratch {
            ready,
            timed,
            patient,
            spurious,
            options,
            truncated,
            ..
        } = scratch;
        options.clear();
        let current = self.current as u32;
        let runs_on = ready.contains(&current);
        let option = |woken, costly| {
            move |thread: u32| Candidate {
                thread,
                woken,
                costly,
            }
        };
        let others = |ready: &[u32]| {
            ready
                .iter()
                .copied()
                .filter(|thread| *thread != current)
                .collect::<Vec<_>>()
        };
        if self.gives_way(over) && runs_on {
            let mut others = others(ready);
            others.sort_by_key(|thread| self.threads[*thread as usize].last_run);
            options.extend(others.into_iter().map(option(Woken::Ready, true)));
            if options.is_empty() {
                options.extend(
                    timed
                        .iter()
                        .map(|(_, thread)| option(Woken::TimedOut, true)(*thread)),
                );
                options.push(option(Woken::Ready, true)(current));
            } else {
                options.push(option(Woken::Ready, true)(current));
                options.extend(
                    timed
                        .iter()
                        .map(|(_, thread)| option(Woken::TimedOut, true)(*thread)),
                );
            }
            options[0].costly = false;
        } else if runs_on {
            options.push(option(Woken::Ready, false)(current));
            options.extend(
                ready
                    .iter()
                    .copied()
                    .filter(|thread| *thread != current)
                    .map(option(Woken::Ready, true)),
            );
            options.extend(
                timed
                    .iter()
                    .map(|(_, thread)| option(Woken::TimedOut, true)(*thread)),
            );
        } else {
            options.extend(ready.iter().copied().map(option(Woken::Ready, false)));
            options.extend(
                timed
                    .iter()
                    .map(|(_, thread)| option(Woken::TimedOut, true)(*thread)),
            );
            if let Some(first) = options.first_mut() {
                first.costly = false;
            }
        }
        if !self.late {
            self.keep_time(options, ready, timed);
        }
        if !patient.is_empty() && self.held_up.is_none() {
            self.lose_patience(options, ready, timed, patient);
        }
        if let Some((thread, woken)) = starved
            && !options.is_empty()
            && options[0].thread != self.current as u32
            && let Some(at) = options
                .iter()
                .position(|option| (option.thread, option.woken) == (thread, woken))
        {
            // Fairness comes first; the others keep their order and price.
            options[..=at].rotate_right(1);
            options[0].costly = false;
        }
        if !options.is_empty() {
            options.extend(spurious.iter().copied().map(option(Woken::Spurious, true)));
        }
        *truncated = options.len() > MOST;
        options.truncate(MOST);
    }

    /// Leaves out the times that come early: while somebody can run, none
    /// comes but those that have passed; and then only the next one does.
    fn keep_time(&self, options: &mut Vec<Candidate>, ready: &[u32], timed: &[(u64, u32)]) {
        let Some((soonest, _)) = timed.first() else {
            return;
        };
        let until = match options.first() {
            // Those that yield or wait let the time pass.
            Some(first) if first.woken == Woken::TimedOut => self.clock.max(*soonest),
            _ if ready.is_empty() => self.clock.max(*soonest),
            _ => self.clock,
        };
        let comes = |thread: u32| {
            let own = timed.iter().find(|(_, number)| *number == thread);
            own.is_some_and(|(deadline, _)| *deadline <= until)
        };
        options.retain(|option| option.woken != Woken::TimedOut || comes(option.thread));
    }

    /// Adds the peers that wait no longer.
    fn lose_patience(
        &self,
        options: &mut Vec<Candidate>,
        ready: &[u32],
        timed: &[(u64, u32)],
        patient: &[(u64, u32, Patience)],
    ) {
        let Some(processes) = &self.processes else {
            return;
        };
        let in_vain = self.is_stalled();
        if !ready.is_empty() && !in_vain {
            return;
        }
        let rounds = processes.progress.rounds;
        let soonest = timed.first().map_or(u64::MAX, |(deadline, _)| *deadline);
        let sleeps = |(_, _, patience): &&(u64, u32, Patience)| *patience == Patience::Sleeping;
        let awakes = patient
            .iter()
            .find(sleeps)
            .map_or(u64::MAX, |(at, _, _)| *at);
        let later = self.clock.saturating_add(SOON);
        let rested = in_vain || soonest.min(awakes) > later || rounds >= ROUNDS_OF_REST;
        let at_rest = patient
            .iter()
            .filter(|(_, _, patience)| rested && *patience == Patience::Resting);
        let mut goes: Vec<u32> = at_rest.map(|(_, thread, _)| *thread).collect();
        if goes.is_empty() {
            let waited = |(at, _, patience): &&(u64, u32, Patience)| {
                let vain = in_vain || rounds >= ROUNDS;
                *at < soonest || (vain && *patience == Patience::Waiting)
            };
            goes.extend(patient.iter().find(waited).map(|(_, thread, _)| *thread));
        }
        if goes.is_empty() {
            return;
        }
        if !self.late {
            // Nothing else has its time before them.
            options.clear();
        }
        let goes = goes.into_iter().map(|thread| Candidate {
            thread,
            woken: Woken::TimedOut,
            costly: true,
        });
        options.splice(0..0, goes);
        options[0].costly = false;
        if let Some(second) = options.get_mut(1) {
            second.costly = true;
        }
    }

    fn choose_thread(&mut self, scratch: &mut Scratch) -> usize {
        let Scratch {
            options,
            threads,
            keys,
            ..
        } = scratch;
        threads.clear();
        threads.extend(options.iter().map(|option| option.thread));
        keys.clear();
        keys.extend(
            options
                .iter()
                .map(|option| option.thread << 2 | option.woken as u32),
        );
        let (mut costly, mut ready) = (0u128, 0u128);
        for (index, option) in options.iter().enumerate() {
            costly |= u128::from(option.costly) << index;
            ready |= u128::from(option.woken == Woken::Ready) << index;
        }
        if self.chooser.asks_for_places() {
            for thread in threads.iter() {
                let next = pending(self.threads[*thread as usize].pending);
                self.chooser.is_at(*thread, next.place);
            }
        }
        self.decide(
            Point {
                options: options.len() as u8,
                costly,
                ready,
            },
            threads,
            keys,
        )
    }

    /// A choice between things that are not threads.
    pub(super) fn choose(&mut self, options: usize, costly: bool) -> usize {
        let options = options.min(MOST) as u8;
        let costly = if costly { u128::MAX << 1 } else { 0 };
        let keys: Vec<u32> = match self.memory {
            Some(_) => (0..u32::from(options)).collect(),
            None => Vec::new(),
        };
        let point = Point {
            options,
            costly,
            ready: 0,
        };
        self.decide(point, &[], &keys)
    }

    /// Has the chooser choose, from what is new where that is remembered.
    fn ask(&mut self, point: Point, threads: &[u32], keys: &[u32]) -> u8 {
        let state = match &self.order {
            Some(order) if !threads.is_empty() => Some(self.state(order)),
            _ => None,
        };
        let Some(memory) = &mut self.memory else {
            return self.chooser.choose(point, threads);
        };
        memory.comes_to(state, keys);
        let is_new = |option: &u8| memory.is_new(keys[usize::from(*option)]);
        let new: Vec<u8> = (0..point.options).filter(is_new).collect();
        let all = new.is_empty() || new.len() == usize::from(point.options);
        let all = all || self.chooser.takes_defaults();
        let choice = match new.as_slice() {
            _ if all || !memory.avoids => self.chooser.choose(point, threads),
            [only] => *only,
            new => {
                let threads: Vec<u32> = match threads {
                    [] => Vec::new(),
                    threads => new
                        .iter()
                        .map(|option| threads[usize::from(*option)])
                        .collect(),
                };
                let of_new = |bits: u128| {
                    let bit = |(index, option): (usize, &u8)| (bits >> option & 1) << index;
                    new.iter()
                        .enumerate()
                        .map(bit)
                        .fold(0, |all, bit| all | bit)
                };
                let point = Point {
                    options: new.len() as u8,
                    costly: of_new(point.costly),
                    ready: of_new(point.ready),
                };
                new[usize::from(self.chooser.choose(point, &threads))]
            }
        };
        if let Some(key) = keys.get(usize::from(choice)) {
            memory.takes(*key);
        }
        choice
    }

    fn decide(&mut self, point: Point, threads: &[u32], keys: &[u32]) -> usize {
        let mut choice = self.ask(point, threads, keys);
        if choice >= point.options {
            self.misfit = true;
            choice = 0;
        }
        if threads.is_empty()
            && let Some(order) = &mut self.order
        {
            order.goes(self.current, u64::from(choice));
        }
        self.points.push(point);
        self.sites.push(self.site(threads));
        self.choices.push(choice);
        self.deviations += point.cost(choice);
        usize::from(choice)
    }

    /// What is about to be done at a choice between these threads, or between
    /// other things.
    fn site(&self, threads: &[u32]) -> Site {
        let current = &self.threads[self.current];
        if !threads.is_empty() && current.alive && !current.pending.is_null() {
            let next = pending(current.pending);
            let thing = match next.object.made {
                Some(made) => Thing::Made(made),
                None => Thing::Other(next.object.kind, next.object.id),
            };
            return Site {
                place: next.place,
                thing,
            };
        }
        Site {
            place: self.ring.latest().unwrap_or_else(Location::caller),
            thing: Thing::Other(Kind::Other, 0),
        }
    }

    /// The chosen thread takes its step.
    fn take(&mut self, option: Candidate, over: bool) -> Next {
        let number = option.thread as usize;
        let before = self.current;
        let same = number == before;
        let op = *pending(self.threads[number].pending);
        match option.woken {
            Woken::Ready => {}
            Woken::TimedOut => {
                self.uses(number, Shared::Clock as usize, Use::ALONE);
                self.time_comes(&op);
            }
            Woken::Spurious => self.spurious_left -= 1,
        }
        if same && over {
            // Nobody else could run: time goes on, faster and faster, for a
            // thread that may be looking at the clock.
            self.move_clock();
        }
        if self.trace.is_some() {
            self.trace_step(number, &op, option.woken, over);
        }
        if !same || over {
            let preempts = !same && option.costly && option.woken == Woken::Ready;
            let long = preempts && !self.limits.interleaved;
            self.quantum = if long { LONG_QUANTUM } else { QUANTUM };
            self.burst = 0;
        }
        self.burst += 1;
        let persists = same && !op.yields && option.woken == Woken::Ready;
        self.persists = if persists {
            self.persists.saturating_sub(1)
        } else {
            0
        };
        self.persisted += u64::from(self.persists > 0);
        self.steps += 1;
        self.current = number;
        self.ring.push((option.thread, op.place));
        if let Some(taken) = &mut self.taken {
            taken.push((option.thread, op.place));
        }
        self.chooser.stepped(option.thread);
        if self.chooser.asks_for_races() {
            self.tell_races(number, &op);
        }
        if option.woken != Woken::Ready {
            self.chooser.give_way(option.thread);
        }
        let steps = self.steps;
        let thread = &mut self.threads[number];
        thread.steps += 1;
        thread.last_run = steps;
        thread.woken = option.woken;
        Next::Run(number)
    }

    /// A thread goes on since its time has come, or since it waited in vain.
    fn time_comes(&mut self, op: &Op<'_>) {
        let deadline = op.deadline.unwrap_or(0);
        match op.patience {
            // Who rests no longer does so now, not at the end of its time.
            Some(Patience::Resting) => {}
            Some(_) => self.clock = self.clock.max(deadline),
            None => {
                self.clock = self.clock.max(deadline);
                self.time_came = self.steps;
                if let Some(processes) = &mut self.processes {
                    processes.progress.rounds += 1;
                    // How often depends on more than the order of uses.
                    self.fair |= processes.progress.rounds >= ROUNDS_OF_REST;
                }
            }
        }
    }

    /// Tells the chooser whose next steps race with this one.
    fn tell_races(&mut self, number: usize, taken: &Op<'_>) {
        let thing = |op: &Op<'_>| (op.object.kind, op.object.id);
        if taken.object.id == 0 {
            return;
        }
        for (other, thread) in self.threads.iter().enumerate() {
            if other == number || !thread.alive || thread.pending.is_null() {
                continue;
            }
            let next = pending(thread.pending);
            if thing(next) == thing(taken) && !(next.looks && taken.looks) {
                self.chooser.races(other as u32);
            }
        }
    }

    /// Time goes on, faster and faster.
    fn move_clock(&mut self) {
        self.uses(self.current, Shared::Clock as usize, Use::ALONE);
        self.lone = (self.lone + 1).min(30);
        self.clock = self.clock.saturating_add(1_000 << self.lone);
        self.clock_looks = 0;
    }

    pub(super) fn look_at_clock(&mut self) -> u64 {
        self.uses(self.current, Shared::Clock as usize, Use::ALONE);
        self.clock_looks += 1;
        // While others are kept from running, no time passes for who waits for it.
        if self.clock_looks >= QUANTUM && self.persists == 0 {
            self.move_clock();
        }
        self.clock
    }

    /// Holds the thread up from its step on, and tells when the others do not
    /// come to rest.
    fn look_at_held_up(&mut self) -> Option<Ending> {
        let steps = self.steps;
        let held = self.held_up.as_mut()?;
        match held.since {
            None => {
                let thread = self.threads.get(held.thread)?;
                if thread.alive && thread.steps >= held.from && !thread.pending.is_null() {
                    held.since = Some(steps);
                    let thread = held.thread;
                    self.trace_held_up(thread, "is held up");
                }
                None
            }
            Some(since) if steps - since <= REST => None,
            Some(_) => {
                let held_up = held.thread as u32;
                let places = self.ring.places();
                let thread = self
                    .ring
                    .steps
                    .iter()
                    .map(|(thread, _)| *thread)
                    .max_by_key(|candidate| {
                        self.ring
                            .steps
                            .iter()
                            .filter(|(thread, _)| thread == candidate)
                            .count()
                    })?;
                let places = places
                    .into_iter()
                    .filter(|(by, _)| *by == thread)
                    .map(|(_, place)| place)
                    .collect();
                self.trace_held_up(held_up as usize, "is still held up");
                Some(Ending::Polling {
                    held_up,
                    thread,
                    places,
                })
            }
        }
    }
}

/// The step that a thread has announced.
pub(super) fn pending<'a>(op: *const Op<'static>) -> &'a Op<'a> {
    debug_assert!(
        !op.is_null(),
        "every live thread but the running one has announced a step"
    );
    // SAFETY: it was announced by a thread that waits for its turn, on whose
    // stack it is until then.
    unsafe { &*op.cast::<Op<'a>>() }
}
