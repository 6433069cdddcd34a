//! The record of an examined process, line by line: whole, or not, and why.

use verdict::record::{FORMAT, Sealing};
use verdict::{Coverage, Execution, Record};

/// A record being read.
pub(super) struct Records {
    nonce: String,
    state: State,
    told: u64,
    /// All lines that were taken.
    sealing: Sealing,
}

enum State {
    Beginning,
    Telling,
    Ended(Coverage),
}

/// A line that belongs where it is.
pub(super) enum Line {
    /// The first.
    Head,
    /// One execution.
    Execution(Execution),
    /// The last.
    End,
}

impl Records {
    /// Begins a record that must carry this nonce.
    pub(super) fn new(nonce: String) -> Records {
        Records {
            nonce,
            state: State::Beginning,
            told: 0,
            sealing: Sealing::default(),
        }
    }

    /// Takes a line, with its end. The error says why the record is not whole.
    pub(super) fn line(&mut self, line: &str) -> Result<Line, String> {
        let Some(text) = line.strip_suffix('\n') else {
            return Err("its last line is cut short".to_owned());
        };
        let record: Record = serde_json::from_str(text)
            .map_err(|_| "it holds a line that is not the simulation's".to_owned())?;
        let seal_before = self.sealing.seal();
        self.sealing.add(line.as_bytes());
        match (&self.state, record) {
            (State::Beginning, Record::Head { format, nonce })
                if format == FORMAT && nonce == self.nonce =>
            {
                self.state = State::Telling;
                Ok(Line::Head)
            }
            (State::Telling, Record::Execution(execution)) => {
                self.told += 1;
                Ok(Line::Execution(execution))
            }
            (
                State::Telling,
                Record::End {
                    nonce,
                    told,
                    seal,
                    coverage,
                },
            ) if nonce == self.nonce && told == self.told && seal == seal_before => {
                self.state = State::Ended(coverage);
                Ok(Line::End)
            }
            (State::Beginning, _) => Err("it does not begin as it should".to_owned()),
            (State::Telling, _) => Err("it does not end as it should".to_owned()),
            (State::Ended(_), _) => Err("it goes on after its end".to_owned()),
        }
    }

    /// What was run, if the record is whole.
    pub(super) fn whole(&self) -> Option<Coverage> {
        match &self.state {
            State::Ended(coverage) => Some(coverage.clone()),
            State::Beginning | State::Telling => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use verdict::Ending;
    use verdict::record::Seal;

    use super::*;

    fn head(nonce: &str) -> String {
        line(&Record::Head {
            format: FORMAT.to_owned(),
            nonce: nonce.to_owned(),
        })
    }

    fn execution(schedule: &str) -> String {
        line(&Record::Execution(Execution {
            schedule: schedule.to_owned(),
            number: 0,
            preemptions: 0,
            ending: Ending::Exited { code: 0 },
            began: 0,
            processes: vec![],
            threads: vec![],
            events: vec![],
        }))
    }

    fn end(nonce: &str, told: u64, seal: Seal) -> String {
        line(&Record::End {
            nonce: nonce.to_owned(),
            told,
            seal,
            coverage: Coverage::default(),
        })
    }

    fn line(record: &Record) -> String {
        serde_json::to_string(record).unwrap() + "\n"
    }

    fn seal(lines: &[String]) -> Seal {
        let mut sealing = Sealing::default();
        lines.iter().for_each(|line| sealing.add(line.as_bytes()));
        sealing.seal()
    }

    /// Lines, and an end that fits to them.
    fn ended(mut lines: Vec<String>) -> Vec<String> {
        let seal = seal(&lines);
        lines.push(end("n", lines.len() as u64 - 1, seal));
        lines
    }

    fn whole() -> Vec<String> {
        ended(vec![head("n"), execution("a"), execution("b")])
    }

    fn read(lines: &[String]) -> Result<bool, String> {
        let mut records = Records::new("n".to_owned());
        for line in lines {
            records.line(line)?;
        }
        Ok(records.whole().is_some())
    }

    #[test]
    fn a_whole_record_is_whole_and_its_beginnings_are_not() {
        let whole = whole();
        assert_eq!(read(&whole), Ok(true));
        for length in 0..whole.len() {
            assert_eq!(read(&whole[..length]), Ok(false));
        }
    }

    #[test]
    fn a_record_that_is_cut_anywhere_is_not_whole() {
        let text = whole().concat();
        for length in 0..text.len() {
            let lines: Vec<String> = text[..length]
                .split_inclusive('\n')
                .map(str::to_owned)
                .collect();
            assert_ne!(read(&lines), Ok(true), "cut after {length} bytes");
        }
    }

    #[test]
    fn a_line_that_is_missing_doubled_or_moved_is_found_out() {
        let whole = whole();
        for index in 0..whole.len() {
            let mut without = whole.clone();
            without.remove(index);
            assert_ne!(read(&without), Ok(true), "without {index}");
            let mut twice = whole.clone();
            twice.insert(index, whole[index].clone());
            assert_ne!(read(&twice), Ok(true), "{index} twice");
            for other in 0..index {
                let mut moved = whole.clone();
                moved.swap(index, other);
                assert_ne!(read(&moved), Ok(true), "{index} and {other}");
            }
        }
        // The same number of lines, one of them another's.
        let mut exchanged = whole.clone();
        exchanged[2] = execution("c");
        assert_ne!(read(&exchanged), Ok(true));
        // Two records, one after another.
        assert_ne!(read(&[whole.clone(), whole].concat()), Ok(true));
    }

    #[test]
    fn whatever_is_made_up_is_found_out() {
        let none = Seal::default();
        let before = |lines: &[String]| end("n", lines.len() as u64 - 1, none);
        let table = [
            (vec![head("m")], "does not begin"),
            (vec![execution("a")], "does not begin"),
            (vec![before(&[head("n")])], "does not begin"),
            (vec![head("n"), head("n")], "does not end"),
            (
                vec![head("n"), end("m", 0, seal(&[head("n")]))],
                "does not end",
            ),
            (
                vec![head("n"), end("", 0, seal(&[head("n")]))],
                "does not end",
            ),
            (vec![head("n"), before(&[head("n")])], "does not end"),
            (
                vec![
                    head("n"),
                    execution("a"),
                    end("n", 2, seal(&[head("n"), execution("a")])),
                ],
                "does not end",
            ),
            (
                [ended(vec![head("n")]), vec![execution("a")]].concat(),
                "goes on",
            ),
            (
                [ended(vec![head("n")]), vec![head("n")]].concat(),
                "goes on",
            ),
            (
                vec![head("n"), "test result: ok\n".to_owned()],
                "not the simulation's",
            ),
            (vec![head("n"), "\n".to_owned()], "not the simulation's"),
            (vec![head("n").trim_end().to_owned()], "cut short"),
        ];
        for (lines, expected) in table {
            let problem = read(&lines).unwrap_err();
            assert!(problem.contains(expected), "{lines:?}: {problem}");
        }
    }
}
