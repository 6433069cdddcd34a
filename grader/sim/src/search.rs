//! Which schedules of a scenario are run.
//!
//! First every schedule with no deviation, then every schedule with one, and
//! so on up to the bound (iterative context bounding: Musuvathi and Qadeer,
//! PLDI 2007), so that the first counterexample has the fewest. Where those with
//! some number of deviations are more than the budget allows, the newest of them
//! and of those with more are run. Then comes a portfolio of randomized schedulers
//! with fixed seeds. Where polling is a fault, each thread is held up at each of
//! its steps as well, as far as a budget goes.
//!
//! Budgets count executions and steps. Nothing here looks at a clock or at the
//! machine, so a search is a function of the program.

mod alike;
mod alternation;
mod bounded;
mod level;
mod novelty;
mod random;
mod spread;

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};
use std::panic::Location;

use verdict::plan::Mode;
use verdict::record::{Process, Thread};
use verdict::{Coverage, Ending, Execution, Plan, Search, What};

use crate::arena;
use crate::choice::{Chooser, Grain, Point, Schedule};
use crate::image::Image;
use crate::kernel::{Kernel, Memory, Run, Seen};
use bounded::Frontier;

/// Randomized executions that go no way twice where there is a new one. Later
/// ones do not spend time on that: where there is little to see, it was seen.
const NEW: u64 = 300;
/// Steps for which an execution counts once in a budget: a longer one counts
/// for as many as it is long, so that a program that polls costs no more time
/// than one that waits.
const STEPS: u64 = 1_000;

/// Multiples of this, of 2^64, are spread evenly: the golden ratio.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// What an execution of so many steps takes of a budget.
fn cost(steps: u64) -> u64 {
    steps.div_ceil(STEPS).max(1)
}

/// The budget of the executions in which a thread is held up, counted in the same
/// way: all steps of a program of a few thousand.
const HELD_UP: u64 = 6_000;

/// At which of these steps, taken by these threads at these places, threads are held
/// up: by their numbers where there may be time for all of them, or else those
/// first at whose place the thread was least often, and such that are spread over the
/// execution.
fn order_of_holding_up(
    taken: &[(u32, &'static Location<'static>)],
    budget: u64,
) -> Vec<(usize, u64)> {
    type Counts<K> = HashMap<K, u64, BuildHasherDefault<DefaultHasher>>;
    let mut steps: Counts<u32> = HashMap::default();
    let mut been: Counts<_> = HashMap::default();
    let aged = taken.iter().zip(0u64..).map(|((thread, place), number)| {
        let step = steps.entry(*thread).or_default();
        *step += 1;
        let been = been.entry((*thread, *place)).or_default();
        *been += 1;
        let age = (been.ilog2(), number.wrapping_mul(GOLDEN));
        (age, (*thread as usize, *step - 1))
    });
    let mut all: Vec<_> = aged.collect();
    let length = taken.len() as u64;
    if length.saturating_mul(cost(length)) <= budget {
        all.sort_unstable_by_key(|(_, held)| *held);
    } else {
        all.sort_unstable();
    }
    all.into_iter().map(|(_, held)| held).collect()
}

/// Where they take turns: how many of the randomized executions come before the
/// bounded search. The first alternates between two threads and shows what that
/// search would come to late; and some bugs every few walks find.
const FIRST: u64 = 6;
/// And how many come after so many executions of the bounded search, in a
/// program of so many steps for each thread. What has few schedules is soon
/// searched in order; what has more is better served by chance, and what has
/// many threads has more at once.
fn turns(bounded: u64, steps: &[u64]) -> u64 {
    if random::are_many(steps) {
        8
    } else {
        (1 + bounded / 3).min(8)
    }
}

/// Who is told of executions.
pub(crate) trait Listener {
    /// An execution unlike all before.
    fn told(&mut self, execution: &Execution);
}

/// Always takes the default.
pub(crate) struct Default;

impl Chooser for Default {
    fn choose(&mut self, _: Point, _: &[u32]) -> u8 {
        0
    }
}

/// Follows a schedule, then the default.
pub(crate) struct Follow {
    choices: Vec<u8>,
    next: usize,
}

impl Follow {
    pub(crate) fn new(choices: Vec<u8>) -> Follow {
        Follow { choices, next: 0 }
    }
}

