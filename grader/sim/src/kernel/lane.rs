//! What each thread has for itself of what threads draw numbers and addresses from.
//!
//! Were it one counter or one list for all threads, the order in which they draw could
//! be seen in what they get: shared memory that no step tells of. So each thread has a
//! lane, and by its number a window of memory, a place for its stack and numbers of
//! descriptors. Which lane a thread gets depends on nothing but what its spawner has
//! done and seen: each has some lanes to give away, and gives every thread that it
//! spawns a part of them; and where it has seen a thread end, that one's lane, with
//! what is left of it, is the next to be given.

use std::ops::Range;

use crate::arena::WINDOWS;

/// The lanes that the threads which processes begin with divide among themselves.
const DIVIDED: u32 = WINDOWS - UNDIVIDED - 1;
/// Those of threads whose spawners have none left to give.
const UNDIVIDED: u32 = 8 << 10;

/// A lane, and what its thread has to give away.
#[derive(Debug)]
pub(super) struct Lane {
    number: u32,
    /// Those that nobody has had.
    rest: Range<u32>,
    /// How many parts of the rest were given.
    parts: u32,
    /// Those that come back from threads which have been seen to end.
    spare: Vec<Lane>,
}

impl Lane {
    /// The lane of the first thread of a process, which is one of so many.
    pub(super) fn of_process(process: usize, processes: usize) -> Lane {
        let each = DIVIDED
            / u32::try_from(processes)
                .unwrap_or(DIVIDED)
                .clamp(1, DIVIDED);
        let start = u32::try_from(process)
            .unwrap_or(u32::MAX)
            .saturating_mul(each);
        let start = start.min(DIVIDED - each);
        Lane::first_of(start..start + each)
    }

    /// The lane that is the first of some, which has the others to give away.
    fn first_of(lanes: Range<u32>) -> Lane {
        Lane {
            number: lanes.start,
            rest: lanes.start + 1..lanes.end,
            parts: 0,
            spare: Vec::new(),
        }
    }

    /// Its number, below [`WINDOWS`].
    pub(super) fn number(&self) -> u32 {
        self.number
    }

    /// The lane of a thread that is spawned by this one's; none where all were given.
    /// The first gets half of what is there, the second a third of what is left then,
    /// and so on: for seven hundred that end unseen, or as many as sixteen of which
    /// each spawns the next.
    pub(super) fn give(&mut self) -> Option<Lane> {
        if let Some(spare) = self.spare.pop() {
            return Some(spare);
        }
        if self.rest.is_empty() {
            return None;
        }
        self.parts += 1;
        let all = self.rest.end - self.rest.start;
        let part = (all / (self.parts + 1)).max(1);
        let start = self.rest.start;
        self.rest.start += part;
        Some(Lane::first_of(start..start + part))
    }

    /// Whether there is one to give.
    pub(super) fn has_more(&self) -> bool {
        !(self.spare.is_empty() && self.rest.is_empty())
    }

    /// Takes back the lane of a thread that has been seen to end.
    pub(super) fn take_back(&mut self, lane: Lane) {
        self.spare.push(lane);
    }
}

/// The lanes that are given in the order in which threads ask, each of which takes a
/// step for it.
#[derive(Debug)]
pub(super) struct Undivided {
    given: u32,
}

impl Undivided {
    pub(super) const ALL: Undivided = Undivided { given: 0 };

    /// The next one, if there is one.
    pub(super) fn give(&mut self) -> Option<Lane> {
        let next = DIVIDED + self.given;
        if self.given == UNDIVIDED {
            return None;
        }
        self.given += 1;
        Some(Lane::first_of(next..next + 1))
    }
}

/// The number that the first thread of a process is known by (its `ThreadId`).
pub(super) const FIRST_ID: u64 = 1;
/// Most threads that the first one spawns, and others, which get numbers that people
/// can read.
const SMALL: u64 = 2_048;
const FEW: u64 = 1_024;

/// The number that a thread is known by, which is the `count`-th, from 1, that the thread
/// with the number `spawner` has tried to spawn: it depends on nothing else. The
/// first thread's are 2, 3 and so on, those of the second 2049, 2050 and so on.
pub(super) fn id(spawner: u64, count: u64) -> u64 {
    match spawner {
        FIRST_ID if count < SMALL - 1 => count + 1,
        2.. if spawner < 1 << 53 && count < FEW => spawner * FEW + count,
        // One in 2^63.
        _ => super::order::mix(spawner, count) | 1 << 63,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// All lanes that come of one whose spawned threads spawn in this depth, each as many.
    fn numbers(lane: &mut Lane, depth: u32, each: u32, found: &mut Vec<u32>) {
        found.push(lane.number());
        for _ in 0..if depth == 0 { 0 } else { each } {
            if let Some(mut given) = lane.give() {
                numbers(&mut given, depth - 1, each, found);
            }
        }
    }

    #[test]
    fn no_two_threads_have_one_lane() {
        for (depth, each) in [(1, 600), (16, 1), (3, 8)] {
            let mut found = Vec::new();
            for process in 0..3 {
                numbers(&mut Lane::of_process(process, 3), depth, each, &mut found);
            }
            let most = each.pow(depth.min(3));
            assert!(found.len() as u32 > most, "{depth} {each} {}", found.len());
            let different: HashSet<_> = found.iter().collect();
            assert_eq!(different.len(), found.len());
            assert!(found.iter().all(|number| *number < DIVIDED));
        }
    }

    #[test]
    fn a_lane_that_comes_back_is_the_next() {
        let mut lane = Lane::of_process(0, 1);
        let first = lane.give().unwrap();
        let number = first.number();
        lane.take_back(first);
        assert_eq!(lane.give().unwrap().number(), number);
        assert_ne!(lane.give().unwrap().number(), number);
    }

    #[test]
    fn who_has_none_left_is_told() {
        let mut lane = Lane::of_process(0, 1);
        let mut given = 0;
        while lane.has_more() {
            assert!(lane.give().is_some());
            given += 1;
        }
        assert!(lane.give().is_none() && given > 500, "{given}");
        let mut undivided = Undivided::ALL;
        let numbers: HashSet<_> = std::iter::from_fn(|| undivided.give())
            .map(|lane| lane.number())
            .collect();
        assert_eq!(numbers.len() as u32, UNDIVIDED);
        assert!(
            numbers
                .iter()
                .all(|number| (DIVIDED..WINDOWS - 1).contains(number))
        );
    }

    #[test]
    fn numbers_of_threads_differ() {
        let mut ids = vec![FIRST_ID];
        for count in 1..3_000 {
            ids.push(id(FIRST_ID, count));
        }
        for spawner in [2, 3, 2_047, 2_049, 1 << 52, 1 << 53, 1 << 63 | 5] {
            for count in [1, 2, 1_023, 1_024, 5_000] {
                ids.push(id(spawner, count));
            }
        }
        let different: HashSet<_> = ids.iter().collect();
        assert_eq!(different.len(), ids.len());
        assert_eq!((id(1, 1), id(2, 1)), (2, 2_049));
    }
}
