//! The bounded search's list of what is still to be run.

use std::collections::VecDeque;
use std::rc::Rc;

use crate::choice::Point;

/// Executions still to be run, by number of deviations.
pub(super) struct Frontier {
    levels: Vec<VecDeque<Item>>,
    level: usize,
    left: u64,
    /// Whether executions with more deviations than the bound exist.
    beyond: bool,
    /// The first level of which something was not kept, for lack of budget.
    dropped: Option<usize>,
    finished: Option<u32>,
    complete: bool,
}

/// An execution to be run: it follows another one up to some choice, takes
/// another option there, and then the defaults.
pub(super) struct Item {
    base: Rc<[u8]>,
    length: usize,
    option: Option<u8>,
    deviations: u32,
}

impl Item {
    /// The choices that lead there.
    pub(super) fn choices(&self) -> Vec<u8> {
        self.base[..self.length]
            .iter()
            .copied()
            .chain(self.option)
            .collect()
    }

    /// How many choices are those of an execution before, or the one that is
    /// new.
    pub(super) fn depth(&self) -> usize {
        self.length + usize::from(self.option.is_some())
    }
}

impl Frontier {
    /// Starts with the default execution. `bound` is the highest number of
    /// deviations, `budget` the number of executions that cost one.
    pub(super) fn new(bound: u32, budget: u64) -> Frontier {
        let mut levels: Vec<_> = (0..=bound).map(|_| VecDeque::new()).collect();
        levels[0].push_back(Item {
            base: Rc::new([]),
            length: 0,
            option: None,
            deviations: 0,
        });
        Frontier {
            levels,
            level: 0,
            left: budget,
            beyond: false,
            dropped: None,
            finished: None,
            complete: false,
        }
    }

    /// The next execution to run, while there is one and the budget lasts.
    pub(super) fn next(&mut self) -> Option<Item> {
        loop {
            if self.left > 0
                && let Some(item) = self.levels[self.level].pop_front()
            {
                return Some(item);
            }
            if !self.levels[self.level].is_empty() {
                return None;
            }
            if self.dropped.is_none_or(|dropped| dropped > self.level) {
                self.finished = Some(self.level as u32);
            }
            if self.level + 1 == self.levels.len() {
                self.complete = self.dropped.is_none() && !self.beyond;
                return None;
            }
            self.level += 1;
        }
    }

    /// Takes what the last execution cost from the budget.
    pub(super) fn spend(&mut self, cost: u64) {
        self.left = self.left.saturating_sub(cost);
    }

    /// Adds what can be run instead of an execution, from the point on where
    /// it left the one before.
    pub(super) fn expand(&mut self, item: &Item, points: &[Point], choices: &[u8]) {
        // More than the budget allows will never be run.
        let room = usize::try_from(self.left).unwrap_or(usize::MAX);
        let base: Rc<[u8]> = choices.into();
        for (length, point) in points.iter().enumerate().skip(item.depth()) {
            for option in 1..point.options {
                let deviations = item.deviations + point.cost(option);
                let level = deviations as usize;
                match self.levels.get_mut(level) {
                    None => self.beyond = true,
                    Some(items) if items.len() >= room => {
                        self.dropped =
                            Some(self.dropped.map_or(level, |dropped| dropped.min(level)));
                    }
                    Some(items) => {
                        items.push_back(Item {
                            base: base.clone(),
                            length,
                            option: Some(option),
                            deviations,
                        });
                    }
                }
            }
        }
    }

    /// The highest number of deviations up to which everything was run.
    pub(super) fn finished(&self) -> Option<u32> {
        self.finished
    }

    /// Whether every schedule there is was run.
    pub(super) fn is_complete(&self) -> bool {
        self.complete
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs a made-up program whose choice points are given by a function of
    /// the choices so far, and returns the executions in order.
    fn explore(
        bound: u32,
        budget: u64,
        program: impl Fn(&[u8]) -> Option<Point>,
    ) -> (Vec<Vec<u8>>, Frontier) {
        let mut frontier = Frontier::new(bound, budget);
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
            frontier.expand(&item, &points, &choices);
            all.push(choices);
        }
        (all, frontier)
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
        let mut frontier = Frontier::new(3, 7);
        let mut run = 0;
        while let Some(item) = frontier.next() {
            frontier.spend(3);
            let points = [three_binary_choices(&[]).expect("there are three"); 3];
            let mut choices = item.choices();
            choices.resize(3, 0);
            frontier.expand(&item, &points, &choices);
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
}
