//! Two threads in turns that grow.
//!
//! This is the opposite of an execution without preemptions, which is good at
//! showing what happens when threads come one after another. Most bugs need no
//! more than two threads (Lu, Park, Seo and Zhou, "Learning from mistakes",
//! ASPLOS 2008), so two alternate, the oldest ones, and others come when neither
//! can go on. A turn is one step longer than the turn before: with turns of one
//! length, threads that go round in loops stay in step, which is often the one
//! order that is right. So is that in which they were started, where there are
//! several: there the second one begins.

use crate::choice::{Chooser, Point};

/// How often threads may offer to let others run before the two let them: where
/// both wait for a third by polling, it must have its turn.
const OFFERS: u32 = 16;

/// Threads that are several. Of two, the first may have to be ahead of the second
/// for a bug to show.
const SEVERAL: usize = 3;

/// The two threads, and whose turn it is.
#[derive(Default)]
pub(super) struct Alternation {
    /// The one that has its turn, and the other one if there is one.
    pair: Option<(u32, Option<u32>)>,
    /// Steps of this turn, and how many of them are left.
    turn: u32,
    left: u32,
    /// How often somebody offered to let others run.
    offers: u32,
    /// Whether that holds for the next step.
    offered: bool,
}

impl Chooser for Alternation {
    fn choose(&mut self, point: Point, threads: &[u32]) -> u8 {
        // What is no thread, and times and wake-ups, as by default.
        let ready = |option: &u8| point.ready >> option & 1 == 1;
        // The default is fair.
        if std::mem::take(&mut self.offered) && self.offers > OFFERS && ready(&0) {
            self.pair = None;
            return 0;
        }
        let options = (0..point.options).filter(ready);
        let mut ready: Vec<(u32, u8)> = threads.iter().copied().zip(0..).collect();
        ready.retain(|(_, option)| options.clone().any(|other| other == *option));
        ready.sort_unstable();
        if ready.len() >= SEVERAL {
            ready.swap(0, 1);
        }
        let Some((begins, first)) = ready.first().copied() else {
            return 0;
        };
        let of = |thread: u32| {
            let found = ready.iter().find(|(other, _)| *other == thread);
            found.map(|(_, option)| *option)
        };
        if let Some((one, other)) = self.pair {
            let goes_on = of(one);
            if let Some(option) = goes_on.filter(|_| self.left > 0) {
                self.left -= 1;
                return option;
            }
            if let Some((other, option)) = other.and_then(|other| Some((other, of(other)?))) {
                self.pair = Some((other, Some(one)));
                self.turn += 1;
                self.left = self.turn - 1;
                return option;
            }
            if let Some(option) = goes_on {
                return option;
            }
        }
        self.pair = Some((begins, ready.get(1).map(|(thread, _)| *thread)));
        (self.turn, self.left) = (1, 0);
        first
    }

    fn give_way(&mut self, _: u32) {
        self.offers = self.offers.saturating_add(1);
        self.offered = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Threads of so many steps each, by turns.
    fn run(mut steps: Vec<u32>) -> Vec<usize> {
        let mut alternation = Alternation::default();
        let mut taken = Vec::new();
        loop {
            let threads = (0u32..).zip(&steps).filter(|(_, left)| **left > 0);
            let threads: Vec<u32> = threads.map(|(thread, _)| thread).collect();
            if threads.is_empty() {
                return taken;
            }
            let point = Point {
                options: threads.len() as u8,
                costly: 0,
                ready: u128::MAX,
            };
            let option = alternation.choose(point, &threads);
            let thread = threads[usize::from(option)] as usize;
            steps[thread] -= 1;
            taken.push(thread);
        }
    }

    #[test]
    fn turns_grow() {
        assert_eq!(run(vec![4, 6]), [0, 1, 1, 0, 0, 0, 1, 1, 1, 1]);
    }

    #[test]
    fn a_third_thread_comes_when_neither_of_two_goes_on() {
        assert_eq!(run(vec![2, 2, 2, 1]), [1, 0, 0, 1, 2, 3, 2]);
    }

    #[test]
    fn who_offers_for_long_lets_others_run() {
        let mut alternation = Alternation::default();
        let point = Point {
            options: 3,
            costly: 0,
            ready: 0b111,
        };
        let mut third = 0;
        for _ in 0..100 {
            // A fair default begins with who has not run for longest.
            third += usize::from(alternation.choose(point, &[2, 0, 1]) == 0);
            alternation.give_way(0);
        }
        assert_eq!(third, 100 - OFFERS as usize - 1);
    }

    #[test]
    fn who_waits_is_not_woken() {
        let point = Point {
            options: 2,
            costly: 0b10,
            ready: 0b10,
        };
        assert_eq!(Alternation::default().choose(point, &[0, 1]), 1);
    }
}