impl Chooser for Follow {
    fn choose(&mut self, _: Point, _: &[u32]) -> u8 {
        let choice = self.choices.get(self.next).copied().unwrap_or(0);
        self.next += 1;
        choice
    }
}

/// Runs the executions of one program.
pub(crate) struct Explorer<'a, L> {
    kernel: *mut Kernel,
    main: &'a dyn Fn() -> i32,
    image: Image,
    limits: Search,
    /// What was told, by its hash: which number it had in the record.
    told: HashMap<u64, usize, BuildHasherDefault<DefaultHasher>>,
    pub(crate) listener: L,
    pub(crate) coverage: Coverage,
    /// Executions that this search has begun.
    begun: u64,
    /// What is left of the budget of the randomized schedulers.
    chances: u64,
    /// Which ways were gone before.
    memory: Memory,
    /// Fairness had a say in some execution.
    fair: bool,
    /// Whether prefixes are only alike when it would have the same say in both.
    exactly: bool,
}

impl<'a, L: Listener> Explorer<'a, L> {
    /// Takes the static memory of now as that of a fresh process.
    pub(crate) fn new(kernel: &'static mut Kernel, main: &'a dyn Fn() -> i32, listener: L) -> Self {
        Explorer {
            kernel,
            main,
            image: Image::take(),
            limits: Search::default(),
            told: HashMap::default(),
            listener,
            coverage: Coverage::default(),
            begun: 0,
            chances: 0,
            memory: Memory::default(),
            fair: false,
            exactly: false,
        }
    }

    /// Makes everything ready for a plan.
    pub(crate) fn begin(&mut self, plan: Plan) {
        let (Mode::Search(limits) | Mode::Replay { search: limits, .. }) = &plan.mode;
        self.limits = limits.clone();
        self.told.clear();
        self.coverage = Coverage::default();
        self.begun = 0;
        (self.fair, self.exactly) = (false, false);
        crate::crash::begin_plan();
        let kernel = self.kernel();
        (kernel.grain, kernel.wanted) = (Grain::default(), Grain::default());
        kernel.begin(plan);
    }

    /// Takes the static memory of now, later than at first, as that of a fresh
    /// process.
    pub(crate) fn take_image(&mut self) {
        self.image = Image::take();
    }

    /// Runs one execution in a fresh process.
    fn run(&mut self, mut run: Run) -> &mut Run {
        let run_limits = self.limits.clone();
        run.traces_into_that_of(&mut self.kernel().run);
        // What the last execution has left goes before its memory does.
        self.kernel().run = Run::new(&run_limits, Box::new(Default));
        arena::reset();
        // SAFETY: no execution is under way, and what the simulation keeps
        // lies on the system's heap.
        unsafe { self.image.restore() };
        // SAFETY: one execution at a time, on the thread that made the kernel.
        unsafe { Kernel::execute(self.kernel, run, &self.image, self.main) };
        let kernel = self.kernel();
        if kernel.plan.world.files && !kernel.run.known {
            let most = kernel.plan.world.limits.disk_mib << 20;
            kernel.run.tells_of_files(most);
        }
        &mut kernel.run
    }

    fn kernel(&mut self) -> &mut Kernel {
        // SAFETY: no execution is under way, so nobody else uses the kernel.
        unsafe { &mut *self.kernel }
    }

    fn fresh(&self, chooser: Box<dyn Chooser>) -> Run {
        let run = Run::new(&self.limits, chooser);
        if self.limits.recorded {
            run.traced()
        } else {
            run
        }
    }

    /// Runs everything that the limits ask for.
    ///
    /// # Errors
    /// When the program does not do the same again in the same schedule.
    pub(crate) fn search(&mut self) -> Result<(), String> {
        loop {
            let steps = self.bounded()?;
            if self.limits.reduction && self.fair && !self.exactly {
                self.exactly = true;
                continue;
            }
            if !self.must_refine() {
                if !self.coverage.complete {
                    self.randomized(&steps);
                }
                if self.limits.polling && !self.must_refine() {
                    self.held_up();
                }
                if !self.must_refine() {
                    return Ok(());
                }
            }
            // It matters when locks are released and threads end, or when sockets
            // are looked at: once more, with these as steps. What was told so far
            // stays true.
            let kernel = self.kernel();
            kernel.grain = kernel.grain.and(kernel.wanted);
        }
    }

