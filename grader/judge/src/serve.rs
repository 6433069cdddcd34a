//! The main loop of a judge.

use std::any::Any;
use std::io::{self, BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use verdict::record::FORMAT;
use verdict::{Answer, Coverage, Execution, Question, Record};

use crate::{Fault, Lost};

/// A rule at work: sees the executions of one scenario, then what was run.
///
/// Every `FnMut(&Execution) -> Result<(), Fault>` is one.
pub trait Judge {
    /// Whether this execution keeps the contract.
    fn execution(&mut self, execution: &Execution) -> Result<(), Fault>;

    /// Whether all executions together do. A fault that is found here is told
    /// of the last execution.
    fn end(&mut self, coverage: &Coverage) -> Result<(), Fault> {
        let _ = coverage;
        Ok(())
    }
}

impl<F: FnMut(&Execution) -> Result<(), Fault>> Judge for F {
    fn execution(&mut self, execution: &Execution) -> Result<(), Fault> {
        self(execution)
    }
}

/// Reads a [`Question`] and its [`Record`]s from standard input, has them
/// judged by the rule that `rules` gives, and writes one [`Answer`] to standard
/// output: as soon as a fault is found, or after the last record.
///
/// After an answer `Kept` it waits for another question; after any other it ends.
///
/// Whatever goes wrong on the way, a panic in a rule too, is the answer `Lost`.
/// The exit code is a failure only where no answer could be written.
pub fn serve(rules: impl Fn(&Question) -> Result<Box<dyn Judge>, Lost>) -> ExitCode {
    let mut input = io::stdin().lock();
    loop {
        match input.fill_buf() {
            // Nobody asks any more.
            Ok([]) => return ExitCode::SUCCESS,
            Ok(_) => {}
            Err(_) => return ExitCode::FAILURE,
        }
        match respond(&mut input, io::stdout().lock(), &rules) {
            // Only a judge that has read its record to the end knows where the
            // next question begins.
            Ok(Answer::Kept { .. }) => {}
            Ok(_) => return ExitCode::SUCCESS,
            Err(_) => return ExitCode::FAILURE,
        }
    }
}

fn respond(
    input: impl BufRead,
    mut output: impl Write,
    rules: impl Fn(&Question) -> Result<Box<dyn Judge>, Lost>,
) -> io::Result<Answer> {
    // Nothing of the rule is used again after a panic, so whatever state the
    // panic left it in cannot be seen.
    let answer = catch_unwind(AssertUnwindSafe(|| examine(input, rules)))
        .unwrap_or_else(|panic| Err(Lost(format!("the rule panicked: {}", words_of(&*panic)))))
        .unwrap_or_else(|Lost(reason)| Answer::Lost { reason });
    serde_json::to_writer(&mut output, &answer)?;
    output.write_all(b"\n")?;
    output.flush()?;
    Ok(answer)
}

fn examine(
    mut input: impl BufRead,
    rules: impl Fn(&Question) -> Result<Box<dyn Judge>, Lost>,
) -> Result<Answer, Lost> {
    let question = read_line(&mut input)?.ok_or_else(|| Lost("no question was asked".into()))?;
    let question: Question = serde_json::from_str(&question)
        .map_err(|error| Lost(format!("the question cannot be read: {error}")))?;
    let mut judge = rules(&question)?;

    let mut judged = 0;
    loop {
        let Some(line) = read_line(&mut input)? else {
            return Ok(Answer::CutShort { judged });
        };
        let record: Record = serde_json::from_str(&line).map_err(|error| {
            Lost(format!(
                "the record cannot be read after {judged} executions: {error}"
            ))
        })?;
        match record {
            // A head may be passed on, but only where a head belongs.
            Record::Head { format, .. } if judged == 0 && format == FORMAT => {}
            Record::Head { format, .. } => {
                return Err(Lost(format!(
                    "the record has a head of the format {format:?} after {judged} executions"
                )));
            }
            Record::Execution(execution) => {
                if let Err(fault) = judge.execution(&execution) {
                    return Ok(broken(judged, fault));
                }
                judged += 1;
            }
            Record::End { told, coverage, .. } => {
                if told != judged {
                    return Err(Lost(format!(
                        "the record should hold {told} executions, but holds {judged}"
                    )));
                }
                // What was never run keeps no contract.
                let Some(last) = judged.checked_sub(1) else {
                    return Err(Lost("the record holds no execution".into()));
                };
                return Ok(match judge.end(&coverage) {
                    Ok(()) => Answer::Kept { judged },
                    Err(fault) => broken(last, fault),
                });
            }
        }
    }
}

/// The next line, or `None` at the end of input.
fn read_line(input: &mut impl BufRead) -> Result<Option<String>, Lost> {
    let mut line = String::new();
    let length = input
        .read_line(&mut line)
        .map_err(|error| Lost(format!("standard input cannot be read: {error}")))?;
    Ok((length > 0).then_some(line))
}

fn broken(execution: u64, fault: Fault) -> Answer {
    let Fault {
        kind,
        message,
        sentence,
    } = fault;
    Answer::Broken {
        execution,
        kind,
        message: shortened(message),
        sentence,
    }
}

/// Most bytes of what is said of a fault, but for the words that say how much of it
/// was left out.
const LONGEST_MESSAGE: usize = 2 << 10;

/// A message without its middle where it is too long, as one is that quotes a line
/// of a megabyte: its author has to read it.
fn shortened(message: String) -> String {
    if message.len() <= LONGEST_MESSAGE {
        return message;
    }
    let head = message.floor_char_boundary(LONGEST_MESSAGE / 2);
    let tail = message.ceil_char_boundary(message.len() - LONGEST_MESSAGE / 2);
    let left_out = tail - head;
    format!(
        "{} ... ({left_out} bytes left out) ... {}",
        &message[..head],
        &message[tail..]
    )
}

fn words_of(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without words")
}

#[cfg(test)]
mod tests {
    use verdict::record::Seal;

    use super::*;
    use crate::testing::execution;
    use crate::{Ending, FindingKind};

    fn question(rule: &str) -> Question {
        Question {
            check: "check".into(),
            scenario: "scenario".into(),
            rule: rule.into(),
            params: serde_json::json!({ "code": 0 }),
            world: Default::default(),
        }
    }

    /// A rule of each kind that can go wrong.
    fn rules(question: &Question) -> Result<Box<dyn Judge>, Lost> {
        let code = crate::number(question, "code")?;
        match question.rule.as_str() {
            "exit" => Ok(Box::new(move |execution: &Execution| {
                let got = crate::exited(execution)?;
                if u64::try_from(got) == Ok(code) {
                    return Ok(());
                }
                let fault = Fault::new(FindingKind::WrongExitCode, format!("it was {got}"));
                Err(fault.sentence("C7"))
            })),
            "panics" => Ok(Box::new(|_: &Execution| panic!("no such {}", "thing"))),
            "complete" => Ok(Box::new(Complete)),
            _ => Err(Lost::unknown_rule(question)),
        }
    }

    struct Complete;
    impl Judge for Complete {
        fn execution(&mut self, _: &Execution) -> Result<(), Fault> {
            Ok(())
        }
        fn end(&mut self, coverage: &Coverage) -> Result<(), Fault> {
            match coverage.complete {
                true => Ok(()),
                false => Err(Fault::new(FindingKind::WrongResult, "never both")),
            }
        }
    }

    fn exited(code: i32) -> Record {
        Record::Execution(execution(Ending::Exited { code }, vec![]))
    }

    fn end(told: u64) -> Record {
        Record::End {
            nonce: "n".into(),
            told,
            seal: Seal::default(),
            coverage: Coverage::default(),
        }
    }

    fn text(question: &Question, records: &[Record]) -> String {
        let mut text = serde_json::to_string(question).unwrap() + "\n";
        for record in records {
            text += &(serde_json::to_string(record).unwrap() + "\n");
        }
        text
    }

    fn answer(input: &[u8]) -> Answer {
        let mut output = Vec::new();
        respond(input, &mut output, rules).unwrap();
        let output = String::from_utf8(output).unwrap();
        assert_eq!(output.lines().count(), 1, "one line: {output}");
        serde_json::from_str(&output).unwrap()
    }

    fn lost(input: &[u8]) -> String {
        match answer(input) {
            Answer::Lost { reason } => reason,
            other => panic!("not at a loss: {other:?}"),
        }
    }

    #[test]
    fn executions_that_keep_the_contract_are_counted() {
        let head = Record::Head {
            format: FORMAT.into(),
            nonce: "n".into(),
        };
        let input = text(&question("exit"), &[head, exited(0), exited(0), end(2)]);
        assert_eq!(answer(input.as_bytes()), Answer::Kept { judged: 2 });
    }

    #[test]
    fn the_first_fault_is_answered_without_reading_on() {
        let mut input = text(&question("exit"), &[exited(0), exited(3)]);
        input += "this line is never read\n";
        assert_eq!(
            answer(input.as_bytes()),
            Answer::Broken {
                execution: 1,
                kind: FindingKind::WrongExitCode,
                message: "it was 3".into(),
                sentence: Some("C7".into()),
            }
        );
    }

    #[test]
    fn a_message_that_is_very_long_loses_its_middle() {
        let long = format!("the line {} is wrong", "é".repeat(1 << 20));
        let short = shortened(long.clone());
        assert!(short.len() < LONGEST_MESSAGE + 100, "{}", short.len());
        assert!(short.starts_with("the line éé") && short.ends_with("éé is wrong"));
        let kept: usize = short.matches('é').count() * 2 + "the line  is wrong".len();
        let left_out = format!(" ... ({} bytes left out) ... ", long.len() - kept);
        assert!(short.contains(&left_out), "{short}");
        assert_eq!(shortened("it was 3".to_owned()), "it was 3");
    }

    #[test]
    fn a_fault_of_all_executions_together_is_told_of_the_last() {
        let input = text(
            &question("complete"),
            &[exited(0), exited(0), exited(0), end(3)],
        );
        assert_eq!(
            answer(input.as_bytes()),
            Answer::Broken {
                execution: 2,
                kind: FindingKind::WrongResult,
                message: "never both".into(),
                sentence: None,
            }
        );
    }

    #[test]
    fn a_record_that_is_not_whole_is_never_a_pass() {
        let whole = text(&question("exit"), &[exited(0), exited(0), end(2)]);
        // The last line is whole only with its closing braces; its newline may lack.
        for length in 0..whole.len() - 1 {
            let answer = answer(&whole.as_bytes()[..length]);
            assert!(
                matches!(answer, Answer::Lost { .. } | Answer::CutShort { .. }),
                "{answer:?}"
            );
        }
        assert_eq!(
            answer(&whole.as_bytes()[..whole.len() - 1]),
            Answer::Kept { judged: 2 }
        );
    }

    #[test]
    fn a_record_that_cannot_be_is_never_a_pass() {
        let asked = question("exit");
        let head = || Record::Head {
            format: FORMAT.into(),
            nonce: "n".into(),
        };
        let other = Record::Head {
            format: "lockstep/record/v0".into(),
            nonce: "n".into(),
        };
        assert_eq!(lost(b""), "no question was asked");
        assert!(lost(b"{}\n").starts_with("the question cannot be read: missing field"));
        assert!(lost(b"\xff\n").starts_with("standard input cannot be read: "));
        assert_eq!(
            lost(text(&asked, &[exited(0), end(2)]).as_bytes()),
            "the record should hold 2 executions, but holds 1"
        );
        assert_eq!(
            lost(text(&asked, &[end(0)]).as_bytes()),
            "the record holds no execution"
        );
        assert_eq!(
            lost(text(&asked, &[exited(0), head(), end(1)]).as_bytes()),
            "the record has a head of the format \"lockstep/record/v1\" after 1 executions"
        );
        assert_eq!(
            lost(text(&asked, &[other, exited(0), end(1)]).as_bytes()),
            "the record has a head of the format \"lockstep/record/v0\" after 0 executions"
        );
        assert_eq!(
            answer(text(&asked, &[exited(0)]).as_bytes()),
            Answer::CutShort { judged: 1 }
        );
        assert!(
            lost((text(&asked, &[exited(0)]) + "{\"pass\":true}\n").as_bytes())
                .starts_with("the record cannot be read after 1 executions: unknown variant")
        );
    }

    #[test]
    fn unknown_rules_bad_parameters_and_panics_are_not_the_students_fault() {
        assert_eq!(
            lost(text(&question("nothing"), &[exited(0), end(1)]).as_bytes()),
            "no rule is called \"nothing\": correct the scenario \"scenario\" of the check \
             \"check\" in rubric.toml"
        );
        let asked = Question {
            params: serde_json::json!({ "code": -1 }),
            ..question("exit")
        };
        assert_eq!(
            lost(text(&asked, &[exited(0), end(1)]).as_bytes()),
            "the scenario \"scenario\" of the check \"check\" needs a parameter \"code\" that is \
             a whole number: add it to params in rubric.toml"
        );
        assert_eq!(
            lost(text(&question("panics"), &[exited(0), end(1)]).as_bytes()),
            "the rule panicked: no such thing"
        );
    }
}
