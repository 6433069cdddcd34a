//! What a pass means: which schedules a check holds in, in words that are true
//! of all its scenarios together.

use verdict::Coverage;

use crate::report::grouped;

/// Where one scenario was kept.
#[derive(Debug, Clone, Default)]
pub(crate) struct Held {
    /// In these schedules, where it was run in the simulation.
    schedules: Option<Coverage>,
    /// On the real system, too, or only there.
    pub(super) on_the_system: bool,
}

impl Held {
    /// In these schedules.
    pub(super) fn in_schedules(coverage: Coverage) -> Held {
        Held {
            schedules: Some(coverage),
            on_the_system: false,
        }
    }

    /// On the real system only.
    pub(super) fn on_the_system() -> Held {
        Held {
            schedules: None,
            on_the_system: true,
        }
    }
}

/// The sentence for a check that passed all of these.
pub(super) fn sentence(scenarios: &[Held]) -> String {
    let schedules: Vec<&Coverage> = scenarios
        .iter()
        .filter_map(|held| held.schedules.as_ref())
        .collect();
    let system = scenarios.iter().any(|held| held.on_the_system);
    match (schedules.is_empty(), system) {
        (true, true) => "holds on the real system".to_owned(),
        (false, true) => format!("{}, and on the real system", in_schedules(&schedules)),
        (_, false) => in_schedules(&schedules),
    }
}

fn in_schedules(scenarios: &[&Coverage]) -> String {
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
            let held: Vec<Held> = scenarios.iter().cloned().map(Held::in_schedules).collect();
            assert_eq!(sentence(&held), expected);
        }
    }

    #[test]
    fn the_real_system_is_told_of() {
        let searched = Held::in_schedules(run(7, Some(3), true, 0));
        let both = Held {
            on_the_system: true,
            ..searched.clone()
        };
        let only = Held::on_the_system();
        let table: [(&[Held], &str); 3] = [
            (std::slice::from_ref(&only), "holds on the real system"),
            (&[both], "holds in all 7 schedules, and on the real system"),
            (
                &[searched, only.clone()],
                "holds in all 7 schedules, and on the real system",
            ),
        ];
        for (held, expected) in table {
            assert_eq!(sentence(held), expected);
        }
    }
}