    /// Whether somebody was seen to look at a lock without waiting, say, in a
    /// search in which releases are no steps.
    fn must_refine(&mut self) -> bool {
        let kernel = self.kernel();
        kernel.grain.and(kernel.wanted) != kernel.grain
    }

    /// Every schedule in order of deviations, as far as the budget goes.
    /// Returns the steps that each thread takes in the default schedule, or in the
    /// first one where searches take turns.
    fn bounded(&mut self) -> Result<Vec<u64>, String> {
        // What was told in a coarser search stays told; its schedules are run
        // again.
        let mut alike = std::mem::take(&mut self.coverage.alike);
        alike.fill(0);
        self.coverage = Coverage {
            alike,
            ..Coverage::default()
        };
        self.chances = self.limits.random;
        // Where they take turns, it is chance that looks elsewhere.
        let selects = !self.limits.interleaved;
        let limits = &self.limits;
        let mut frontier = Frontier::new(limits.preemptions, limits.executions, selects);
        let mut steps = Vec::new();
        let mut truncated = false;
        let mut seen = self.limits.reduction.then(|| Seen {
            exactly: self.exactly,
            ..Seen::default()
        });
        self.memory = Memory::default();
        if self.limits.interleaved {
            steps = self.first_turn();
            if self.must_refine() {
                return Ok(steps);
            }
        }
        while let Some(item) = frontier.next() {
            let wanted = self.kernel().wanted;
            let mut run = self.fresh(Box::new(Follow::new(item.choices())));
            if self.limits.interleaved {
                run = self.remembering(run, false);
            }
            if let Some(mut seen) = seen.take() {
                seen.from = item.depth();
                run = run.unlike(seen);
            }
            self.begun += 1;
            let run = self.run(run);
            seen = run.seen.take();
            let memory = run.memory.take();
            if run.misfit {
                return Err(
                    "the program did something else in a schedule that was run before".to_owned(),
                );
            }
            frontier.spend(cost(run.steps));
            frontier.expand(&item, &run.points, &run.sites, &run.choices);
            truncated |= run.truncated;
            let (known, fair) = (run.known, run.fair);
            if let Some(memory) = memory {
                self.remember(memory, !known);
            }
            let run = &mut self.kernel().run;
            if steps.is_empty() {
                steps = run.threads.iter().map(|thread| thread.steps).collect();
            }
            if known {
                self.coverage.known += 1;
                self.coverage.steps += self.kernel().run.steps;
            } else {
                self.coverage.bounded += 1;
                self.tell();
            }
            if fair && !self.fair {
                self.fair = true;
                if self.limits.reduction && !self.exactly {
                    return Ok(steps);
                }
            }
            if self.limits.interleaved {
                let bounded = self.coverage.bounded + self.coverage.known;
                self.randomized_turn(turns(bounded, &steps), &steps);
            }
            if self.kernel().wanted != wanted && self.must_refine() {
                return Ok(steps);
            }
        }
        self.coverage.preemptions = frontier.finished();
        self.coverage.complete = frontier.is_complete() && !truncated;
        Ok(steps)
    }

    /// Those of the randomized schedulers' that come before the bounded search.
    /// Returns the steps that each thread takes in the first one.
    fn first_turn(&mut self) -> Vec<u64> {
        self.randomized_turn(1, &[]);
        if self.coverage.random == 0 {
            return Vec::new();
        }
        let threads = self.kernel().run.threads.iter();
        let steps: Vec<u64> = threads.map(|thread| thread.steps).collect();
        self.randomized_turn(FIRST - 1, &steps);
        steps
    }

    /// A few of the randomized schedulers', if they have any left.
    fn randomized_turn(&mut self, turns: u64, steps: &[u64]) {
        for _ in 0..turns {
            if self.chances > 0 {
                self.randomized_once(steps);
            }
        }
    }

    /// Gives a run the memory of the ways that were gone before.
    fn remembering(&mut self, run: Run, avoids: bool) -> Run {
        if self.coverage.random >= NEW {
            return run;
        }
        let mut memory = std::mem::take(&mut self.memory);
        memory.begins(avoids);
        run.remembering(memory)
    }

    /// Takes it back, after a run that came to its end, or was cut short.
    fn remember(&mut self, mut memory: Memory, ended: bool) {
        if ended {
            memory.ends();
        }
        self.memory = memory;
    }

