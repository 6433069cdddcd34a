//! The bounded search's list of what is still to be run.
//!
//! What the budget suffices for is run in the order of steps, so that what shows a
//! bug does so as early as can be. Where there is more, the newest comes first
//! (see [`super::level`]), and half of the budget is kept for more deviations.

use std::rc::Rc;

use super::level::{Item, Level};
use super::novelty::{Deviation, Novelty};
use crate::choice::{Point, Site};

/// Executions still to be run, by number of deviations.
pub(super) struct Frontier {
    levels: Vec<Level>,
    /// The lowest level that may have executions left.
    lowest: usize,
    left: u64,
    /// Executions that were begun, and what they cost.
    begun: u64,
    spent: u64,
    /// Whether executions with more deviations than the bound exist.
    beyond: bool,
    /// What is new, where that comes first if there is more than the budget
    /// allows.
    novelty: Option<Novelty>,
}

impl Frontier {
    /// Starts with the default execution. `bound` is the highest number of
    /// deviations, `budget` the number of executions that cost one. Where there
    /// is more to run than that, one that `selects` runs the newest first, and
    /// one that does not the earliest.
    pub(super) fn new(bound: u32, budget: u64, selects: bool) -> Frontier {
        let mut levels: Vec<_> = (0..=bound).map(|_| Level::default()).collect();
        levels[0].push(Item::default(), 1, None);
        Frontier {
            levels,
            lowest: 0,
            left: budget,
            begun: 0,
            spent: 0,
            beyond: false,
            novelty: selects.then(Novelty::default),
        }
    }

    /// The next execution to run, while there is one and the budget lasts.
    pub(super) fn next(&mut self) -> Option<Item> {
        if self.left == 0 {
            return None;
        }
        while self.levels.get(self.lowest)?.is_empty() {
            self.lowest += 1;
        }
        let level = self.turn();
        let mut item = self.levels[level].next()?;
        if let Some(deviation) = item.deviation
            && let Some(novelty) = &mut self.novelty
        {
            item.way = novelty.go(item.way, deviation);
        }
        self.begun += 1;
        Some(item)
    }

    /// The level whose turn it is: the lowest one that has something left and has
    /// not had its share of the budget, or else the lowest.
    fn turn(&mut self) -> usize {
        let Some(novelty) = &mut self.novelty else {
            return self.lowest;
        };
        let cost = (self.spent / self.begun.max(1)).max(1);
        let room = usize::try_from(self.left).unwrap_or(usize::MAX);
        let levels = self.levels.iter_mut().enumerate().skip(self.lowest);
        for (number, level) in levels.filter(|(_, level)| !level.is_empty()) {
            let all = level.in_order();
            if all.is_some_and(|all| (all as u64).saturating_mul(cost) <= self.left) {
                return number;
            }
            level.select(room, novelty);
            if self.left > *level.until.get_or_insert(self.left / 2) {
                return number;
            }
        }
        self.lowest
    }

    /// Takes what the last execution cost from the budget.
    pub(super) fn spend(&mut self, cost: u64) {
        self.left = self.left.saturating_sub(cost);
        self.spent += cost;
    }

    /// Adds what can be run instead of an execution, from the point on where
    /// it left the one before. `sites` are what was about to be done at each of
    /// its points.
    pub(super) fn expand(&mut self, item: &Item, points: &[Point], sites: &[Site], choices: &[u8]) {
        // More than the budget allows will never be run.
        let room = usize::try_from(self.left).unwrap_or(usize::MAX);
        let base: Rc<[u8]> = choices.into();
        let all = points.iter().zip(sites).enumerate();
        for (length, (point, site)) in all.skip(item.depth()) {
            for option in 1..point.options {
                let deviations = item.deviations + point.cost(option);
                let Some(level) = self.levels.get_mut(deviations as usize) else {
                    self.beyond = true;
                    continue;
                };
                let other = Item {
                    base: base.clone(),
                    length,
                    deviation: Some(Deviation {
                        site: *site,
                        option,
                    }),
                    deviations,
                    way: item.way,
                };
                level.push(other, room, self.novelty.as_mut());
            }
        }
    }

    /// The highest number of deviations up to which everything was run.
    pub(super) fn finished(&self) -> Option<u32> {
        let is_finished = |level: &&Level| level.is_empty() && !level.dropped;
        let finished = self.levels.iter().take_while(is_finished).count();
        finished.checked_sub(1).map(|level| level as u32)
    }

    /// Whether every schedule there is was run.
    pub(super) fn is_complete(&self) -> bool {
        !self.beyond && self.finished() == Some((self.levels.len() - 1) as u32)
    }
}

#[cfg(test)]
mod tests {
    use std::panic::Location;

    use super::*;
    use crate::choice::Thing;
    use crate::op::Kind;

    /// Runs a made-up program whose choice points are given by a function of
    /// the choices so far, and returns the executions in order.
    fn explore(
        bound: u32,
        budget: u64,
        program: impl Fn(&[u8]) -> Option<Point>,
    ) -> (Vec<Vec<u8>>, Frontier) {
        let mut frontier = Frontier::new(bound, budget, true);
        let mut all = Vec::new();
        while let Some(item) = frontier.next() {
            let mut choices = Vec::new();
            let mut points = Vec::new();
            let prefix = item.choices();
            while let Some(point) = program(&choices) {
                choices.push(prefix.get(choices.len()).copied().unwrap_or(0));
                points.push(point);
            }
            frontier.spend(1);
            frontier.expand(&item, &points, &sites(&choices), &choices);
            all.push(choices);
        }
        (all, frontier)
    }

