//! Whatever is printed is the beginning of the numbers in ascending order.

use judge::{Coverage, Execution, Fault, FindingKind, Judge, Line, thread_name};

use crate::evidence::{Evidence, is_judgeable};
use crate::numbers;

/// Accepts executions that stop short, as long as one prints every number.
pub(crate) struct Order {
    limit: u32,
    evidence: Evidence,
}

impl Order {
    pub(crate) fn new(limit: u32) -> Order {
        Order {
            limit,
            evidence: Evidence::default(),
        }
    }
}

impl Judge for Order {
    fn execution(&mut self, execution: &Execution) -> Result<(), Fault> {
        is_judgeable(execution)?;
        let lines = numbers::lines(execution);
        if let Some(index) = numbers::first_wrong(&lines, self.limit) {
            return Err(deviates(execution, &lines, index, self.limit));
        }
        let all = numbers::is_all(&lines, self.limit);
        self.evidence
            .note(execution, all, || stops_short(&lines, self.limit));
        Ok(())
    }

    fn end(&mut self, _: &Coverage) -> Result<(), Fault> {
        self.evidence.end()
    }
}

fn deviates(execution: &Execution, lines: &[Line], index: usize, limit: u32) -> Fault {
    let line = &lines[index];
    let writers: Vec<String> = line
        .threads
        .iter()
        .map(|&thread| thread_name(execution, thread))
        .collect();
    let printed = format!(
        "{} printed {}",
        writers.join(" and "),
        numbers::shown(&line.text)
    );
    let place = match lines[..index].last() {
        None => "at the beginning".to_owned(),
        Some(before) => format!("after {}", before.text),
    };
    let expected = if index as u64 >= u64::from(limit) {
        "where nothing more belongs".to_owned()
    } else {
        format!("where {} belongs", index + 1)
    };
    Fault::new(
        FindingKind::WrongOutput,
        format!("{place}, {printed} {expected}"),
    )
}

fn stops_short(lines: &[Line], limit: u32) -> Fault {
    let printed = match lines.last() {
        None => "nothing was printed".to_owned(),
        Some(last) if last.ended => format!("the last line was {}", last.text),
        Some(last) => format!("the last line, {}, has no newline", last.text),
    };
    let message = format!("not one schedule prints the numbers from 1 to {limit}: {printed}");
    Fault::new(FindingKind::WrongOutput, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{panics, prints, stuck};

    fn judged(executions: &[Execution]) -> Result<(), Fault> {
        let mut order = Order::new(4);
        executions
            .iter()
            .try_for_each(|execution| order.execution(execution))?;
        order.end(&Coverage::default())
    }

    fn message(execution: Execution) -> String {
        let fault = judged(&[execution]).unwrap_err();
        assert_eq!(fault.kind, FindingKind::WrongOutput);
        fault.message
    }

    #[test]
    fn the_numbers_in_order_are_right_whoever_prints_them() {
        assert_eq!(
            judged(&[prints(&[(1, "1\n"), (1, "2\n"), (0, "3\n4\n")])]),
            Ok(())
        );
        assert_eq!(
            judged(&[prints(&[(1, "1"), (1, "\n"), (2, "2\n3\n4\n")])]),
            Ok(())
        );
    }

    #[test]
    fn getting_stuck_is_not_this_rules_matter() {
        let whole = prints(&[(1, "1\n2\n3\n4\n")]);
        assert_eq!(judged(&[stuck(&[(1, "1\n")]), whole, stuck(&[])]), Ok(()));
    }

    #[test]
    fn a_number_too_soon_is_told_with_its_thread() {
        assert_eq!(
            message(prints(&[(1, "1\n"), (1, "3\n"), (2, "2\n"), (2, "4\n")])),
            "after 1, T1 printed \"3\" where 2 belongs"
        );
        assert_eq!(
            message(stuck(&[(2, "2\n")])),
            "at the beginning, T2 printed \"2\" where 1 belongs"
        );
    }

    #[test]
    fn a_line_from_two_threads_names_both() {
        assert_eq!(
            message(prints(&[(1, "1"), (2, "2"), (1, "\n"), (2, "\n")])),
            "at the beginning, T1 and T2 printed \"12\" where 1 belongs"
        );
    }

    #[test]
    fn anything_after_the_last_number_is_wrong() {
        assert_eq!(
            message(prints(&[(1, "1\n2\n3\n4\n"), (0, "done\n")])),
            "after 4, main printed \"done\" where nothing more belongs"
        );
    }

    #[test]
    fn somewhere_all_of_them_must_be_printed() {
        assert_eq!(
            message(prints(&[])),
            "not one schedule prints the numbers from 1 to 4: nothing was printed"
        );
        assert_eq!(
            message(prints(&[(1, "1\n2\n3\n4")])),
            "not one schedule prints the numbers from 1 to 4: the last line, 4, has no newline"
        );
        assert_eq!(
            judged(&[panics(0, "todo")]).unwrap_err().kind,
            FindingKind::Panic
        );
        assert_eq!(
            judged(&[stuck(&[(1, "1\n")])]).unwrap_err().kind,
            FindingKind::Deadlock
        );
    }
}
