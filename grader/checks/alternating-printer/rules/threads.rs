//! One thread prints the odd numbers, another one the even ones.

use judge::{Coverage, Execution, Fault, FindingKind, Judge, thread_name};

use crate::evidence::{Evidence, is_judgeable};
use crate::numbers::{self, Printed};

/// The sentence that a thread writes the whole line of its number by itself.
const BY_ITSELF: &str = "C3";

/// Looks at who wrote each number, not at their order.
pub(crate) struct Threads {
    /// The numbers that one execution must show; `None` where those that are
    /// printed are all that counts.
    limit: Option<u32>,
    evidence: Evidence,
}

impl Threads {
    pub(crate) fn new(limit: u32) -> Threads {
        Threads {
            limit: Some(limit),
            evidence: Evidence::default(),
        }
    }

    /// For a single schedule, which may be one that prints nothing.
    pub(crate) fn of_printed() -> Threads {
        Threads {
            limit: None,
            evidence: Evidence::default(),
        }
    }
}

impl Judge for Threads {
    fn execution(&mut self, execution: &Execution) -> Result<(), Fault> {
        is_judgeable(execution)?;
        // The first number of each kind, with the one thread that printed it.
        let mut odd: Option<(u32, u32)> = None;
        let mut even: Option<(u32, u32)> = None;
        for Printed { number, threads } in numbers::printed(execution) {
            let thread = only_writer(execution, number, &threads)?;
            let (own, other) = if number % 2 == 1 {
                (&mut odd, &even)
            } else {
                (&mut even, &odd)
            };
            let same_kind = own.get_or_insert((number, thread));
            if same_kind.1 != thread {
                return Err(two_threads(execution, *same_kind, (number, thread)));
            }
            if let Some(other) = other.filter(|other| other.1 == thread) {
                return Err(one_thread(execution, other, number));
            }
        }
        let Some(limit) = self.limit else {
            return Ok(());
        };
        // Up to 1 there is no even number, and up to 0 no number at all.
        let shown = (odd.is_some() || limit < 1) && (even.is_some() || limit < 2);
        let kinds = if limit < 2 {
            "an odd number"
        } else {
            "an odd and an even number"
        };
        self.evidence.note(execution, shown, || {
            let message = format!("not one schedule prints {kinds}");
            Fault::new(FindingKind::WrongOutput, message)
        });
        Ok(())
    }

    fn end(&mut self, _: &Coverage) -> Result<(), Fault> {
        self.evidence.end()
    }
}

fn only_writer(execution: &Execution, number: u32, threads: &[u32]) -> Result<u32, Fault> {
    match threads {
        [0] => Err(wrong(format!(
            "main printed {number}: a number is printed by one of the two threads besides main"
        ))),
        &[thread] => Ok(thread),
        several => {
            let names: Vec<String> = several
                .iter()
                .map(|&thread| thread_name(execution, thread))
                .collect();
            Err(wrong(format!(
                "{} wrote the line {number} together: a thread writes its number and the newline \
                 after it by itself",
                names.join(" and ")
            ))
            .sentence(BY_ITSELF))
        }
    }
}

fn two_threads(execution: &Execution, first: (u32, u32), second: (u32, u32)) -> Fault {
    let kind = if first.0 % 2 == 1 { "odd" } else { "even" };
    wrong(format!(
        "{} printed {}, but {} printed {}: the {kind} numbers all belong to one thread",
        thread_name(execution, first.1),
        first.0,
        thread_name(execution, second.1),
        second.0,
    ))
}

fn one_thread(execution: &Execution, (other, thread): (u32, u32), number: u32) -> Fault {
    wrong(format!(
        "{} printed both {other} and {number}: one thread prints the odd numbers, another one the \
         even ones",
        thread_name(execution, thread),
    ))
}

fn wrong(message: String) -> Fault {
    Fault::new(FindingKind::WrongThread, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{prints, stuck};

    fn judged(executions: &[Execution]) -> Result<(), Fault> {
        let mut threads = Threads::new(4);
        executions
            .iter()
            .try_for_each(|execution| threads.execution(execution))?;
        threads.end(&Coverage::default())
    }

    fn message(execution: Execution) -> String {
        let fault = judged(&[execution]).unwrap_err();
        assert_eq!(fault.kind, FindingKind::WrongThread);
        fault.message
    }

    #[test]
    fn any_two_threads_but_main_will_do() {
        assert_eq!(
            judged(&[prints(&[(3, "1\n"), (1, "2\n"), (3, "3"), (3, "\n")])]),
            Ok(())
        );
    }

    #[test]
    fn the_order_is_not_this_rules_matter() {
        assert_eq!(
            judged(&[prints(&[(2, "2\n"), (2, "4\n"), (1, "1\n3\n")])]),
            Ok(())
        );
        assert_eq!(
            judged(&[stuck(&[(1, "1\n")]), prints(&[(1, "1\n"), (2, "2\n")])]),
            Ok(())
        );
    }

    #[test]
    fn the_main_thread_prints_nothing() {
        assert_eq!(
            message(prints(&[(0, "1\n")])),
            "main printed 1: a number is printed by one of the two threads besides main"
        );
    }

    #[test]
    fn one_thread_does_not_print_for_both() {
        assert_eq!(
            message(prints(&[(1, "1\n"), (1, "2\n")])),
            "T1 printed both 1 and 2: one thread prints the odd numbers, another one the even ones"
        );
    }

    #[test]
    fn a_kind_of_numbers_belongs_to_one_thread() {
        assert_eq!(
            message(prints(&[(1, "1\n"), (2, "2\n"), (3, "4\n")])),
            "T2 printed 2, but T3 printed 4: the even numbers all belong to one thread"
        );
    }

    #[test]
    fn the_newline_belongs_to_the_number() {
        assert_eq!(
            message(prints(&[(1, "1"), (2, "\n")])),
            "T1 and T2 wrote the line 1 together: a thread writes its number and the newline after \
             it by itself"
        );
    }

    #[test]
    fn the_only_number_is_not_printed_by_main() {
        let judged = |execution| {
            let mut threads = Threads::new(1);
            threads.execution(&execution)?;
            threads.end(&Coverage::default())
        };
        assert_eq!(judged(prints(&[(2, "1\n")])), Ok(()));
        assert_eq!(
            judged(prints(&[(0, "1\n")])).unwrap_err().kind,
            FindingKind::WrongThread
        );
        assert_eq!(
            judged(prints(&[])).unwrap_err().message,
            "not one schedule prints an odd number"
        );
    }

    #[test]
    fn a_single_schedule_need_not_show_anything() {
        let judged = |execution| Threads::of_printed().execution(&execution);
        assert_eq!(judged(prints(&[])), Ok(()));
        assert!(judged(prints(&[(0, "1\n")])).is_err());
    }

    #[test]
    fn both_kinds_must_be_printed_somewhere() {
        let fault = judged(&[prints(&[(1, "1\n")])]).unwrap_err();
        assert_eq!(
            fault.message,
            "not one schedule prints an odd and an even number"
        );
    }
}