    /// Nothing is known of what is done.
    fn sites(choices: &[u8]) -> Vec<Site> {
        let site = Site {
            place: Location::caller(),
            thing: Thing::Other(Kind::Other, 0),
        };
        vec![site; choices.len()]
    }

    fn three_binary_choices(choices: &[u8]) -> Option<Point> {
        (choices.len() < 3).then_some(Point {
            options: 2,
            costly: 0b10,
            ready: 0,
        })
    }

    #[test]
    fn an_execution_that_costs_more_leaves_less_for_others() {
        let mut frontier = Frontier::new(3, 7, true);
        let mut run = 0;
        while let Some(item) = frontier.next() {
            frontier.spend(3);
            let points = [three_binary_choices(&[]).expect("there are three"); 3];
            let mut choices = item.choices();
            choices.resize(3, 0);
            frontier.expand(&item, &points, &sites(&choices), &choices);
            run += 1;
        }
        assert_eq!(run, 3);
        assert!(!frontier.is_complete());
        assert_eq!(frontier.finished(), Some(0));
    }

    #[test]
    fn every_schedule_is_run_once_in_order_of_deviations() {
        let (all, frontier) = explore(3, 100, three_binary_choices);
        let deviations: Vec<u8> = all.iter().map(|choices| choices.iter().sum()).collect();
        assert_eq!(deviations, [0, 1, 1, 1, 2, 2, 2, 3]);
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), 8);
        assert!(frontier.is_complete());
        assert_eq!(frontier.finished(), Some(3));
    }

    #[test]
    fn a_bound_leaves_the_rest_and_says_so() {
        let (all, frontier) = explore(1, 100, three_binary_choices);
        assert_eq!(all.len(), 4);
        assert!(!frontier.is_complete());
        assert_eq!(frontier.finished(), Some(1));
    }

    #[test]
    fn a_budget_that_ends_within_a_level_does_not_claim_it() {
        for budget in 1..8 {
            let (all, frontier) = explore(3, budget, three_binary_choices);
            assert_eq!(all.len() as u64, budget);
            assert!(!frontier.is_complete());
            let expected = match budget {
                1..4 => Some(0),
                4..7 => Some(1),
                _ => Some(2),
            };
            assert_eq!(frontier.finished(), expected, "budget {budget}");
        }
    }

    /// A site of each kind of its own.
    fn site(place: &'static Location<'static>, thing: usize) -> Site {
        Site {
            place,
            thing: Thing::Other(Kind::Other, thing),
        }
    }

    /// Runs a program of so many binary choices, at these sites, with a budget.
    /// Returns the executions in order, as the indices of their deviations.
    fn select(sites: &[Site], bound: u32, budget: u64) -> (Vec<Vec<usize>>, Frontier) {
        let point = three_binary_choices(&[]).expect("there are three");
        let points = vec![point; sites.len()];
        let mut frontier = Frontier::new(bound, budget, true);
        let mut all = Vec::new();
        while let Some(item) = frontier.next() {
            let mut choices = item.choices();
            choices.resize(sites.len(), 0);
            frontier.spend(1);
            frontier.expand(&item, &points, sites, &choices);
            let taken = choices.iter().enumerate();
            all.push(
                taken
                    .filter(|(_, choice)| **choice != 0)
                    .map(|(index, _)| index)
                    .collect(),
            );
        }
        (all, frontier)
    }

    #[test]
    fn a_step_that_stands_out_is_found_in_a_long_loop() {
        let (here, there) = (Location::caller(), Location::caller());
        let others_are_at_one_place = (0..1_000).map(|thing| site(here, thing));
        let others_use_one_thing = [site(here, 7); 1_000].into_iter();
        for (mut sites, other) in [
            (Vec::from_iter(others_are_at_one_place), site(there, 3)),
            (Vec::from_iter(others_use_one_thing), site(here, 8)),
        ] {
            sites[700] = other;
            let (all, frontier) = select(&sites, 1_000, 20);
            assert_eq!(all.len(), 20);
            assert!(all.contains(&vec![700]), "{all:?}");
            assert_eq!(frontier.finished(), Some(0));
        }
    }

    #[test]
    fn more_deviations_have_their_share_of_a_budget_that_is_too_small() {
        let (here, there) = (Location::caller(), Location::caller());
        let mut sites = vec![site(here, 1); 1_000];
        sites[500] = site(there, 2);
        sites[900] = site(there, 3);
        let (all, frontier) = select(&sites, 1_000, 64);
        assert!(all.contains(&vec![500, 900]), "{all:?}");
        let one = all.iter().filter(|taken| taken.len() == 1).count();
        assert!((28..=36).contains(&one), "{one}");
        assert!(!frontier.is_complete());
        assert_eq!(frontier.finished(), Some(0));
    }

    #[test]
    fn what_is_left_of_the_shares_is_used() {
        let sites = vec![site(Location::caller(), 1); 100];
        let (all, frontier) = select(&sites, 1, 90);
        assert_eq!(all.len(), 90);
        assert_eq!(frontier.finished(), Some(0));
        let (all, frontier) = select(&sites, 1, 101);
        assert_eq!(all.len(), 101);
        assert_eq!(frontier.finished(), Some(1));
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), 101);
    }
}
