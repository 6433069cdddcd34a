//! The numbers among the lines of an execution.

use judge::{Execution, Line, Stream};

/// A whole line that is a number and nothing else.
pub(crate) struct Printed {
    pub(crate) number: u32,
    /// The threads that wrote a part of its line, in order, each once.
    pub(crate) threads: Vec<u32>,
}

/// The numbers that were printed, in order; other lines are left out.
pub(crate) fn printed(execution: &Execution) -> Vec<Printed> {
    lines(execution)
        .into_iter()
        .filter_map(|line| {
            // How it is written is asked by the rule on order alone.
            let number = line.text.trim().parse().ok()?;
            Some(Printed {
                number,
                threads: line.threads,
            })
        })
        .collect()
}

/// The lines on standard output.
pub(crate) fn lines(execution: &Execution) -> Vec<Line> {
    judge::lines(execution, Stream::Stdout)
}

/// The number that a line is, where it is written as numbers are.
pub(crate) fn number(line: &Line) -> Option<u32> {
    let number: u32 = line.text.parse().ok()?;
    (line.ended && number.to_string() == line.text).then_some(number)
}

/// Whether these are the first lines of the numbers from 1 to `limit`, all of
/// them or not; the last one may be cut short.
pub(crate) fn is_beginning(lines: &[Line], limit: u32) -> bool {
    first_wrong(lines, limit).is_none()
}

/// Whether these are the numbers from 1 to `limit`.
pub(crate) fn is_all(lines: &[Line], limit: u32) -> bool {
    is_beginning(lines, limit)
        && lines.len() as u64 == u64::from(limit)
        && lines.last().is_none_or(|last| last.ended)
}

/// The index of the first line that does not belong where it is.
pub(crate) fn first_wrong(lines: &[Line], limit: u32) -> Option<usize> {
    let mut expected = 1..=limit;
    lines.iter().position(|line| {
        let Some(expected) = expected.next() else {
            return true;
        };
        let expected = expected.to_string();
        if line.ended {
            line.text != expected
        } else {
            !expected.starts_with(&line.text)
        }
    })
}

/// A line as a message shows it: printed text may be of any length.
pub(crate) fn shown(text: &str) -> String {
    const LONGEST: usize = 40;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{:?} ...", &text[..end]),
        None => format!("{text:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::prints;

    fn told(text: &str) -> Vec<Line> {
        lines(&prints(&[(1, text)]))
    }

    #[test]
    fn a_beginning_has_the_right_lines_and_perhaps_a_cut_one() {
        for right in ["", "1\n", "1\n2\n", "1\n2\n3", "1\n2\n3\n", "1"] {
            assert!(is_beginning(&told(right), 3), "{right:?}");
        }
        for wrong in [
            "2\n",
            "1\n3\n",
            "01\n",
            "1 \n",
            "\n",
            "1\n2\n3\n4\n",
            "1\n2\n3\nx",
            "12",
        ] {
            assert!(!is_beginning(&told(wrong), 3), "{wrong:?}");
        }
    }

    #[test]
    fn all_numbers_end_with_a_newline() {
        assert!(is_all(&told("1\n2\n"), 2));
        assert!(!is_all(&told("1\n2"), 2));
        assert!(!is_all(&told("1\n"), 2));
        assert!(is_all(&told(""), 0));
    }

    #[test]
    fn lines_that_are_numbers_count_however_they_are_written() {
        let numbers: Vec<u32> = printed(&prints(&[(1, "1\nthree\n07\n+5\n\n2\n3")]))
            .iter()
            .map(|printed| printed.number)
            .collect();
        assert_eq!(numbers, [1, 7, 5, 2, 3]);
    }

    #[test]
    fn long_lines_are_shown_cut_off() {
        assert_eq!(shown("4"), "\"4\"");
        assert_eq!(shown(&"ä".repeat(41)), format!("{:?} ...", "ä".repeat(40)));
    }
}
