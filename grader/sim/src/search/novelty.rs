//! What is new about a schedule that is still to be run.
//!
//! A schedule is known by its deviations: at which place of the source the thread
//! was that was preempted, and the number of the option that was taken; or, the
//! other way to look at it, what that thread was about to use. Of two schedules the
//! one is newer whose deviations were offered less often. So a loop of a thousand
//! steps, each of which could be preempted, does not keep a search from the one step
//! that matters.
//!
//! Places and things have numbers in the order in which they come, so that what is
//! new follows from the program, and not from addresses.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, DefaultHasher, Hash};
use std::panic::Location;

use crate::choice::{Site, Thing};

/// Most ways that are told from each other: some megabytes. Those after them
/// count as old.
const MOST: usize = 1 << 18;

type Map<K, V> = HashMap<K, V, BuildHasherDefault<DefaultHasher>>;

/// A number for each of the two ways to look at a schedule.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Both {
    /// By where its deviations are.
    pub(super) place: u32,
    /// By what was about to be used there.
    pub(super) thing: u32,
}

/// What was offered so far, and how often.
#[derive(Default)]
pub(super) struct Novelty {
    places: Map<Location<'static>, u32>,
    things: Map<Thing, u32>,
    /// The numbers of the last site: loops come to it again.
    last: Option<(Site, Both)>,
    by_place: Ways,
    by_thing: Ways,
}

/// An option other than the default.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deviation {
    /// What was about to be done.
    pub(super) site: Site,
    pub(super) option: u8,
}

/// The way to where a deviation was, its site, and its option.
type Way = (u32, u32, u8);

#[derive(Default)]
struct Ways {
    /// The number of each way that was gone.
    gone: Map<Way, u32>,
    /// How often each was offered.
    offered: Map<Way, u32>,
}

impl Novelty {
    /// A deviation is offered, after this way: how often it was before.
    pub(super) fn offer(&mut self, way: Both, deviation: Deviation) -> Both {
        let Deviation { site, option } = deviation;
        let site = self.number(site);
        Both {
            place: self.by_place.offer((way.place, site.place, option)),
            thing: self.by_thing.offer((way.thing, site.thing, option)),
        }
    }

    /// The way that goes on, after this one, by a deviation.
    pub(super) fn go(&mut self, way: Both, deviation: Deviation) -> Both {
        let Deviation { site, option } = deviation;
        let site = self.number(site);
        Both {
            place: number(&mut self.by_place.gone, (way.place, site.place, option)),
            thing: number(&mut self.by_thing.gone, (way.thing, site.thing, option)),
        }
    }

    /// The numbers of a site.
    fn number(&mut self, site: Site) -> Both {
        if let Some((last, numbers)) = self.last
            && last == site
        {
            return numbers;
        }
        let numbers = Both {
            place: number(&mut self.places, *site.place),
            thing: number(&mut self.things, site.thing),
        };
        self.last = Some((site, numbers));
        numbers
    }
}

impl Ways {
    fn offer(&mut self, way: Way) -> u32 {
        let is_full = self.offered.len() >= MOST;
        match self.offered.entry(way) {
            Entry::Vacant(_) if is_full => u32::MAX,
            Entry::Vacant(entry) => *entry.insert(0),
            Entry::Occupied(mut entry) => {
                let times = entry.get_mut();
                *times = times.saturating_add(1);
                *times
            }
        }
    }
}

/// The number of something, 1 for the first. All that come when there are too many
/// share the last one.
fn number<K: Eq + Hash>(numbers: &mut Map<K, u32>, key: K) -> u32 {
    let next = (numbers.len() + 1) as u32;
    match numbers.entry(key) {
        Entry::Vacant(_) if next as usize > MOST => next,
        Entry::Vacant(entry) => *entry.insert(next),
        Entry::Occupied(entry) => *entry.get(),
    }
}
