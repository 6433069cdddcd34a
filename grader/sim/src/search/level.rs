//! Executions still to be run that have as many deviations as each other.
//!
//! As long as all of them may fit into the budget, they wait in the order in which
//! they came. Then there is a selection: the newest by place, the newest by thing
//! (see [`super::novelty`]) and any at all have their turns, and what is among the
//! first in none of these looks is dropped where there is no room. Of those that
//! are as new as each other, and of all in the last look, the first ones are spread
//! over the order in which they came.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use super::novelty::{Both, Deviation, Novelty};

/// An execution to be run: it follows another one up to some choice, takes
/// another option there, and then the defaults.
#[derive(Default)]
pub(super) struct Item {
    /// The choices of the other one, and how many of them are followed.
    pub(super) base: Rc<[u8]>,
    pub(super) length: usize,
    /// What is done there instead; nothing in the very first execution.
    pub(super) deviation: Option<Deviation>,
    /// How many of its choices cost a deviation.
    pub(super) deviations: u32,
    /// The way of the other one; once it is run, its own.
    pub(super) way: Both,
}

impl Item {
    /// The choices that lead there.
    pub(super) fn choices(&self) -> Vec<u8> {
        let followed = self.base[..self.length].iter().copied();
        followed
            .chain(self.deviation.map(|deviation| deviation.option))
            .collect()
    }

    /// How many choices are those of an execution before, or the one that is
    /// new.
    pub(super) fn depth(&self) -> usize {
        self.length + usize::from(self.deviation.is_some())
    }
}

/// Those of one number of deviations.
#[derive(Default)]
pub(super) struct Level {
    /// In the order in which they came, until there is a selection.
    in_order: VecDeque<Item>,
    selection: Option<Selection>,
    /// Whether something was not kept, for lack of budget.
    pub(super) dropped: bool,
    /// What is left of the budget when the next level has its turn; known when
    /// this one had to select.
    pub(super) until: Option<u64>,
}

impl Level {
    /// Whether nothing is left to run.
    pub(super) fn is_empty(&self) -> bool {
        self.in_order.is_empty() && self.selection.as_ref().is_none_or(Selection::is_empty)
    }

    /// How many are left, as long as all may fit.
    pub(super) fn in_order(&self) -> Option<usize> {
        self.selection.is_none().then_some(self.in_order.len())
    }

    /// Keeps an execution, where there is room for so many. `novelty` tells what
    /// is new; without it the earliest are kept.
    pub(super) fn push(&mut self, item: Item, room: usize, novelty: Option<&mut Novelty>) {
        let is_full = self.in_order.len() >= room;
        match novelty {
            Some(novelty) if room > 0 && (is_full || self.selection.is_some()) => {
                self.select(room, novelty);
                self.select_from(item, room, novelty);
            }
            _ if is_full => self.dropped = true,
            _ => self.in_order.push_back(item),
        }
    }

    /// From now on there is a selection, with room for so many.
    pub(super) fn select(&mut self, room: usize, novelty: &mut Novelty) {
        self.selection.get_or_insert_default();
        for item in std::mem::take(&mut self.in_order) {
            self.select_from(item, room, novelty);
        }
    }

    fn select_from(&mut self, item: Item, room: usize, novelty: &mut Novelty) {
        let selection = self.selection.get_or_insert_default();
        self.dropped |= !selection.push(item, room, novelty);
    }

    /// Takes the next one.
    pub(super) fn next(&mut self) -> Option<Item> {
        match &mut self.selection {
            Some(selection) => selection.next(),
            None => self.in_order.pop_front(),
        }
    }
}

/// The first executions, in several looks.
#[derive(Default)]
struct Selection {
    looks: [First; LOOKS],
    /// Which look has the next turn.
    turn: usize,
    /// How many came.
    came: u64,
}

/// By place, by thing, and by neither.
const LOOKS: usize = 3;

/// Executions in the order in which they are run in one look.
type First = BTreeMap<Age, Rc<Aged>>;

/// How often the same was offered before, and a place among those of that age that
/// is far from the places of its neighbours.
type Age = (u32, u64);

struct Aged {
    item: Item,
    ages: [Age; LOOKS],
}

impl Selection {
    fn is_empty(&self) -> bool {
        self.looks.iter().all(BTreeMap::is_empty)
    }

    /// Keeps an execution in each look in which it is among the first. Returns
    /// whether none was dropped.
    fn push(&mut self, item: Item, room: usize, novelty: &mut Novelty) -> bool {
        let offered = match item.deviation {
            Some(deviation) => novelty.offer(item.way, deviation),
            None => Both::default(),
        };
        // Multiples of the golden ratio are spread evenly.
        let place = self.came.wrapping_mul(super::GOLDEN);
        let ages = [(offered.place, place), (offered.thing, place), (0, place)];
        self.came += 1;
        let has_room = |first: &First, age: Age| {
            let is_before = |(last, _): (&Age, _)| age < *last;
            first.len() < room || first.last_key_value().is_some_and(is_before)
        };
        let looks = || self.looks.iter().zip(ages);
        if !looks().any(|(first, age)| has_room(first, age)) {
            return false;
        }
        let aged = Rc::new(Aged { item, ages });
        let mut kept = true;
        for (first, age) in self.looks.iter_mut().zip(ages) {
            if !has_room(first, age) {
                continue;
            }
            first.insert(age, aged.clone());
            if first.len() > room
                && let Some((_, last)) = first.pop_last()
            {
                // It may still be in another look.
                kept &= Rc::strong_count(&last) > 1;
            }
        }
        kept
    }

    /// Takes the next one.
    fn next(&mut self) -> Option<Item> {
        let turn = self.turn;
        self.turn = (turn + 1) % LOOKS;
        let mut looks = (turn..turn + LOOKS).map(|look| look % LOOKS);
        let look = looks.find(|look| !self.looks[*look].is_empty())?;
        let (_, next) = self.looks[look].pop_first()?;
        for (first, age) in self.looks.iter_mut().zip(next.ages) {
            first.remove(&age);
        }
        Rc::into_inner(next).map(|next| next.item)
    }
}
