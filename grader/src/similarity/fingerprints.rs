//! Grams of tokens as numbers, and which of these are a document's fingerprints.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

/// Something for each of many grams.
pub(super) type ByGram<T> = HashMap<u64, T, BuildHasherDefault<Mixed>>;
/// Grams.
pub(super) type Grams = HashSet<u64, BuildHasherDefault<Mixed>>;

/// Hashes numbers that are as good as random, of which there are hundreds of
/// thousands.
#[derive(Debug, Default)]
pub(super) struct Mixed(u64);

impl Hasher for Mixed {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(self.0 ^ u64::from(*byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// How many tokens a gram has: what is shorter is not found. Chosen so that the
/// course's own right fixtures, which differ in style, have little in common.
pub(super) const GRAM: usize = 24;
/// Of so many grams one after the other, at least one is a fingerprint: what is
/// alike for `GRAM + WINDOW - 1` tokens is found in any case.
pub(super) const WINDOW: usize = 8;

/// The number of a gram; the same everywhere.
pub(super) fn gram(kinds: impl Iterator<Item = u8>) -> u64 {
    // FNV-1a, and at its end what splitmix64 does, since the smallest are chosen.
    let hash = kinds.fold(0xcbf2_9ce4_8422_2325u64, |hash, kind| {
        (hash ^ u64::from(kind)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

/// The fingerprints, sorted, each once: of every window of grams the smallest one.
/// A place without a gram, where a file ends, ends a window.
pub(super) fn winnowed(grams: &[Option<u64>]) -> Vec<u64> {
    let mut chosen = Vec::new();
    for run in grams.split(Option::is_none) {
        let run: Vec<u64> = run.iter().copied().flatten().collect();
        let windows = run.windows(WINDOW.min(run.len()).max(1));
        chosen.extend(windows.filter_map(|window| window.iter().min()));
    }
    chosen.sort_unstable();
    chosen.dedup();
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_window_has_a_fingerprint_and_short_texts_have_one() {
        let grams: Vec<Option<u64>> = (0..100u8).map(|n| Some(gram([n].into_iter()))).collect();
        let chosen = winnowed(&grams);
        for window in grams.windows(WINDOW) {
            assert!(window.iter().flatten().any(|gram| chosen.contains(gram)));
        }
        // About two of the window's length and one more.
        assert!(
            (100 / WINDOW..50).contains(&chosen.len()),
            "{}",
            chosen.len()
        );
        assert_eq!(winnowed(&grams[..3]).len(), 1);
        assert_eq!(winnowed(&[None, grams[0], None]).len(), 1);
        assert!(winnowed(&[]).is_empty() && winnowed(&[None]).is_empty());
    }
}
