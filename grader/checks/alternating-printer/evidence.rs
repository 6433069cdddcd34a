//! That something was seen at all.

use judge::{Ending, Execution, Fault};

/// A program that does nothing never does anything wrong. So each rule names
/// what a program must show in at least one execution before its silence in
/// the others counts for it.
#[derive(Default)]
pub(crate) struct Evidence {
    shown: bool,
    last: Option<Fault>,
}

impl Evidence {
    /// Takes down whether this execution shows it. Where it does not, the
    /// reason is how it ended or panicked, and otherwise `missing`.
    pub(crate) fn note(
        &mut self,
        execution: &Execution,
        shown: bool,
        missing: impl FnOnce() -> Fault,
    ) {
        self.shown |= shown;
        if !self.shown {
            let reason = ended(execution).err();
            let reason = reason.or_else(|| no_panic(execution).err());
            self.last = Some(reason.unwrap_or_else(missing));
        }
    }

    /// What the last execution lacked, if no execution showed it.
    pub(crate) fn end(&mut self) -> Result<(), Fault> {
        match self.last.take() {
            Some(fault) if !self.shown => Err(fault),
            _ => Ok(()),
        }
    }
}

/// The exit code of an execution that ended by itself. Any other ending is a
/// fault of its own sentence, whatever the rule is about.
pub(crate) fn ended(execution: &Execution) -> Result<i32, Fault> {
    judge::exited(execution).map_err(|fault| match execution.ending {
        Ending::Polling { .. } => fault.sentence("C5"),
        Ending::Deadlock { .. } | Ending::Endless { .. } | Ending::Runaway { .. } => {
            fault.sentence("C6")
        }
        Ending::Crashed { .. } => fault.sentence("C7"),
        // Too much of something breaks the sentence that the check is about;
        // what the simulation does not offer breaks none.
        _ => fault,
    })
}

/// A panic is why the program does not end as it should.
pub(crate) fn no_panic(execution: &Execution) -> Result<(), Fault> {
    judge::no_panic(execution).map_err(|fault| fault.sentence("C7"))
}

/// What no rule can look away from: the record of such an execution tells what
/// the simulation or the machine could not do, not what the program does.
pub(crate) fn is_judgeable(execution: &Execution) -> Result<(), Fault> {
    match &execution.ending {
        Ending::Crashed { .. } | Ending::TooMuch { .. } | Ending::Unsupported { .. } => {
            ended(execution).map(drop)
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ended, panics, prints};
    use judge::FindingKind;

    fn missing() -> Fault {
        Fault::new(FindingKind::WrongOutput, "nothing to see")
    }

    #[test]
    fn one_execution_that_shows_it_is_enough() {
        let mut evidence = Evidence::default();
        evidence.note(&prints(&[]), false, missing);
        evidence.note(&prints(&[]), true, missing);
        evidence.note(&prints(&[]), false, missing);
        assert_eq!(evidence.end(), Ok(()));
    }

    #[test]
    fn without_one_the_reason_is_told() {
        let mut evidence = Evidence::default();
        evidence.note(&prints(&[]), false, missing);
        assert_eq!(evidence.end(), Err(missing()));

        evidence.note(&panics(1, "not yet implemented"), false, missing);
        let fault = evidence.end().unwrap_err();
        assert_eq!(fault.kind, FindingKind::Panic);
        assert_eq!(fault.sentence.as_deref(), Some("C7"));

        let stuck = ended(Ending::Deadlock { waits: vec![] }, &[]);
        evidence.note(&stuck, false, missing);
        let fault = evidence.end().unwrap_err();
        assert_eq!(fault.kind, FindingKind::Deadlock);
        assert_eq!(fault.sentence.as_deref(), Some("C6"));
    }

    #[test]
    fn a_crash_is_judged_by_no_rule() {
        let crash = Ending::Crashed {
            reason: "stack overflow".into(),
        };
        assert_eq!(
            is_judgeable(&ended(crash, &[])).unwrap_err().kind,
            FindingKind::Crash
        );
        assert_eq!(
            is_judgeable(&ended(Ending::Deadlock { waits: vec![] }, &[])),
            Ok(())
        );
    }
}
