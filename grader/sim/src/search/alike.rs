//! Threads that are about to do the same.
//!
//! Of a hundred threads ninety-nine may write and one read. Who chooses between
//! threads lets the reader run once in a hundred steps, so it seldom comes twice
//! between two steps of one writer; yet which of the writers goes on makes
//! hardly a difference. Here those whose next steps are at one place of the
//! source share the weight that one of them has, so that the choice is between
//! things to do, and how many others there are is of no account.

use std::panic::Location;

/// Any number of threads up to 16 share it without a remainder.
const WHOLE: u64 = 720_720;

/// Where the next steps of threads are.
#[derive(Default)]
pub(super) struct Alike {
    places: Vec<Option<&'static Location<'static>>>,
}

impl Alike {
    /// The next step of this thread is at this place.
    pub(super) fn is_at(&mut self, thread: u32, place: &'static Location<'static>) {
        let thread = thread as usize;
        if self.places.len() <= thread {
            self.places.resize(thread + 1, None);
        }
        self.places[thread] = Some(place);
    }

    /// Divides the weight of each of these threads by how many of them are
    /// about to do the same.
    pub(super) fn share(&self, threads: &[u32], weights: &mut [u64]) {
        // Places are compared by what they say: one may have several addresses.
        let place = |thread: &u32| self.places.get(*thread as usize).copied().flatten();
        let mut places: Vec<_> = threads.iter().map(place).collect();
        places.sort_unstable();
        for (thread, weight) in threads.iter().zip(weights) {
            let own = place(thread);
            let before = places.partition_point(|other| *other < own);
            let until = places.partition_point(|other| *other <= own);
            *weight = (*weight * WHOLE / (until - before).max(1) as u64).max(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_that_do_the_same_share_a_weight() {
        let (here, there) = (Location::caller(), Location::caller());
        let mut alike = Alike::default();
        for thread in [1, 2, 3, 5] {
            alike.is_at(thread, here);
        }
        alike.is_at(4, there);
        alike.is_at(5, there);
        let mut weights = [2, 2, 2, 6, 6];
        alike.share(&[1, 2, 3, 4, 5], &mut weights);
        let third = WHOLE / 3;
        let expected = [2 * third, 2 * third, 2 * third, 3 * WHOLE, 3 * WHOLE];
        assert_eq!(weights, expected);
    }

    #[test]
    fn one_that_does_something_else_has_as_much_as_all_others() {
        let (writes, reads) = (Location::caller(), Location::caller());
        let mut alike = Alike::default();
        (0..99).for_each(|thread| alike.is_at(thread, writes));
        alike.is_at(99, reads);
        let threads: Vec<u32> = (0..100).collect();
        let mut weights = vec![3; 100];
        alike.share(&threads, &mut weights);
        let others: u64 = weights[..99].iter().sum();
        assert!(weights[99].abs_diff(others) < 100);
    }
}
