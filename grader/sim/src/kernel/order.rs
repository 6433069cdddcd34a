//! The happens-before order of an execution, as a number.
//!
//! Two prefixes of executions in which the same steps were taken, and in which
//! steps that have to do with each other came in the same order, lead to the
//! same state (Mazurkiewicz 1977). So a search that comes to such a prefix for
//! the second time need not go on: whatever can follow has followed before.
//! This is happens-before caching (Musuvathi and Qadeer, "Partial-order
//! reduction for context-bounded state exploration", 2007).
//!
//! What a thread does is a chain of events; an event is the use of something
//! that threads share. It is told from others by its thread's event before it
//! and by the uses of the same thing that came before it, all of them hashed.
//! So the last events of all threads together stand for the whole order.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// How a shared thing is used: uses of one class, other than [`Use::ALONE`], can
/// change places with each other and nobody would know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Use(u8);

impl Use {
    /// It is changed, or used in a way that goes with no other.
    pub(crate) const ALONE: Use = Use(0);
    /// It is looked at.
    pub(crate) const LOOK: Use = Use(1);
    /// A count goes up or down, and nobody learns its value.
    pub(crate) const COUNT: Use = Use(2);
    /// The history: a call begins. Among themselves, the beginnings of calls
    /// have no order that could be judged, and neither have their ends.
    pub(crate) const CALL: Use = Use(3);
    /// The history: a call returns.
    pub(crate) const RETURN: Use = Use(4);
}

/// What is shared and has no address. (No object lies that low.)
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum Shared {
    /// What is recorded of the execution.
    History = 1,
    /// The numbers of threads.
    Numbers,
    /// Who has ended.
    Ends,
    /// The time.
    Clock,
    /// Every file and folder.
    Files,
    /// Standard output and standard error, one after the other.
    Streams,
}

/// Uses of one thing.
#[derive(Clone, Copy, Default)]
struct Uses {
    /// Stands for all uses before the last ones of one class.
    before: u64,
    /// The sum of the last ones.
    last: u64,
    class: u8,
}

/// The order of an execution so far.
#[derive(Default)]
pub(super) struct Order {
    /// The last event of each thread.
    threads: Vec<u64>,
    things: HashMap<usize, Uses, BuildHasherDefault<ByAddress>>,
}

impl Order {
    /// A thread uses something. Threads are numbered in the order in which
    /// they were spawned.
    pub(super) fn uses(&mut self, thread: usize, thing: usize, class: Use) {
        // What a lone main thread does comes before everything else.
        if self.threads.len() < 2 {
            return;
        }
        let uses = self.things.entry(thing).or_default();
        if class == Use::ALONE || class.0 != uses.class {
            uses.before = mix(uses.before, uses.last);
            uses.last = 0;
            uses.class = class.0;
        }
        let event = mix(
            mix(self.threads[thread], thing as u64),
            mix(uses.before, u64::from(class.0)),
        );
        uses.last = uses.last.wrapping_add(event);
        self.threads[thread] = event;
    }

    /// Something about a thread's last step that concerns nobody else: which
    /// way it went.
    pub(super) fn goes(&mut self, thread: usize, way: u64) {
        if let Some(last) = self.threads.get_mut(thread) {
            *last = mix(*last, way.wrapping_add(0x5741_5953));
        }
    }

    /// A thread begins, after what its spawner has done so far.
    pub(super) fn begins(&mut self, spawner: Option<usize>) {
        let before = spawner.map_or(0, |spawner| self.threads[spawner]);
        let number = self.threads.len() as u64;
        self.threads.push(mix(before, number));
    }

    /// Stands for the whole order.
    pub(super) fn digest(&self) -> u64 {
        self.threads
            .iter()
            .zip(1..)
            .fold(0, |sum, (last, number)| sum ^ mix(*last, number))
    }
}

/// Two numbers in one: multiplication to 128 bits, folded (as in wyhash).
pub(super) fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a ^ 0xa076_1d64_78bd_642f) * u128::from(b ^ 0xe703_7ed1_a0b4_28db);
    (product as u64 ^ (product >> 64) as u64).wrapping_add(a.rotate_left(23))
}

/// Hashes an address, and the kind of what is there.
#[derive(Default)]
pub(super) struct ByAddress(u64);

impl Hasher for ByAddress {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_usize(usize::from(*byte));
        }
    }

    fn write_usize(&mut self, number: usize) {
        self.0 = mix(self.0, number as u64);
    }

    fn write_isize(&mut self, number: isize) {
        self.write_usize(number as usize);
    }
}

/// "Hashes" what is a digest already.
#[derive(Default)]
pub(crate) struct Digest(u64);

impl Hasher for Digest {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = mix(self.0, u64::from(*byte));
        }
    }

    fn write_u64(&mut self, digest: u64) {
        self.0 = digest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The digest after these uses by threads 1 to 3.
    fn after(uses: &[(usize, usize, Use)]) -> u64 {
        let mut order = Order::default();
        order.begins(None);
        for _ in 0..3 {
            order.begins(Some(0));
        }
        for (thread, thing, class) in uses {
            order.uses(*thread, *thing, *class);
        }
        order.digest()
    }

    const A: usize = 0x1000;
    const B: usize = 0x2000;

    #[test]
    fn uses_of_different_things_change_places() {
        let (one, two) = ((1, A, Use::ALONE), (2, B, Use::ALONE));
        assert_eq!(after(&[one, two]), after(&[two, one]));
        assert_ne!(after(&[one, two]), after(&[one]));
    }

    #[test]
    fn uses_of_one_thing_do_not() {
        let (one, two) = ((1, A, Use::ALONE), (2, A, Use::ALONE));
        assert_ne!(after(&[one, two]), after(&[two, one]));
        let look = (2, A, Use::LOOK);
        assert_ne!(after(&[one, look]), after(&[look, one]));
    }

    #[test]
    fn looks_change_places_with_looks_but_not_with_changes_between_them() {
        let (one, two) = ((1, A, Use::LOOK), (2, A, Use::LOOK));
        let change = (3, A, Use::ALONE);
        assert_eq!(after(&[one, two, change]), after(&[two, one, change]));
        let different = [
            [one, two, change],
            [one, change, two],
            [two, change, one],
            [change, one, two],
        ]
        .map(|uses| after(&uses));
        for (index, digest) in different.iter().enumerate() {
            assert!(!different[..index].contains(digest), "{index}");
        }
    }

    #[test]
    fn what_is_between_two_threads_reaches_a_third() {
        // Thread 3 meets thread 2 after it met thread 1, or before.
        let met = [(1, A, Use::ALONE), (2, A, Use::ALONE)];
        let then = [(2, B, Use::ALONE), (3, B, Use::ALONE)];
        let in_order = [met[0], met[1], then[0], then[1]];
        let other = [met[1], met[0], then[0], then[1]];
        assert_ne!(after(&in_order), after(&other));
    }

    #[test]
    fn which_way_a_step_went_matters() {
        let mut order = Order::default();
        order.begins(None);
        order.goes(0, 0);
        let zero = order.digest();
        let mut order = Order::default();
        order.begins(None);
        order.goes(0, 1);
        assert_ne!(order.digest(), zero);
    }
}
