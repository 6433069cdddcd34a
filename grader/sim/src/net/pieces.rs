//! How much of what is there a read gives, and how much a write takes.
//!
//! All of it, unless a choice says otherwise, for which an execution has a
//! budget. A program that takes one `read` for one message is caught by a cut
//! at any place; one that looks for a byte or two at the end of what it has
//! got, by a cut at just the right one.

use crate::kernel;

/// Up to this many bytes, a read may give any number of them.
const FEW: usize = 17;
/// Of more, it may give the first ones and all but the last ones.
const EACH: usize = 8;
/// Ends of lines around which it may end.
const LINES: usize = 3;

/// How many bytes a read gives, of these.
pub(super) fn read(bytes: &[u8]) -> usize {
    one_of(bytes.len(), || cuts(bytes))
}

/// How many bytes a write takes, of `rest` that are left and of which `most`
/// fit in now; `None` when it takes all in the end.
pub(super) fn write(most: usize, rest: usize) -> Option<usize> {
    // For a reader, it is like a read that gives less.
    let mut cuts = vec![1, most / 2, most - 1];
    cuts.retain(|cut| (1..most).contains(cut));
    cuts.dedup();
    if most < rest {
        cuts.push(most);
    }
    let taken = one_of(rest, || cuts);
    (taken < rest).then_some(taken)
}

/// All, or one of these numbers.
fn one_of(all: usize, cuts: impl FnOnce() -> Vec<usize>) -> usize {
    let left = super::with(|network| network.pieces);
    if all < 2 || left == 0 || kernel::is_peer() {
        return all;
    }
    let cuts = cuts();
    match kernel::choose(cuts.len() + 1, true) {
        0 => all,
        option => {
            super::with(|network| network.pieces -= 1);
            cuts[option - 1]
        }
    }
}

/// Where these bytes may be cut, in order.
fn cuts(bytes: &[u8]) -> Vec<usize> {
    let all = bytes.len();
    if all <= FEW {
        return (1..all).collect();
    }
    let mut cuts: Vec<usize> = (1..=EACH).chain(all - EACH..all).collect();
    cuts.extend([all / 4, all / 2, all / 4 * 3]);
    let lines = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    for (end, _) in lines.take(LINES) {
        cuts.extend([end, end + 1, end + 2]);
    }
    cuts.retain(|cut| (1..all).contains(cut));
    cuts.sort_unstable();
    cuts.dedup();
    cuts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_bytes_are_cut_everywhere() {
        assert_eq!(cuts(b"abcd"), [1, 2, 3]);
        assert_eq!(cuts(&[0; FEW]).len(), FEW - 1);
    }

    #[test]
    fn many_bytes_are_cut_at_both_ends_and_around_lines() {
        let mut bytes = vec![b'x'; 1000];
        bytes[100] = b'\n';
        let cuts = cuts(&bytes);
        for cut in [1, 8, 100, 101, 102, 250, 500, 750, 992, 999] {
            assert!(cuts.contains(&cut), "{cut}");
        }
        assert_eq!(cuts.len(), 22);
    }
}
