//! Which ways were gone before, so that a randomized scheduler goes others.
//!
//! A random walk comes to the same schedules again and again where a program
//! has few of them. Here it is remembered which option of each choice has
//! nothing new behind it: the execution ends there without another choice, or
//! all options of the next one have nothing new behind them either. A scheduler
//! is then offered the others only, so it draws without replacement. Two
//! choices are the same where the same has happened before them, in the same
//! order as far as that matters (see `order`).
//!
//! This only steers: nothing is concluded from it, and a choice of which all is
//! known is offered in full.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use super::order::{Digest, mix};

/// Most choices that are remembered: some megabytes.
const MOST: usize = 100_000;

/// The choices of some executions.
#[derive(Default)]
pub(crate) struct Memory {
    choices: HashMap<u64, Vec<(u32, Behind)>, BuildHasherDefault<Digest>>,
    /// The choices of the execution that is under way, with the options taken.
    path: Vec<(u64, u32)>,
    /// Whether what is known is not offered again.
    pub(crate) avoids: bool,
}

/// What is behind an option.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Behind {
    /// Nobody was there.
    Unknown,
    /// Another choice.
    Choice(u64),
    /// Nothing new.
    Known,
}

impl Memory {
    /// An execution begins.
    pub(crate) fn begins(&mut self, avoids: bool) {
        self.path.clear();
        self.avoids = avoids;
    }

    /// It comes to a choice between these options. `state` stands for what has
    /// happened; `None` where nothing has since the choice before.
    pub(super) fn comes_to(&mut self, state: Option<u64>, options: &[u32]) {
        let before = self.path.last().copied();
        let (choice, option) = before.unwrap_or_default();
        let here = state.unwrap_or_else(|| mix(choice, u64::from(option) + 1));
        if before.is_some() {
            self.tell(choice, option, Behind::Choice(here));
        }
        if self.choices.len() < MOST {
            self.choices
                .entry(here)
                .or_insert_with(|| options.iter().map(|key| (*key, Behind::Unknown)).collect());
        }
        self.path.push((here, u32::MAX));
    }

    /// Whether an option of the choice that it has come to has something new
    /// behind it.
    pub(super) fn is_new(&self, option: u32) -> bool {
        let Some((choice, _)) = self.path.last() else {
            return true;
        };
        let known = |(key, behind): &(u32, Behind)| *key == option && self.is_known(*behind);
        !self
            .choices
            .get(choice)
            .is_some_and(|options| options.iter().any(known))
    }

    /// It takes this option.
    pub(super) fn takes(&mut self, option: u32) {
        if let Some(last) = self.path.last_mut() {
            last.1 = option;
        }
    }

    /// It has come to its end.
    pub(crate) fn ends(&mut self) {
        let Some((choice, option)) = self.path.pop() else {
            return;
        };
        self.tell(choice, option, Behind::Known);
        // What came before it may be known now, too.
        while let Some((choice, option)) = self.path.pop() {
            let next = self.behind(choice, option);
            if !self.is_known(next) {
                break;
            }
            self.tell(choice, option, Behind::Known);
        }
    }

    fn tell(&mut self, choice: u64, option: u32, behind: Behind) {
        let options = self.choices.get_mut(&choice).into_iter().flatten();
        for (_, place) in options.filter(|(key, _)| *key == option) {
            if *place != Behind::Known {
                *place = behind;
            }
        }
    }

    fn behind(&self, choice: u64, option: u32) -> Behind {
        let mut options = self.choices.get(&choice).into_iter().flatten();
        options
            .find(|(key, _)| *key == option)
            .map_or(Behind::Unknown, |(_, behind)| *behind)
    }

    fn is_known(&self, behind: Behind) -> bool {
        match behind {
            Behind::Unknown => false,
            Behind::Known => true,
            Behind::Choice(choice) => self
                .choices
                .get(&choice)
                .is_some_and(|options| options.iter().all(|(_, behind)| *behind == Behind::Known)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goes through a tree of binary choices of this depth, always to the first
    /// side that is new, and returns the sides taken.
    fn walk(memory: &mut Memory, depth: u64) -> Vec<u32> {
        memory.begins(true);
        let mut taken = Vec::new();
        for _ in 0..depth {
            memory.comes_to(None, &[0, 1]);
            let side = (0..2).find(|side| memory.is_new(*side)).unwrap_or(0);
            memory.takes(side);
            taken.push(side);
        }
        memory.ends();
        taken
    }

    #[test]
    fn nothing_is_done_twice_while_there_is_something_new() {
        let mut memory = Memory::default();
        let mut all: Vec<_> = (0..8).map(|_| walk(&mut memory, 3)).collect();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 8);
        // All is known now, and all is offered again.
        assert_eq!(walk(&mut memory, 3), [0, 0, 0]);
    }

    #[test]
    fn two_ways_to_one_state_are_one() {
        let mut memory = Memory::default();
        for first in [0, 1] {
            memory.begins(true);
            memory.comes_to(Some(1), &[0, 1]);
            assert!(memory.is_new(first));
            memory.takes(first);
            if first == 0 {
                memory.comes_to(Some(2), &[7]);
                memory.takes(7);
                memory.ends();
            } else {
                memory.comes_to(Some(2), &[7]);
                assert!(!memory.is_new(7));
            }
        }
    }
}
