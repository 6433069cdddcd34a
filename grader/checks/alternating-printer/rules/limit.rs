//! The numbers end at LIMIT, whatever their order.

use std::collections::HashSet;

use judge::{Ending, Execution, Fault, FindingKind};

use crate::{evidence, numbers};

/// The sentences that are broken where LIMIT itself is understood.
const LINES: &str = "C1";
const WHEN_DONE: &str = "C7";

/// Every number from 1 to `limit` once, nothing else, and exit code 0.
pub(crate) fn whole(limit: u32) -> impl FnMut(&Execution) -> Result<(), Fault> {
    move |execution| {
        let code = evidence::ended(execution)?;
        has_all(execution, code, limit)
    }
}

/// As [`whole`]; but the execution may be cut off because its steps are used
/// up, and only what was printed until then is judged. It may be nothing: a
/// program that hands out all numbers first has not come to printing.
pub(crate) fn cut_off(limit: u32) -> impl FnMut(&Execution) -> Result<(), Fault> {
    move |execution| match execution.ending {
        Ending::Endless { .. } => seen(execution, limit).map(drop),
        _ => {
            let code = evidence::ended(execution)?;
            has_all(execution, code, limit)
        }
    }
}

fn has_all(execution: &Execution, code: i32, limit: u32) -> Result<(), Fault> {
    if code != 0 {
        evidence::no_panic(execution)?;
        let message = format!("with a LIMIT of {limit}, the exit code is {code}; it should be 0");
        let fault = Fault::new(FindingKind::WrongExitCode, message);
        // 2 says that this is no LIMIT.
        return Err(match code {
            2 => fault,
            _ => fault.sentence(WHEN_DONE),
        });
    }
    let seen = seen(execution, limit)?;
    match (1..=limit).find(|number| !seen.contains(number)) {
        None => Ok(()),
        Some(missing) => {
            evidence::no_panic(execution)?;
            let message = format!(
                "with a LIMIT of {limit}, the program ended after {} lines, and {missing} is \
                 missing",
                seen.len()
            );
            Err(wrong(message).sentence(WHEN_DONE))
        }
    }
}

/// The numbers that were printed, if there is nothing else and none twice.
fn seen(execution: &Execution, limit: u32) -> Result<HashSet<u32>, Fault> {
    let mut seen = HashSet::new();
    for line in numbers::lines(execution) {
        let shown = numbers::shown(&line.text);
        match numbers::number(&line) {
            Some(number) if !(1..=limit).contains(&number) => {
                return Err(wrong(format!(
                    "with a LIMIT of {limit}, {number} was printed"
                )));
            }
            Some(number) if !seen.insert(number) => {
                let message =
                    format!("with a LIMIT of {limit}, {number} was printed a second time");
                return Err(wrong(message).sentence(LINES));
            }
            Some(_) => {}
            // The steps may be used up in the middle of a line.
            None if !line.ended && execution.ending != (Ending::Exited { code: 0 }) => {}
            None if !line.ended => {
                let message = format!("the last line, {shown}, has no newline");
                return Err(wrong(message).sentence(LINES));
            }
            None => {
                return Err(wrong(format!("the line {shown} is not a number")).sentence(LINES));
            }
        }
    }
    Ok(seen)
}

fn wrong(message: String) -> Fault {
    Fault::new(FindingKind::WrongOutput, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{complains, ended, panics, prints, stuck};

    fn judged(limit: u32, text: &str) -> Result<(), String> {
        whole(limit)(&prints(&[(1, text)])).map_err(|fault| fault.message)
    }

    #[test]
    fn the_numbers_to_the_limit_are_right_in_any_order() {
        assert_eq!(judged(0, ""), Ok(()));
        assert_eq!(judged(3, "1\n2\n3\n"), Ok(()));
        assert_eq!(judged(3, "1\n3\n2\n"), Ok(()));
    }

    #[test]
    fn too_much_and_too_little_are_told() {
        for (limit, text, message) in [
            (0, "1\n", "with a LIMIT of 0, 1 was printed"),
            (2, "0\n1\n2\n", "with a LIMIT of 2, 0 was printed"),
            (
                2,
                "1\n2\n2\n",
                "with a LIMIT of 2, 2 was printed a second time",
            ),
            (
                3,
                "1\n2\n",
                "with a LIMIT of 3, the program ended after 2 lines, and 3 is missing",
            ),
            (1, "1\ndone\n", "the line \"done\" is not a number"),
            (1, "1", "the last line, \"1\", has no newline"),
        ] {
            assert_eq!(judged(limit, text), Err(message.to_owned()), "{text:?}");
        }
    }

    #[test]
    fn every_other_ending_is_a_fault() {
        let kind = |execution| whole(3)(&execution).unwrap_err().kind;
        assert_eq!(kind(stuck(&[(1, "1\n2\n3\n")])), FindingKind::Deadlock);
        assert_eq!(kind(complains(2, &["usage\n"])), FindingKind::WrongExitCode);
        assert_eq!(kind(panics(0, "overflow")), FindingKind::Panic);
    }

    #[test]
    fn an_execution_without_more_steps_is_judged_by_what_it_printed() {
        let endless = |text| ended(Ending::Endless { places: vec![] }, &[(1, text)]);
        for right in ["", "1\n2\n", "1\n2"] {
            assert_eq!(cut_off(65_540)(&endless(right)), Ok(()), "{right:?}");
        }
        assert!(cut_off(65_540)(&endless("65541\n")).is_err());
        assert!(cut_off(65_540)(&endless("1\n1\n")).is_err());
        assert!(cut_off(65_540)(&prints(&[(1, "1\n2\n3\n4\n")])).is_err());
        assert_eq!(cut_off(2)(&prints(&[(1, "1\n2\n")])), Ok(()));
        assert_eq!(
            whole(3)(&endless("1\n")).unwrap_err().kind,
            FindingKind::Livelock
        );
    }
}
