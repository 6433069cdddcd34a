//! The record of an examined process, line by line: whole, or not, and why.

use verdict::record::FORMAT;
use verdict::{Coverage, Execution, Record};

/// A record being read.
pub(crate) struct Records {
    nonce: String,
    state: State,
    told: u64,
}

enum State {
    Beginning,
    Telling,
    Ended(Coverage),
}

/// A line that belongs where it is.
pub(crate) enum Line {
    /// The first.
    Head,
    /// One execution.
    Execution(Execution),
    /// The last.
    End,
}

impl Records {
    /// Begins a record that must carry this nonce.
    pub(crate) fn new(nonce: String) -> Records {
        Records {
            nonce,
            state: State::Beginning,
            told: 0,
        }
    }

    /// Takes a line, with its end. The error says why the record is not whole.
    pub(crate) fn line(&mut self, line: &str) -> Result<Line, String> {
        let Some(text) = line.strip_suffix('\n') else {
            return Err("its last line is cut short".to_owned());
        };
        let record: Record = serde_json::from_str(text)
            .map_err(|_| "it holds a line that is not the simulation's".to_owned())?;
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
                    coverage,
                },
            ) if nonce == self.nonce && told == self.told => {
                self.state = State::Ended(coverage);
                Ok(Line::End)
            }
            (State::Beginning, _) => Err("it does not begin as it should".to_owned()),
            (State::Telling, _) => Err("it does not end as it should".to_owned()),
            (State::Ended(_), _) => Err("it goes on after its end".to_owned()),
        }
    }

    /// What was run, if the record is whole.
    pub(crate) fn whole(&self) -> Option<Coverage> {
        match &self.state {
            State::Ended(coverage) => Some(coverage.clone()),
            State::Beginning | State::Telling => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use verdict::Ending;

    use super::*;

    fn head(nonce: &str) -> String {
        line(&Record::Head {
            format: FORMAT.to_owned(),
            nonce: nonce.to_owned(),
        })
    }

    fn execution() -> String {
        let (ending, schedule) = (Ending::Exited { code: 0 }, "s".to_owned());
        line(&Record::Execution(Execution {
            schedule,
            number: 0,
            preemptions: 0,
            ending,
            began: 0,
            processes: vec![],
            threads: vec![],
            events: vec![],
        }))
    }

    fn end(nonce: &str, told: u64) -> String {
        line(&Record::End {
            nonce: nonce.to_owned(),
            told,
            coverage: Coverage::default(),
        })
    }

    fn line(record: &Record) -> String {
        serde_json::to_string(record).unwrap() + "\n"
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
        let whole = [head("n"), execution(), execution(), end("n", 2)];
        assert_eq!(read(&whole), Ok(true));
        for length in 0..whole.len() {
            assert_eq!(read(&whole[..length]), Ok(false));
        }
    }

    #[test]
    fn whatever_is_made_up_doubled_or_cut_is_found_out() {
        let table = [
            (vec![head("m")], "does not begin"),
            (vec![execution()], "does not begin"),
            (vec![head("n"), head("n")], "does not end"),
            (vec![head("n"), end("m", 0)], "does not end"),
            (vec![head("n"), execution(), end("n", 2)], "does not end"),
            (vec![head("n"), end("n", 0), end("n", 0)], "goes on"),
            (
                vec![head("n"), "hello\n".to_owned()],
                "not the simulation's",
            ),
            (vec![head("n").trim_end().to_owned()], "cut short"),
        ];
        for (lines, expected) in table {
            let problem = read(&lines).unwrap_err();
            assert!(problem.contains(expected), "{lines:?}: {problem}");
        }
    }
}
