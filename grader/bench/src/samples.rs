//! Measurements of one thing, repeated.

use std::time::Duration;

use anyhow::Result;

/// What was measured, one number for each repetition. There is at least one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Samples(Vec<f64>);

impl Samples {
    /// These numbers, of which there must be one at least.
    pub(crate) fn new(mut numbers: Vec<f64>) -> Samples {
        assert!(!numbers.is_empty(), "nothing was measured");
        numbers.sort_by(f64::total_cmp);
        Samples(numbers)
    }

    pub(crate) fn min(&self) -> f64 {
        self.0[0]
    }

    pub(crate) fn max(&self) -> f64 {
        self.0[self.0.len() - 1]
    }

    /// The middle one, or the mean of the two in the middle.
    pub(crate) fn median(&self) -> f64 {
        let middle = self.0.len() / 2;
        match self.0.len() % 2 {
            0 => f64::midpoint(self.0[middle - 1], self.0[middle]),
            _ => self.0[middle],
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }
}

/// Measures several things by turns, so that what else the machine does
/// meets all of them alike. Each is given the number of the repetition; what
/// they give is in seconds.
pub(crate) fn by_turns<const N: usize>(
    repetitions: u32,
    mut sides: [&mut dyn FnMut(u32) -> Result<Duration>; N],
) -> Result<[Samples; N]> {
    let mut seconds: [Vec<f64>; N] = std::array::from_fn(|_| Vec::new());
    for repetition in 0..repetitions {
        for (side, seconds) in sides.iter_mut().zip(&mut seconds) {
            seconds.push(side(repetition)?.as_secs_f64());
        }
    }
    Ok(seconds.map(Samples::new))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_or_the_mean_of_the_two_middle_ones() {
        let samples = Samples::new(vec![9.0, 1.0, 2.0]);
        assert_eq!(
            (samples.min(), samples.median(), samples.max()),
            (1.0, 2.0, 9.0)
        );
        assert_eq!(Samples::new(vec![4.0, 1.0, 2.0, 9.0]).median(), 3.0);
        assert_eq!(Samples::new(vec![5.0]).median(), 5.0);
    }

    #[test]
    fn sides_take_turns() {
        let order = std::cell::RefCell::new(Vec::new());
        let side = |name: char| {
            let order = &order;
            move |repetition| {
                order.borrow_mut().push((name, repetition));
                Ok(Duration::from_secs(u64::from(repetition)))
            }
        };
        let [first, second] = by_turns(2, [&mut side('a'), &mut side('b')]).unwrap();
        assert_eq!(*order.borrow(), [('a', 0), ('b', 0), ('a', 1), ('b', 1)]);
        assert_eq!(first, second);
        assert_eq!(first, Samples::new(vec![0.0, 1.0]));
    }
}
