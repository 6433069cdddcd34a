//! The randomized schedulers: uniform random walk, partial order sampling, PCT,
//! and uniform choice; walks that change threads where they have seldom been, for
//! long executions; and those that take turns with the bounded search, one of
//! which chooses between the next steps of threads and not between threads.
//!
//! All draw from generators with fixed seeds, so that a search is the same on
//! every machine.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::panic::Location;

use super::alike::Alike;
use super::alternation::Alternation;
use super::spread::Spread;
use crate::choice::{Chooser, Point};

/// Threads of which more than these are many.
const FEW: usize = 16;

/// Whether a program has many threads, by the steps that each of them takes.
pub(super) fn are_many(steps: &[u64]) -> bool {
    steps.len() > FEW
}

/// The scheduler of the `index`-th randomized execution. `steps` are the steps
/// that each thread takes in the default schedule, as an estimate.
pub(super) fn scheduler(index: u64, seed: u64, steps: &[u64]) -> Box<dyn Chooser> {
    let mut seeds = Random(seed);
    let seed = if seed == 0 { 0 } else { seeds.next() };
    let random = Random(0x10c5_7e90 ^ seed ^ (index + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let walk = |random| Walk {
        random,
        left: steps.to_vec(),
        spread: None,
        alike: None,
        last: None,
        restless: false,
    };
    // Where there are many steps, loops have most of them, and hardly any change
    // of a walk is at the step that matters: half of the schedulers look elsewhere.
    if index % 2 == 1 && steps.iter().sum::<u64>() > super::STEPS {
        return Box::new(Curious::new(random));
    }
    // Walks and uniform choice find most bugs soonest, and come most often:
    // walks where threads are of different lengths, uniform choice where one
    // thread must come between many.
    match index % 12 {
        0 | 2 | 4 | 7 | 9 => Box::new(walk(random)),
        1 | 3 | 6 | 8 | 10 => Box::new(Uniform { random }),
        5 => Box::new(Sampling {
            random,
            priorities: Vec::new(),
        }),
        _ => Box::new(Pct::new(random, steps, 2 + (index / 12 % 2) as usize)),
    }
}

/// The same where they take turns with the bounded search. The first is not
/// random: two threads alternate.
pub(super) fn by_turns(index: u64, seed: u64, steps: &[u64]) -> Box<dyn Chooser> {
    let random = Random(0x7a4e_51b3 ^ seed ^ (index + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let start = Random(seed).next();
    let walk = |random, alike| Walk {
        random,
        left: steps.to_vec(),
        spread: Some(Spread::new(start, index)),
        alike,
        last: None,
        restless: true,
    };
    // Few threads are of different lengths, and walks are fair to that. Of many
    // threads most do the same, and the one that does something else would
    // hardly ever have its turn between them.
    let are_many = are_many(steps);
    match index % 12 {
        _ if index == 0 => Box::new(Alternation::default()),
        9 => Box::new(Sampling {
            random,
            priorities: Vec::new(),
        }),
        11 => Box::new(Pct::new(random, steps, 2 + (index / 12 % 2) as usize)),
        place if are_many && place % 2 == 1 => Box::new(walk(random, Some(Alike::default()))),
        place if (place % 6 == 0) != are_many => Box::new(Uniform { random }),
        _ => Box::new(walk(random, None)),
    }
}

/// A scheduler that takes the defaults, which are fair, after so many steps.
///
/// Chance may keep a thread from its one step for as long as others poll for what
/// it does; what does not end then is no livelock. What does not end in the second
/// half of the steps that an execution may have is one.
pub(super) struct Fair {
    chooser: Box<dyn Chooser>,
    left: u64,
}

impl Fair {
    pub(super) fn after(steps: u64, chooser: Box<dyn Chooser>) -> Fair {
        Fair {
            chooser,
            left: steps,
        }
    }
}

impl Chooser for Fair {
    fn choose(&mut self, point: Point, threads: &[u32]) -> u8 {
        if self.takes_defaults() {
            return 0;
        }
        self.chooser.choose(point, threads)
    }

    fn takes_defaults(&self) -> bool {
        self.left == 0
    }

    fn give_way(&mut self, thread: u32) {
        self.chooser.give_way(thread);
    }

    fn asks_for_places(&self) -> bool {
        !self.takes_defaults() && self.chooser.asks_for_places()
    }

    fn is_at(&mut self, thread: u32, place: &'static Location<'static>) {
        self.chooser.is_at(thread, place);
    }

    fn stepped(&mut self, thread: u32) {
        self.left = self.left.saturating_sub(1);
        self.chooser.stepped(thread);
    }

    fn asks_for_races(&self) -> bool {
        !self.takes_defaults() && self.chooser.asks_for_races()
    }

    fn races(&mut self, thread: u32) {
        self.chooser.races(thread);
    }
}

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        // The bias is below 2^-40 for the bounds used here.
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// A choice that is not between threads: mostly the default where the
    /// others are deviations.
    fn plain(&mut self, point: Point) -> u8 {
        if point.costly != 0 && self.below(4) != 0 {
            0
        } else {
            self.below(u64::from(point.options)) as u8
        }
    }
}

/// Every option is as likely as every other.
struct Uniform {
    random: Random,
}

impl Chooser for Uniform {
    fn choose(&mut self, point: Point, threads: &[u32]) -> u8 {
        if threads.is_empty() {
            return self.random.plain(point);
        }
        self.random.below(u64::from(point.options)) as u8
    }
}

/// Uniform random walk (Zhao et al., SURW, ASPLOS 2025): a thread is as likely
/// as it has steps left, so that every interleaving is about as likely. One that is
/// restless changes threads more often than that: bugs are between steps that follow
/// one another closely, and not in long runs of one thread.
struct Walk {
    random: Random,
    left: Vec<u64>,
    /// What is drawn from first, where walks are to be unlike each other.
    spread: Option<Spread>,
    /// Where those that are about to do the same share what one of them has.
    alike: Option<Alike>,
    /// The thread that took the last step.
    last: Option<u32>,
    /// Whether that one is half as likely to take the next one, too.
    restless: bool,
}

impl Chooser for Walk {
    fn choose(&mut self, point: Point, threads: &[u32]) -> u8 {
        if threads.is_empty() {
            return self.random.plain(point);
        }
        let weight = |thread: &u32| self.left.get(*thread as usize).copied().unwrap_or(1).max(1);
        let mut weights: Vec<u64> = threads.iter().map(weight).collect();
        if let Some(alike) = &self.alike {
            alike.share(threads, &mut weights);
        }
        if self.restless {
            for (thread, weight) in threads.iter().zip(&mut weights) {
                *weight *= if self.last == Some(*thread) { 1 } else { 2 };
            }
        }
        let total = weights.iter().sum();
        if let Some(option) = self.spread.as_mut().and_then(|all| all.draw(&weights)) {
            return option as u8;
        }
        let mut drawn = self.random.below(total);
        for (option, weight) in weights.into_iter().enumerate() {
            if drawn < weight {
                return option as u8;
            }
            drawn -= weight;
        }
        0
    }

    fn asks_for_places(&self) -> bool {
        self.alike.is_some()
    }

    fn is_at(&mut self, thread: u32, place: &'static Location<'static>) {
        if let Some(alike) = &mut self.alike {
            alike.is_at(thread, place);
        }
    }

    fn stepped(&mut self, thread: u32) {
        self.last = Some(thread);
        if let Some(left) = self.left.get_mut(thread as usize) {
            *left = left.saturating_sub(1);
        }
    }
}

/// Goes on with one thread, and changes it the more likely the more seldom a
/// thread was about to take a step at this place of the source: with a chance of
/// a half the first time, a quarter the second, a sixth the third. So each place has
/// its share of the changes, whether it is in a loop or not.
struct Curious {
    random: Random,
    /// Where the next step of each thread is.
    places: Vec<Option<&'static Location<'static>>>,
    /// How often a thread that could go on was at a place.
    been: HashMap<(u32, Location<'static>), u64, BuildHasherDefault<DefaultHasher>>,
    last: Option<u32>,
}

impl Curious {
    fn new(random: Random) -> Curious {
        Curious {
            random,
            places: Vec::new(),
            been: HashMap::default(),
            last: None,
        }
    }
}

impl Chooser for Curious {
    fn choose(&mut self, point: Point, threads: &[u32]) -> u8 {
        if threads.is_empty() {
            return self.random.plain(point);
        }
        let same = threads.iter().position(|thread| Some(*thread) == self.last);
        let Some(same) = same else {
            return self.random.below(u64::from(point.options)) as u8;
        };
        let place = self.places.get(threads[same] as usize).copied().flatten();
        let times = place.map_or(1, |place| {
            let times = self.been.entry((threads[same], *place)).or_default();
            *times += 1;
            *times
        });
        if self.random.below(2 * times) != 0 {
            return same as u8;
        }
        let other = self.random.below(u64::from(point.options) - 1) as usize;
        (other + usize::from(other >= same)) as u8
    }

    fn asks_for_places(&self) -> bool {
        true
    }

    fn is_at(&mut self, thread: u32, place: &'static Location<'static>) {
        let thread = thread as usize;
        if self.places.len() <= thread {
            self.places.resize(thread + 1, None);
        }
        self.places[thread] = Some(place);
    }

    fn give_way(&mut self, thread: u32) {
        // Who polls, or waits in vain, would go on for ever.
        if self.last == Some(thread) {
            self.last = None;
        }
    }

    fn stepped(&mut self, thread: u32) {
        self.last = Some(thread);
    }
}

/// Partial order sampling (Yuan, Yang and Gu, CAV 2018): the next step of each
/// thread has a random priority, and those that race with a step that is taken
/// get new ones, so that no order of racing steps is favoured by the steps
/// before them.
struct Sampling {
    random: Random,
    priorities: Vec<u64>,
}

impl Sampling {
    fn priority(&mut self, thread: u32) -> u64 {
        while self.priorities.len() <= thread as usize {
            let drawn = self.random.next();
            self.priorities.push(drawn);
        }
        self.priorities[thread as usize]
    }

    fn draw_again(&mut self, thread: u32) {
        self.priority(thread);
        self.priorities[thread as usize] = self.random.next();
    }
}

impl Chooser for Sampling {
    fn choose(&mut self, point: Point, threads: &[u32]) -> u8 {
        if threads.is_empty() {
            return self.random.plain(point);
        }
        let mut best = (0, 0);
        for (option, thread) in threads.iter().enumerate() {
            best = best.max((self.priority(*thread), option));
        }
        best.1 as u8
    }

    fn give_way(&mut self, thread: u32) {
        self.draw_again(thread);
    }

    fn stepped(&mut self, thread: u32) {
        self.draw_again(thread);
    }

    fn asks_for_races(&self) -> bool {
        true
    }

    fn races(&mut self, thread: u32) {
        self.draw_again(thread);
    }
}

/// Probabilistic concurrency testing (Burckhardt et al., ASPLOS 2010): threads
/// have random priorities, and at a few random steps the running thread falls
/// below all others.
struct Pct {
    random: Random,
    priorities: Vec<i64>,
    changes: Vec<u64>,
    taken: u64,
    lowest: i64,
}

impl Pct {
    fn new(mut random: Random, steps: &[u64], depth: usize) -> Pct {
        let total = steps.iter().sum::<u64>().max(1);
        let changes = (1..depth).map(|_| random.below(total)).collect();
        Pct {
            random,
            priorities: Vec::new(),
            changes,
            taken: 0,
            lowest: 0,
        }
    }

    fn priority(&mut self, thread: u32) -> i64 {
        while self.priorities.len() <= thread as usize {
            let drawn = (self.random.next() >> 1) as i64;
            self.priorities.push(drawn.max(1));
        }
        self.priorities[thread as usize]
    }
}

impl Chooser for Pct {
    fn choose(&mut self, point: Point, threads: &[u32]) -> u8 {
        if threads.is_empty() {
            return self.random.plain(point);
        }
        let mut best = (i64::MIN, 0);
        for (option, thread) in threads.iter().enumerate() {
            best = best.max((self.priority(*thread), -(option as i64)));
        }
        (-best.1) as u8
    }

    fn give_way(&mut self, thread: u32) {
        // Strict priorities would let a thread that polls run for ever.
        self.priority(thread);
        self.lowest -= 1;
        self.priorities[thread as usize] = self.lowest;
    }

    fn stepped(&mut self, thread: u32) {
        self.priority(thread);
        if self.changes.contains(&self.taken) {
            self.lowest -= 1;
            self.priorities[thread as usize] = self.lowest;
        }
        self.taken += 1;
    }
}
