//! What a pass means: which schedules a check holds in, in words that are true
//! of all its scenarios together.

use verdict::Coverage;

use crate::report::grouped;

/// The sentence for a check that passed all of these.
pub(super) fn sentence(scenarios: &[Coverage]) -> String {
    let schedules: u64 = scenarios
        .iter()
        .map(|run| run.bounded + run.random + run.held_up)
        .sum();
    let complete = scenarios.iter().all(|run| run.complete);
    // Where every schedule was run, no number of preemptions limits the claim.
    let bound = scenarios
        .iter()
        .filter(|run| !run.complete)
        .map(|run| run.preemptions)
        .min()
        .flatten();
    match (complete, schedules) {
        (true, 1) => "holds in every schedule".to_owned(),
        (true, _) => format!("holds in all {} schedules", grouped(schedules)),
        (false, _) => {
            let among = match bound {
                None => String::new(),
                Some(0) => ", among them all without a preemption".to_owned(),
                Some(1) => ", among them all with at most 1 preemption".to_owned(),
                Some(bound) => format!(", among them all with at most {bound} preemptions"),
            };
            format!("holds in {} schedules{among}", grouped(schedules))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(bounded: u64, preemptions: Option<u32>, complete: bool, random: u64) -> Coverage {
        Coverage {
            bounded,
            preemptions,
            complete,
            random,
            ..Coverage::default()
        }
    }

    #[test]
    fn the_sentence_claims_no_more_than_the_weakest_scenario() {
        let table: [(&[Coverage], &str); 6] = [
            (&[run(1, Some(3), true, 0)], "holds in every schedule"),
            (
                &[run(1400, Some(9), true, 0), run(82, Some(3), true, 0)],
                "holds in all 1,482 schedules",
            ),
            (
                &[
                    run(3000, Some(3), false, 300),
                    run(2000, Some(2), false, 0),
                    run(5, Some(1), true, 0),
                ],
                "holds in 5,305 schedules, among them all with at most 2 preemptions",
            ),
            (
                &[run(7, Some(1), false, 0)],
                "holds in 7 schedules, among them all with at most 1 preemption",
            ),
            (
                &[run(7, Some(0), false, 0)],
                "holds in 7 schedules, among them all without a preemption",
            ),
            (
                &[run(3000, None, false, 1_000_000), run(5, Some(3), false, 0)],
                "holds in 1,003,005 schedules",
            ),
        ];
        for (scenarios, expected) in table {
            assert_eq!(sentence(scenarios), expected);
        }
    }
}