    /// The portfolio of randomized schedulers.
    fn randomized(&mut self, steps: &[u64]) {
        while self.chances > 0 {
            self.randomized_once(steps);
        }
    }

    /// The next one of them.
    fn randomized_once(&mut self, steps: &[u64]) {
        let scheduler = match self.limits.interleaved {
            true => random::by_turns,
            false => random::scheduler,
        };
        let chooser = scheduler(self.coverage.random, self.limits.seed, steps);
        let run = self.fresh(Box::new(random::Fair::after(
            self.limits.steps / 2,
            chooser,
        )));
        let run = self.remembering(run, true);
        self.begun += 1;
        let run = self.run(run);
        let (memory, known, steps) = (run.memory.take(), run.known, run.steps);
        if let Some(memory) = memory {
            self.remember(memory, !known);
        }
        self.chances = self.chances.saturating_sub(cost(steps));
        self.coverage.random += 1;
        self.tell();
    }

    /// Each thread is held up at each of its steps of the default schedule, as far
    /// as the budget goes.
    fn held_up(&mut self) {
        let run = self.fresh(Box::new(Default)).noting_steps();
        let taken = self.run(run).taken.take().unwrap_or_default();
        let mut left = HELD_UP;
        for (thread, step) in order_of_holding_up(&taken, left) {
            if left == 0 {
                self.coverage.complete = false;
                break;
            }
            self.begun += 1;
            let run = self.fresh(Box::new(Default)).holding_up(thread, step);
            left = left.saturating_sub(cost(self.run(run).steps));
            self.coverage.held_up += 1;
            self.tell_held(Some((thread, step)));
        }
    }

    /// Tells of the execution that was just run, if it is new.
    fn tell(&mut self) {
        self.tell_held(None);
    }

    /// The same for an execution in which a thread was held up at a step.
    fn tell_held(&mut self, held: Option<(usize, u64)>) {
        if self.kernel().run.known {
            return;
        }
        let steps = self.kernel().run.steps;
        self.coverage.steps += steps;
        let mut hasher = DefaultHasher::new();
        hash(&self.kernel().run, &mut hasher);
        let next = self.coverage.alike.len();
        let number = *self.told.entry(hasher.finish()).or_insert(next);
        if let Some(alike) = self.coverage.alike.get_mut(number) {
            *alike += 1;
            return;
        }
        self.coverage.alike.push(1);
        if self.kernel().run.ends_waiting() {
            // Once more, with names for the things that are waited for.
            let choices = self.kernel().run.choices.clone();
            let mut run = self.fresh(Box::new(Follow::new(choices))).traced();
            if let Some((thread, step)) = held {
                run = run.holding_up(thread, step);
            }
            self.run(run).forget_steps();
        } else if self.limits.recorded {
            self.kernel().run.forget_steps();
        }
        self.tell_now(held);
    }

    fn tell_now(&mut self, held: Option<(usize, u64)>) {
        let grain = self.kernel().grain;
        let choices = self.kernel().run.choices.clone();
        let mut schedule = Schedule { grain, choices }.to_string();
        if let Some((thread, step)) = held {
            schedule.push_str(&format!("h{thread}.{step}"));
        }
        let number = self.begun;
        let execution = execution(&mut self.kernel().run, schedule, number);
        self.listener.told(&execution);
    }

    /// Tells of the execution that is under way, which has just crashed.
    pub(crate) fn crashed(&mut self, ending: Ending) {
        self.kernel().run.ending = Some(ending);
        self.tell_now(None);
    }

