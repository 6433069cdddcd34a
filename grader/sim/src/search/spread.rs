//! Walks that spread over all interleavings.
//!
//! Walks that are drawn one by one cluster: some parts of what there is are seen
//! again and again, others late. Here a walk is one number between 0 and 1,
//! whose digits are its choices, each to the base of its weights (as in
//! arithmetic decoding). So interleavings that begin alike are an interval as
//! wide as they are likely, and numbers that are evenly spread reach each
//! interval about as often as it should be: multiples of the golden ratio, the
//! sequence that leaves the smallest gaps.

/// The walk's number, as far as it was not used.
pub(super) struct Spread {
    /// As a fraction of 2^64.
    number: u64,
    /// How wide the interval is that it was drawn from, as such a fraction.
    width: u64,
}

/// The interval that has no digits left: below it lie rounding errors.
const NARROW: u64 = 1 << 32;

impl Spread {
    /// The number of the `index`-th walk, of those that have this start.
    pub(super) fn new(start: u64, index: u64) -> Spread {
        Spread {
            number: start.wrapping_add(index.wrapping_mul(super::GOLDEN)),
            width: u64::MAX,
        }
    }

    /// Draws the index of one of these weights, while there are digits.
    pub(super) fn draw(&mut self, weights: &[u64]) -> Option<usize> {
        let total: u64 = weights.iter().sum();
        if self.width < NARROW || total == 0 {
            return None;
        }
        let place = u128::from(self.number) * u128::from(total);
        let mut before = 0u128;
        for (index, weight) in weights.iter().enumerate() {
            let weight = u128::from(*weight);
            if place >> 64 < before + weight {
                // Both are below 2^64: the place is within the weight, and the
                // weight within the total.
                self.number = ((place - (before << 64)) / weight) as u64;
                self.width = (u128::from(self.width) * weight / u128::from(total)) as u64;
                return Some(index);
            }
            before += weight;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which ways the first walks go, each of three choices between two.
    fn ways(walks: u64, weights: [u64; 2]) -> Vec<usize> {
        let way = |index| {
            let mut spread = Spread::new(12_345, index);
            (0..3).fold(0, |way, _| way * 2 + spread.draw(&weights).unwrap_or(9))
        };
        (0..walks).map(way).collect()
    }

    #[test]
    fn ways_that_are_as_likely_are_gone_as_often() {
        let ways = ways(80, [1, 1]);
        for way in 0..8 {
            let times = ways.iter().filter(|other| **other == way).count();
            assert!((8..=12).contains(&times), "{way}: {times}");
        }
    }

    #[test]
    fn what_is_more_likely_comes_more_often() {
        let ways = ways(640, [3, 1]);
        let times = |way| ways.iter().filter(|other| **other == way).count();
        assert!((262..=278).contains(&times(0)), "{}", times(0));
        assert!((8..=12).contains(&times(7)), "{}", times(7));
    }

    #[test]
    fn digits_come_to_an_end() {
        let mut spread = Spread::new(7, 3);
        let drawn = (0..100).map_while(|_| spread.draw(&[1, 1])).count();
        assert_eq!(drawn, 32);
    }
}
