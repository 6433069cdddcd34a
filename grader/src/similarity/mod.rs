//! Which submissions for an exercise are more alike than chance would have it.
//!
//! Fingerprints of tokens, chosen by winnowing (Schleimer, Wilkerson and Aiken,
//! *Winnowing: Local Algorithms for Document Fingerprinting*, SIGMOD 2003), find the
//! pairs that have something in common, without comparing every two; those are then
//! laid beside each other by greedy string tiling (Wise, 1993), which tells the
//! regions. Names, literals, comments and blanks make no difference, nor does the
//! order of functions. What everybody was given, and what a large part of the class
//! has, counts for nothing.
//!
//! No verdict is drawn from any of this, and nothing here reads a file.

mod document;
mod fingerprints;
mod tiling;
mod tokens;

use std::cell::OnceCell;
use std::collections::BTreeMap;

use document::Document;
pub(crate) use document::Region;
use fingerprints::{ByGram, Grams};

/// Sources, by the files' names.
pub(crate) type Files = BTreeMap<String, String>;

/// What is compared: the submissions for one exercise.
#[derive(Debug, Clone, Default)]
pub(crate) struct Submissions<'a> {
    /// Those of the class.
    pub(crate) class: Vec<&'a Files>,
    /// Those that they are compared with, and not with each other: past years'.
    pub(crate) past: Vec<&'a Files>,
    /// What students begin with.
    pub(crate) starter: Option<&'a Files>,
    /// What else they were given: tests that they can see, code in a README.
    pub(crate) given: Vec<&'a Files>,
}

/// The other one of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Other {
    /// Another one of the class, by its place.
    Class(usize),
    /// One of the past, by its place.
    Past(usize),
    /// The starter, to which hardly anything was done.
    Starter,
}

/// Two that are alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pair {
    /// One of the class, by its place.
    pub(crate) one: usize,
    pub(crate) other: Other,
    /// How many tokens of each are in the other, too.
    pub(crate) tokens: [usize; 2],
    /// How many tokens each has that count.
    pub(crate) of: [usize; 2],
    /// What is alike: lines of the one, and lines of the other.
    pub(crate) regions: Vec<[Region; 2]>,
}

impl Pair {
    /// How much of each is in the other, in percent.
    pub(crate) fn shares(&self) -> [u32; 2] {
        [0, 1].map(|side| percent(self.tokens[side], self.of[side]))
    }

    /// How much of the one that has less of its own is in the other, in percent.
    pub(crate) fn percent(&self) -> u32 {
        let [one, other] = self.shares();
        one.max(other)
    }
}

fn percent(part: usize, of: usize) -> u32 {
    // A share, which is at most 100.
    (part * 100).checked_div(of).unwrap_or_default() as u32
}

/// From how much on two are told of, in percent, where nobody says otherwise. The
/// course's own right fixtures, which nobody wrote from one another, stay below.
pub(crate) const THRESHOLD: u32 = 70;
/// Less of one's own is what anybody may write: it is not compared.
const LEAST: usize = 100;
/// What more submissions than this have, and a larger part of all, is common.
const COMMON: usize = 6;
const COMMON_PART: usize = 5;
/// How much of what was handed in is the starter's, in percent, where hardly
/// anything was done to it.
const STARTER: u32 = 95;
/// Most pairs that are laid beside each other: those that have the largest parts of
/// their fingerprints in common.
const MOST: usize = 500;

/// What is alike.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// The pairs, those that are most alike first.
    pub(crate) pairs: Vec<Pair>,
    /// How many more have fingerprints enough in common to be looked at, and were
    /// not laid beside each other, since so many others have more.
    pub(crate) not_compared: usize,
}

/// The pairs of which at least so many percent of one are in the other.
pub(crate) fn pairs(submissions: &Submissions<'_>, threshold: u32) -> Found {
    let read = |files: &[&Files]| -> Vec<Document> {
        files.iter().map(|files| Document::read(files)).collect()
    };
    let (class, past) = (read(&submissions.class), read(&submissions.past));
    let starter = submissions.starter.map(Document::read);
    let mut given = Grams::default();
    for document in starter.iter().chain(&read(&submissions.given)) {
        given.extend(document.grams.iter().flatten());
    }
    let mut pairs = Vec::new();
    if let Some(starter) = &starter {
        pairs.extend(hardly_begun(&class, starter));
    }
    let all: Vec<&Document> = class.iter().chain(&past).collect();
    let common = common(&all);
    let counts = |gram: u64| !given.contains(&gram) && !common.contains(&gram);
    let all: Vec<Own<'_>> = all
        .into_iter()
        .map(|document| Own::of(document, counts))
        .collect();
    let (candidates, not_compared) = candidates(&all, class.len(), threshold);
    for (one, other) in candidates {
        let tokens = tiling::tiles(&all[one], &all[other]);
        let is_class = other < class.len();
        let pair = Pair {
            one,
            other: match is_class {
                true => Other::Class(other),
                false => Other::Past(other - class.len()),
            },
            tokens: tokens.tokens,
            of: [all[one].count, all[other].count],
            regions: tokens.regions,
        };
        if pair.percent() >= threshold {
            pairs.push(pair);
        }
    }
    let rank = |pair: &Pair| {
        let [one, other] = pair.tokens;
        let most = std::cmp::Reverse((pair.percent(), one + other));
        (most, pair.one, pair.other)
    };
    pairs.sort_by_key(rank);
    Found {
        pairs,
        not_compared,
    }
}

