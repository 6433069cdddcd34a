//! That something was seen at all.

use judge::world::Seen;
use judge::{Coverage, Ending, Execution, Fault, Judge, Question, World};

/// What a rule saw in an execution that breaks nothing it asks about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shown {
    /// What the rule asks for.
    Right,
    /// Something that is another rule's matter. Where no execution shows more,
    /// this is why.
    Nothing(Fault),
}

/// What is asked of each execution.
type Rule = dyn Fn(&Seen) -> Result<Shown, Fault>;

/// A rule, with what it has seen so far.
///
/// A program that does nothing never does anything wrong. So one execution of
/// a scenario, at least, must show what the rule asks for.
pub(crate) struct Judged {
    world: World,
    rule: Box<Rule>,
    shown: bool,
    last: Option<Fault>,
}

impl Judged {
    /// A rule about the world of this question.
    pub(crate) fn new(
        question: &Question,
        rule: impl Fn(&Seen) -> Result<Shown, Fault> + 'static,
    ) -> Judged {
        Judged {
            world: question.world.clone(),
            rule: Box::new(rule),
            shown: false,
            last: None,
        }
    }
}

impl Judge for Judged {
    fn execution(&mut self, execution: &Execution) -> Result<(), Fault> {
        match execution.ending {
            // A program on its own that waits for ever is one that serves.
            Ending::Exited { .. } | Ending::Over { .. } | Ending::Deadlock { .. } => {}
            _ => {
                judge::exited(execution)?;
            }
        }
        match (self.rule)(&Seen::new(&self.world, execution))? {
            Shown::Right => self.shown = true,
            Shown::Nothing(fault) => self.last = Some(fault),
        }
        Ok(())
    }

    fn end(&mut self, _: &Coverage) -> Result<(), Fault> {
        match self.last.take() {
            Some(fault) if !self.shown => Err(fault),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Made, question, server};
    use judge::FindingKind;

    fn nothing() -> Fault {
        Fault::new(FindingKind::NoAnswer, "nothing to see")
    }

    /// A rule that sees something where a peer `ann` received something.
    fn judged(executions: &[Execution]) -> Result<(), Fault> {
        let question = question(server(), &[("ann", "connect server\nread end")]);
        let mut judged = Judged::new(&question, |seen| {
            Ok(match seen.peer("ann").received().is_empty() {
                true => Shown::Nothing(nothing()),
                false => Shown::Right,
            })
        });
        executions
            .iter()
            .try_for_each(|execution| judged.execution(execution))?;
        judged.end(&Coverage::default())
    }

    #[test]
    fn one_execution_that_shows_it_is_enough() {
        let empty = Made::server(&["ann"]).over();
        let shows = Made::server(&["ann"]).received("ann", 1, "x").over();
        assert_eq!(judged(&[empty.clone(), shows, empty.clone()]), Ok(()));
        assert_eq!(judged(&[empty.clone(), empty]), Err(nothing()));
    }

    #[test]
    fn a_crash_is_judged_by_no_rule() {
        let crash = Ending::Crashed {
            reason: "stack overflow".into(),
        };
        let execution = Made::server(&["ann"]).ended(crash);
        assert_eq!(judged(&[execution]).unwrap_err().kind, FindingKind::Crash);
    }
}
