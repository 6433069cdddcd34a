//! While one thread is held up, the others come to rest.

use judge::{Coverage, Ending, Execution, Fault, FindingKind, Judge};

use crate::evidence::{Evidence, ended, is_judgeable};
use crate::numbers;

/// Looks for polling alone. A program whose threads never wait for each other
/// does not wait blocked either, so one execution must show numbers in turn.
#[derive(Default)]
pub(crate) struct Blocked {
    evidence: Evidence,
}

impl Judge for Blocked {
    fn execution(&mut self, execution: &Execution) -> Result<(), Fault> {
        is_judgeable(execution)?;
        match execution.ending {
            // To run without ever reaching anything that waits is to spin.
            Ending::Polling { .. } | Ending::Runaway { .. } => {
                return judge::exited(execution).map(drop);
            }
            Ending::Endless { .. } => return ended(execution).map(drop),
            _ => {}
        }
        // What is printed besides, or too much, is the rule on order's to tell.
        let printed = numbers::printed(execution);
        let in_turn = !printed.is_empty() && (1..).zip(&printed).all(|(n, line)| line.number == n);
        self.evidence.note(execution, in_turn, || {
            let message = "nothing shows that a thread waits for its turn: not one schedule prints \
                           numbers in turn";
            Fault::new(FindingKind::WrongOutput, message)
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
    use crate::testing::{self, prints, stuck};

    fn judged(executions: &[Execution]) -> Result<(), FindingKind> {
        let mut blocked = Blocked::default();
        let mut judged = || {
            executions
                .iter()
                .try_for_each(|execution| blocked.execution(execution))?;
            blocked.end(&Coverage::default())
        };
        judged().map_err(|fault: Fault| fault.kind)
    }

    #[test]
    fn numbers_in_turn_show_that_threads_wait() {
        assert_eq!(
            judged(&[prints(&[(1, "1\n"), (2, "2\n"), (1, "3\n"), (2, "4\n")])]),
            Ok(())
        );
        assert_eq!(judged(&[stuck(&[(1, "1\n")])]), Ok(()));
    }

    #[test]
    fn polling_is_found_whatever_was_printed() {
        let right = [(1, "1\n"), (2, "2\n")];
        let polling = Ending::Polling {
            held_up: 1,
            thread: 2,
            places: vec![],
        };
        let polling = testing::ended(polling, &right);
        assert_eq!(
            judged(&[prints(&right), polling]),
            Err(FindingKind::Polling)
        );
        let endless = testing::ended(Ending::Endless { places: vec![] }, &right);
        assert_eq!(judged(&[endless]), Err(FindingKind::Livelock));
    }

    #[test]
    fn threads_that_never_wait_show_nothing() {
        let unordered = prints(&[(1, "1\n"), (1, "3\n"), (2, "2\n"), (2, "4\n")]);
        assert_eq!(judged(&[unordered]), Err(FindingKind::WrongOutput));
        assert_eq!(judged(&[prints(&[])]), Err(FindingKind::WrongOutput));
    }
}