/// A document, and what of it is its author's own.
pub(super) struct Own<'a> {
    document: &'a Document,
    /// Which tokens count.
    counts: Vec<bool>,
    /// How many they are.
    count: usize,
    /// The grams that count, each with the place where it begins.
    grams: Vec<(u64, usize)>,
    /// The first places of each of them, once somebody asks.
    places: OnceCell<ByGram<Vec<usize>>>,
    /// Its fingerprints, sorted.
    fingerprints: Vec<u64>,
}

impl<'a> Own<'a> {
    fn of(document: &'a Document, gram_counts: impl Fn(u64) -> bool) -> Own<'a> {
        let grams = &document.grams;
        // What is in no gram of its own, as a file of a few words, does not count.
        let mut counts = vec![false; document.tokens.len()];
        let (own, others): (Vec<_>, Vec<_>) = (0..)
            .zip(grams)
            .filter_map(|(place, gram)| Some(((*gram)?, place)))
            .partition(|(gram, _)| gram_counts(*gram));
        for (grams, are_own) in [(&own, true), (&others, false)] {
            for (_, place) in grams {
                counts[*place..place + fingerprints::GRAM].fill(are_own);
            }
        }
        let mut fingerprints = fingerprints::winnowed(grams);
        fingerprints.retain(|gram| gram_counts(*gram));
        Own {
            document,
            count: counts.iter().filter(|counts| **counts).count(),
            counts,
            grams: own,
            places: OnceCell::new(),
            fingerprints,
        }
    }
}

/// Those of which nearly everything is the starter's.
fn hardly_begun(class: &[Document], starter: &Document) -> Vec<Pair> {
    let everything = |_| true;
    let starter = Own::of(starter, everything);
    let grams: Grams = starter.grams.iter().map(|(gram, _)| *gram).collect();
    let mut pairs = Vec::new();
    for (one, document) in class.iter().enumerate() {
        let own = Own::of(document, everything);
        let beyond = Own::of(document, |gram| !grams.contains(&gram)).count;
        if percent(own.count - beyond, own.count) < STARTER {
            continue;
        }
        let tiles = tiling::tiles(&own, &starter);
        pairs.push(Pair {
            one,
            other: Other::Starter,
            tokens: tiles.tokens,
            of: [own.count, starter.count],
            regions: tiles.regions,
        });
    }
    pairs
}

/// The grams that a large part of all have.
fn common(all: &[&Document]) -> Grams {
    let most = COMMON.max(all.len() / COMMON_PART);
    let mut owners: ByGram<(usize, usize)> = ByGram::default();
    for (number, document) in all.iter().enumerate() {
        for gram in document.grams.iter().flatten() {
            let (last, count) = owners.entry(*gram).or_insert((usize::MAX, 0));
            if *last != number {
                (*last, *count) = (number, *count + 1);
            }
        }
    }
    let common = owners.into_iter().filter(|(_, (_, count))| *count > most);
    common.map(|(gram, _)| gram).collect()
}

/// The pairs that have enough fingerprints in common to be looked at, and how many
/// there are beyond the most that are: the second of each is a later one of the
/// class, or one of the past.
fn candidates(all: &[Own<'_>], class: usize, threshold: u32) -> (Vec<(usize, usize)>, usize) {
    let mut with: ByGram<Vec<usize>> = ByGram::default();
    let is_long = |own: &Own<'_>| own.count >= LEAST;
    for (number, own) in all.iter().enumerate().filter(|(_, own)| is_long(own)) {
        for gram in &own.fingerprints {
            with.entry(*gram).or_default().push(number);
        }
    }
    let mut found = Vec::new();
    let mut shared = vec![0usize; all.len()];
    for (one, own) in all.iter().enumerate().take(class) {
        if !is_long(own) {
            continue;
        }
        let mut others = Vec::new();
        for gram in &own.fingerprints {
            for other in with[gram].iter().filter(|other| **other > one) {
                if shared[*other] == 0 {
                    others.push(*other);
                }
                shared[*other] += 1;
            }
        }
        others.sort_unstable();
        for other in others {
            let shared = std::mem::take(&mut shared[other]);
            let of = own.fingerprints.len().min(all[other].fingerprints.len());
            let share = percent(shared, of);
            // Fingerprints are a sample: they may tell of less than there is.
            if share * 2 >= threshold {
                found.push((std::cmp::Reverse(share), one, other));
            }
        }
    }
    found.sort_unstable();
    let beyond = found.len().saturating_sub(MOST);
    let pairs = found.into_iter().take(MOST);
    (pairs.map(|(_, one, other)| (one, other)).collect(), beyond)
}

#[cfg(test)]
mod tests;
