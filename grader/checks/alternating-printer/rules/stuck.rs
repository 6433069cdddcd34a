//! No execution gets stuck.

use judge::{Coverage, Execution, Fault, FindingKind, Judge, Stream};

use crate::evidence::{self, Evidence, is_judgeable};
use crate::numbers;

/// Leaves an execution that printed something out of turn to the rule on
/// order: that it gets stuck afterwards is one and the same fault.
pub(crate) struct Stuck {
    limit: u32,
    evidence: Evidence,
}

impl Stuck {
    pub(crate) fn new(limit: u32) -> Stuck {
        Stuck {
            limit,
            evidence: Evidence::default(),
        }
    }
}

impl Judge for Stuck {
    fn execution(&mut self, execution: &Execution) -> Result<(), Fault> {
        is_judgeable(execution)?;
        let ended = evidence::ended(execution);
        let shown = ended.is_ok()
            && (self.limit == 0 || !judge::output(execution, Stream::Stdout).is_empty());
        if numbers::is_beginning(&numbers::lines(execution), self.limit) {
            ended?;
        }
        self.evidence.note(execution, shown, || {
            let message = "not one schedule prints a number before the program ends";
            Fault::new(FindingKind::WrongOutput, message).sentence("C7")
        });
        Ok(())
    }

    fn end(&mut self, _: &Coverage) -> Result<(), Fault> {
        self.evidence.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{prints, stuck};

    fn judged(limit: u32, executions: &[Execution]) -> Result<(), FindingKind> {
        let mut rule = Stuck::new(limit);
        let mut judged = || {
            executions
                .iter()
                .try_for_each(|execution| rule.execution(execution))?;
            rule.end(&Coverage::default())
        };
        judged().map_err(|fault: Fault| fault.kind)
    }

    #[test]
    fn ending_is_enough_whatever_was_printed() {
        assert_eq!(
            judged(3, &[prints(&[(1, "1\n")]), prints(&[(1, "3\n1\n")])]),
            Ok(())
        );
    }

    #[test]
    fn a_deadlock_after_right_numbers_is_found() {
        let whole = prints(&[(1, "1\n"), (2, "2\n"), (1, "3\n")]);
        for printed in [&[][..], &[(1, "1\n")], &[(1, "1\n2\n3\n")]] {
            let executions = [whole.clone(), stuck(printed)];
            assert_eq!(
                judged(3, &executions),
                Err(FindingKind::Deadlock),
                "{printed:?}"
            );
        }
    }

    #[test]
    fn a_deadlock_after_numbers_out_of_turn_is_left_to_the_rule_on_order() {
        let whole = prints(&[(1, "1\n"), (2, "2\n"), (1, "3\n")]);
        let late = stuck(&[(2, "2\n")]);
        assert_eq!(judged(3, &[whole, late.clone()]), Ok(()));
        assert_eq!(judged(3, &[late]), Err(FindingKind::Deadlock));
    }

    #[test]
    fn a_program_that_does_nothing_shows_nothing() {
        assert_eq!(judged(3, &[prints(&[])]), Err(FindingKind::WrongOutput));
        assert_eq!(judged(0, &[prints(&[])]), Ok(()));
    }
}
