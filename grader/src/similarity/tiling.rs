//! Two documents laid beside each other: the longest stretches that are in both,
//! of which each token belongs to one at most.

use std::collections::BinaryHeap;

use super::Own;
use super::document::Region;
use super::fingerprints::{ByGram, GRAM};
use super::tokens::Token;

/// What is in both.
#[derive(Debug, Default)]
pub(super) struct Tiles {
    /// How many tokens of each that count.
    pub(super) tokens: [usize; 2],
    /// The lines, in the order of the first one's.
    pub(super) regions: Vec<[Region; 2]>,
}

/// Places that one gram is looked for at. Who writes the same again and again has
/// it found at the first ones.
const PLACES: usize = 8;

/// Most tokens that stretches have together. Texts that say the same for ever could
/// be laid beside each other in as many ways as they have words.
const WORK: usize = 1_000_000;

/// A stretch of tokens that both have; the longest is the greatest, and of equal
/// ones the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Tile {
    length: usize,
    from: std::cmp::Reverse<(usize, usize)>,
}

/// Lays two beside each other. It makes no difference which one is the first.
pub(super) fn tiles(one: &Own<'_>, other: &Own<'_>) -> Tiles {
    fn kinds<'a>(own: &'a Own<'_>) -> impl Iterator<Item = u8> + 'a {
        own.document.tokens.iter().map(|token| token.kind)
    }
    if kinds(one).le(kinds(other)) {
        return laid(one, other);
    }
    let turned = laid(other, one);
    let [of_other, of_one] = turned.tokens;
    let mut regions: Vec<[Region; 2]> = turned
        .regions
        .into_iter()
        .map(|[other, one]| [one, other])
        .collect();
    regions.sort();
    Tiles {
        tokens: [of_one, of_other],
        regions,
    }
}

fn laid(one: &Own<'_>, other: &Own<'_>) -> Tiles {
    let (a, b) = (&one.document.tokens, &other.document.tokens);
    let mut heap = BinaryHeap::from(stretches(one, other));
    let mut taken = (vec![false; a.len()], vec![false; b.len()]);
    let mut tiles = Tiles::default();
    while let Some(tile) = heap.pop() {
        let std::cmp::Reverse((i, j)) = tile.from;
        let is_free = |at: &usize| !taken.0[i + at] && !taken.1[j + at];
        let free: Vec<usize> = (0..tile.length).filter(is_free).collect();
        let (Some(first), Some(last)) = (free.first(), free.last()) else {
            continue;
        };
        // Longer ones, which have their places already, can only reach into its
        // ends: what is left between is free.
        let length = last - first + 1;
        if length < GRAM {
            continue;
        }
        if length < tile.length {
            let from = std::cmp::Reverse((i + first, j + first));
            heap.push(Tile { length, from });
            continue;
        }
        taken.0[i..i + length].fill(true);
        taken.1[j..j + length].fill(true);
        let count = |counts: &[bool]| counts.iter().filter(|counts| **counts).count();
        let own = [
            count(&one.counts[i..i + length]),
            count(&other.counts[j..j + length]),
        ];
        for (all, own) in tiles.tokens.iter_mut().zip(own) {
            *all += own;
        }
        tiles.regions.push([
            one.document.region(i, length),
            other.document.region(j, length),
        ]);
    }
    tiles.regions.sort();
    tiles
}

/// The longest stretches around each gram that both have.
fn stretches(one: &Own<'_>, other: &Own<'_>) -> Vec<Tile> {
    let (a, b) = (&one.document.tokens, &other.document.tokens);
    let places = other.places.get_or_init(|| places(other));
    // For each distance between the two, up to where it was looked at.
    let mut looked: ByGram<usize> = ByGram::default();
    let mut found = Vec::new();
    let mut work = 0;
    let same = |x: &Token, y: &Token, near: (&Token, &Token)| {
        x.kind == y.kind && x.file == near.0.file && y.file == near.1.file
    };
    for (gram, i) in &one.grams {
        for j in places.get(gram).into_iter().flatten() {
            let end = looked.entry((b.len() + i - j) as u64).or_default();
            let near = (&a[*i], &b[*j]);
            if *i < *end || work > WORK {
                continue;
            }
            let mut gram = a[*i..i + GRAM].iter().zip(&b[*j..j + GRAM]);
            // Two grams may have one number, though hardly ever.
            if !gram.all(|(x, y)| same(x, y, near)) {
                continue;
            }
            let before = a[..*i].iter().rev().zip(b[..*j].iter().rev());
            let back = before.take_while(|(x, y)| same(x, y, near)).count();
            let after = a[*i..].iter().zip(&b[*j..]);
            let length = back + after.take_while(|(x, y)| same(x, y, near)).count();
            let (from, to) = (i - back, j - back);
            *end = from + length;
            work += length;
            found.push(Tile {
                length,
                from: std::cmp::Reverse((from, to)),
            });
        }
    }
    found
}

/// The first places of each gram that counts.
fn places(own: &Own<'_>) -> ByGram<Vec<usize>> {
    let mut all: ByGram<Vec<usize>> = ByGram::default();
    for (gram, place) in &own.grams {
        let places = all.entry(*gram).or_default();
        if places.len() < PLACES {
            places.push(*place);
        }
    }
    all
}
