//! Makes a counterexample simpler: fewest preemptions first, then the fewest
//! steps, then the fewest changes between threads.
//!
//! The bounded search finds one with the fewest preemptions by itself where it has
//! time for all that have fewer; one that a randomized scheduler came upon has dozens
//! of choices that have nothing to do with the fault. Each is taken back in turn, and stays so where the
//! execution is simpler for it and still has a fault of the same kind.

use std::fmt;

use anyhow::Result;
use verdict::{Execution, What};

/// Most executions that are run to simplify one.
const TRIES: usize = 100;

/// A schedule by its choices that are not the default.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Choices {
    /// How fine its steps are.
    mode: String,
    /// Which choice, and the option taken there.
    taken: Vec<(String, String)>,
}

impl Choices {
    /// Reads a schedule; `None` where a thread is held up in it, which is
    /// simple already.
    fn read(schedule: &str) -> Option<Choices> {
        let (mode, rest) = schedule.split_at_checked(1)?;
        let entries = rest.split('-').filter(|_| !rest.is_empty());
        let taken = entries
            .map(|entry| {
                let (index, option) = entry.split_once('.')?;
                let plain = option.bytes().all(|byte| byte.is_ascii_digit());
                plain.then(|| (index.to_owned(), option.to_owned()))
            })
            .collect::<Option<_>>()?;
        Some(Choices {
            mode: mode.to_owned(),
            taken,
        })
    }

    /// The same without these choices, which become the default.
    fn without(&self, range: std::ops::Range<usize>) -> Choices {
        let mut choices = self.clone();
        choices.taken.drain(range);
        choices
    }
}

impl fmt::Display for Choices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let taken = self.taken.iter();
        let taken: Vec<_> = taken
            .map(|(index, option)| format!("{index}.{option}"))
            .collect();
        write!(f, "{}{}", self.mode, taken.join("-"))
    }
}

/// How simple an execution is; the least is the simplest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Measure {
    preemptions: u32,
    steps: usize,
    switches: usize,
}

impl Measure {
    /// Of an execution that was recorded with its steps.
    pub(super) fn of(execution: &Execution) -> Measure {
        let steps = execution
            .events
            .iter()
            .filter_map(|event| match &event.what {
                What::Step(step) => Some(step),
                _ => None,
            });
        Measure {
            preemptions: execution.preemptions,
            steps: steps.clone().count(),
            switches: steps.filter(|step| step.switch.is_some()).count(),
        }
    }
}

/// The simplest schedule that can be had from this one by taking choices back.
/// `again` runs one and measures it, if it has the fault.
///
/// # Errors
/// Those of `again`.
pub(super) fn minimized(
    schedule: &str,
    mut again: impl FnMut(&str) -> Result<Option<Measure>>,
) -> Result<String> {
    let Some(mut best) = Choices::read(schedule).filter(|choices| !choices.taken.is_empty()) else {
        return Ok(schedule.to_owned());
    };
    let Some(mut least) = again(schedule)? else {
        // The fault is not one of this execution alone.
        return Ok(schedule.to_owned());
    };
    let mut tries = 0;
    let mut size = best.taken.len();
    // Many at a time first, as in delta debugging.
    while size > 0 {
        let mut end = best.taken.len();
        while end > 0 && tries < TRIES {
            let begin = end.saturating_sub(size);
            let candidate = best.without(begin..end);
            tries += 1;
            match again(&candidate.to_string())? {
                Some(measure) if measure <= least => (best, least) = (candidate, measure),
                _ => {}
            }
            end = begin;
        }
        size /= 2;
    }
    Ok(best.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Minimizes where `fault` says which choices are needed.
    fn minimize(schedule: &str, fault: impl Fn(&str) -> bool) -> (String, usize) {
        let mut runs = 0;
        let minimized = minimized(schedule, |candidate| {
            runs += 1;
            let choices = candidate.matches('.').count();
            Ok(fault(candidate).then_some(Measure {
                preemptions: 0,
                steps: choices,
                switches: 0,
            }))
        });
        (minimized.unwrap(), runs)
    }

    #[test]
    fn what_is_not_needed_is_taken_back() {
        let (schedule, _) = minimize("b1.1-3.2-7.1-20.3-21.1", |candidate| {
            candidate.contains("3.2") && candidate.contains("21.1")
        });
        assert_eq!(schedule, "b3.2-21.1");
        let (schedule, runs) = minimize("a1.1-3.2", |_| true);
        assert_eq!((schedule.as_str(), runs), ("a", 2));
    }

    #[test]
    fn a_long_schedule_takes_a_bounded_number_of_runs() {
        let choices: Vec<_> = (0..5_000).map(|index| format!("{index}.1")).collect();
        let (schedule, runs) = minimize(&format!("a{}", choices.join("-")), |candidate| {
            candidate.contains("-4321.1")
        });
        assert!(runs <= TRIES + 1, "{runs}");
        assert!(schedule.matches('-').count() < 200, "{schedule}");
    }

    #[test]
    fn what_cannot_be_minimized_stays() {
        assert_eq!(minimize("a", |_| true), ("a".to_owned(), 0));
        assert_eq!(minimize("a3.1h2.5", |_| true), ("a3.1h2.5".to_owned(), 0));
        assert_eq!(minimize("a3.1", |_| false), ("a3.1".to_owned(), 1));
    }
}