    /// Runs one schedule and tells of every step of it.
    ///
    /// # Errors
    /// When the text is not a schedule, or not one of this program.
    pub(crate) fn replay(&mut self, text: &str) -> Result<(), String> {
        let (plain, held_up) = match text.split_once('h') {
            Some((plain, held)) => {
                let wrong = || format!("`{text}` is not a schedule");
                let (thread, step) = held.split_once('.').ok_or_else(wrong)?;
                let held = (
                    thread.parse().map_err(|_| wrong())?,
                    step.parse().map_err(|_| wrong())?,
                );
                (plain, Some(held))
            }
            None => (text, None),
        };
        let schedule: Schedule = plain.parse()?;
        self.kernel().grain = schedule.grain;
        let length = schedule.choices.len();
        let mut run = self.fresh(Box::new(Follow::new(schedule.choices))).traced();
        if let Some((thread, step)) = held_up {
            run = run.holding_up(thread, step);
        }
        let run = self.run(run);
        if run.misfit || run.choices.len() < length {
            return Err(format!(
                "the schedule `{text}` does not belong to this program: it has other choices"
            ));
        }
        let execution = execution(run, text.to_owned(), 0);
        self.coverage = Coverage {
            bounded: 1,
            steps: self.kernel().run.steps,
            ..Coverage::default()
        };
        self.listener.told(&execution);
        Ok(())
    }
}

/// What can be observed of an execution: its ending and its events.
fn hash(run: &Run, hasher: &mut impl Hasher) {
    for thread in &run.threads {
        thread.name.hash(hasher);
    }
    for event in &run.events {
        event.thread.hash(hasher);
        std::mem::discriminant(&event.what).hash(hasher);
        match &event.what {
            What::Call { op, args } => (op, args).hash(hasher),
            What::Return(value) => value.hash(hasher),
            // Steps are kept apart.
            What::CallPanicked | What::Step(_) => {}
            What::Print { stream, text } => (stream, text).hash(hasher),
            What::Panic {
                message,
                place,
                caught,
            } => (message, place, caught).hash(hasher),
            What::Mark { name, value } => (name, value).hash(hasher),
            What::Peer { line, at, did } => (line, at, did).hash(hasher),
            What::Exited { process, code } => (process, code).hash(hasher),
        }
    }
    let Some(ending) = &run.ending else { return };
    std::mem::discriminant(ending).hash(hasher);
    match ending {
        Ending::Exited { code } => code.hash(hasher),
        Ending::Deadlock { waits } | Ending::Over { waits } => {
            waits
                .iter()
                .for_each(|wait| (wait.thread, &wait.call, &wait.place).hash(hasher));
        }
        Ending::Endless { places } => places.hash(hasher),
        Ending::Polling { thread, places, .. } => (thread, places).hash(hasher),
        Ending::Unsupported { what, place } => (what, place).hash(hasher),
        Ending::NotSimulated { what, place, .. } => (what, place).hash(hasher),
        Ending::TooMuch { what, thread, .. } => (what, thread).hash(hasher),
        Ending::Runaway { thread, since, .. } => (thread, since).hash(hasher),
        Ending::Crashed { reason } => reason.hash(hasher),
    }
}

/// Takes what a run has recorded.
pub(crate) fn execution(run: &mut Run, schedule: String, number: u64) -> Execution {
    let processes = run.processes.iter().flat_map(|processes| &processes.all);
    Execution {
        schedule,
        number,
        preemptions: run.deviations,
        ending: run.ending.take().unwrap_or(Ending::Crashed {
            reason: "the execution did not end".to_owned(),
        }),
        began: run.began,
        processes: processes
            .map(|process| Process {
                name: process.name.clone(),
                peer: process.is_peer,
                exit: process.exit,
            })
            .collect(),
        threads: run
            .threads
            .iter()
            .map(|thread| Thread {
                name: thread.name.clone(),
                spawned: thread.spawned.and_then(Run::place_of),
                process: thread.process,
            })
            .collect(),
        events: run.take_events(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_time_is_short_threads_are_held_up_first_where_they_seldom_were() {
        let (here, there) = (Location::caller(), Location::caller());
        let mut taken = vec![(0, here), (1, here), (0, here), (1, there)];
        assert_eq!(
            order_of_holding_up(&taken, 4),
            [(0, 0), (0, 1), (1, 0), (1, 1)]
        );
        taken.extend([(0, here); 2_000]);
        taken[1_500].1 = there;
        let order = order_of_holding_up(&taken, 2_000);
        assert_eq!(order.len(), taken.len());
        let mut first = order[..4].to_vec();
        first.sort_unstable();
        assert_eq!(first, [(0, 0), (0, 1_498), (1, 0), (1, 1)]);
    }

    #[test]
    fn an_execution_costs_one_for_each_thousand_steps_begun() {
        let costs = [0, 1, 1_000, 1_001, 20_000].map(cost);
        assert_eq!(costs, [1, 1, 1, 2, 20]);
    }
}
