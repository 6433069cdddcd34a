//! The keys of `RandomState`, kept apart for each simulated thread.
//!
//! std draws the keys of hashes for each thread of the system once, and counts one of
//! them up with each `RandomState`. All simulated threads run on one thread of the
//! system: its count would tell each of them how many hashes the others have made. So
//! it is put aside with a simulated thread, and comes back with it. Where std keeps it,
//! it does not say; it is found as the one place that holds what the next
//! `RandomState` has, and goes on with each.

use std::hash::RandomState;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::image::{self, Image};

/// The address of std's keys; 0 while it is not known.
static AT: AtomicUsize = AtomicUsize::new(0);

/// The keys of the next `RandomState`.
pub(crate) type Keys = [u64; 2];

/// What each thread begins with: the bytes of [`getrandom`](super::clock::getrandom).
pub(crate) const FIRST: Keys = {
    let mut keys = [0; 2];
    let mut index = 0;
    while index < 16 {
        keys[index / 8] |= (super::clock::random(index) as u64) << (8 * (index % 8));
        index += 1;
    }
    keys
};

/// Finds std's keys. Where they are not found, std has drawn none.
pub(crate) fn find() {
    let before = Image::take();
    let next = || {
        // The keys of a `RandomState` are all that it has.
        const { assert!(size_of::<RandomState>() == size_of::<Keys>()) };
        // SAFETY: both are two numbers, of which any is a value.
        let [first, second]: Keys = unsafe { std::mem::transmute(RandomState::new()) };
        [first.wrapping_add(1), second]
    };
    let mut places = places_of(next());
    for _ in 0..2 {
        let now = next();
        // SAFETY: the places are readable memory of this executable.
        places.retain(|at| unsafe { *(*at as *const Keys) } == now);
    }
    // Of two places better none than the wrong one.
    match places.as_slice() {
        [found] => AT.store(*found, Ordering::Relaxed),
        // SAFETY: nothing has happened since but what is above.
        _ => unsafe { before.restore() },
    }
}

/// Where in static memory there are these keys.
fn places_of(keys: Keys) -> Vec<usize> {
    let holds = |(start, length): (usize, usize)| {
        let start = start.next_multiple_of(align_of::<Keys>());
        let places = (start..).step_by(align_of::<Keys>());
        let places = places.take(length.saturating_sub(size_of::<Keys>() - 1) / align_of::<Keys>());
        // SAFETY: the range is mapped, readable and initialised: it is a segment of
        // this executable, or its thread-local block.
        places.filter(move |at| unsafe { *(*at as *const Keys) } == keys)
    };
    image::ranges().into_iter().flat_map(holds).collect()
}

/// The keys that are there now.
pub(crate) fn get() -> Keys {
    match AT.load(Ordering::Relaxed) {
        0 => FIRST,
        // SAFETY: std has its keys there.
        at => unsafe { *(at as *const Keys) },
    }
}

/// Makes these the keys of the next `RandomState`.
pub(crate) fn set(keys: Keys) {
    match AT.load(Ordering::Relaxed) {
        0 => {}
        // SAFETY: std has its keys there, and only this thread of the system uses them.
        at => unsafe { *(at as *mut Keys) = keys },
    }
}

#[cfg(test)]
mod tests {
    use std::hash::BuildHasher as _;

    use super::*;

    #[test]
    fn the_next_state_has_the_keys_that_were_set() {
        find();
        assert_ne!(AT.load(Ordering::Relaxed), 0);
        let hashes = || [RandomState::new(), RandomState::new()].map(|state| state.hash_one(7));
        set(FIRST);
        let first = hashes();
        assert_ne!(first, hashes());
        set(FIRST);
        assert_eq!(first, hashes());
        assert_eq!(get()[1], FIRST[1]);
    }
}
