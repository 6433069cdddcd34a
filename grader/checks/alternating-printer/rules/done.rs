//! When the program ends, its work is done.

use std::collections::HashSet;

use judge::{Coverage, Execution, Fault, FindingKind, Judge};

use crate::evidence::{self, Evidence, is_judgeable};
use crate::numbers;

/// Looks at executions that end by themselves: those that get stuck never say
/// that they are done.
pub(crate) struct Done {
    limit: u32,
    evidence: Evidence,
}

impl Done {
    pub(crate) fn new(limit: u32) -> Done {
        Done {
            limit,
            evidence: Evidence::default(),
        }
    }
}

impl Judge for Done {
    fn execution(&mut self, execution: &Execution) -> Result<(), Fault> {
        is_judgeable(execution)?;
        let ended = evidence::ended(execution);
        if let Ok(code) = ended {
            is_done(execution, code, self.limit)?;
        }
        self.evidence.note(execution, ended.is_ok(), || {
            Fault::new(
                FindingKind::WrongExitCode,
                "not one schedule lets the program end",
            )
        });
        Ok(())
    }

    fn end(&mut self, _: &Coverage) -> Result<(), Fault> {
        self.evidence.end()
    }
}

fn is_done(execution: &Execution, code: i32, limit: u32) -> Result<(), Fault> {
    let printed: HashSet<u32> = numbers::printed(execution)
        .iter()
        .map(|printed| printed.number)
        .collect();
    let missing = (1..=limit).find(|number| !printed.contains(number));
    if code != 0 || missing.is_some() {
        // A panic is why the numbers are missing or the code is 101.
        evidence::no_panic(execution)?;
    }
    if let Some(missing) = missing {
        let message =
            format!("the program ended with exit code {code} before {missing} was printed");
        return Err(Fault::new(FindingKind::WrongOutput, message));
    }
    if code != 0 {
        let message =
            format!("the exit code is {code} although all numbers were printed; it should be 0");
        return Err(Fault::new(FindingKind::WrongExitCode, message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ended, panics, prints, stuck};
    use judge::Ending;

    fn judged(executions: &[Execution]) -> Result<(), Fault> {
        let mut done = Done::new(3);
        executions
            .iter()
            .try_for_each(|execution| done.execution(execution))?;
        done.end(&Coverage::default())
    }

    #[test]
    fn all_numbers_and_exit_code_0_are_done() {
        assert_eq!(judged(&[prints(&[(1, "1\n2\n3\n")]), stuck(&[])]), Ok(()));
    }

    #[test]
    fn order_and_threads_are_not_this_rules_matter() {
        assert_eq!(judged(&[prints(&[(0, "3\n1\n"), (1, "2\n")])]), Ok(()));
    }

    #[test]
    fn ending_before_the_last_number_is_found() {
        let fault = judged(&[prints(&[(1, "1\n"), (2, "2\n")])]).unwrap_err();
        assert_eq!(fault.kind, FindingKind::WrongOutput);
        assert_eq!(
            fault.message,
            "the program ended with exit code 0 before 3 was printed"
        );
    }

    #[test]
    fn another_exit_code_is_found() {
        let fault = judged(&[ended(Ending::Exited { code: 1 }, &[(1, "1\n2\n3\n")])]).unwrap_err();
        assert_eq!(fault.kind, FindingKind::WrongExitCode);
        assert_eq!(
            fault.message,
            "the exit code is 1 although all numbers were printed; it should be 0"
        );
    }

    #[test]
    fn a_panic_explains_what_is_missing() {
        assert_eq!(
            judged(&[panics(2, "overflow")]).unwrap_err().kind,
            FindingKind::Panic
        );
    }

    #[test]
    fn a_program_that_never_ends_is_never_done() {
        assert_eq!(
            judged(&[stuck(&[])]).unwrap_err().kind,
            FindingKind::Deadlock
        );
    }
}
