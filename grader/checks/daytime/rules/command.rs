//! The command line, and a server that cannot begin.

use judge::world::{Program, Seen};
use judge::{Bytes, Fault, FindingKind};

use crate::evidence::Shown;

/// A wrong command line: exit code 2, nothing on standard output, something on
/// standard error; what it says is for people.
pub(crate) fn usage(seen: &Seen) -> Result<Shown, Fault> {
    refused(seen, 2, "a wrong command line", "one line of usage")
}

/// A server that cannot listen: exit code 1, and a complaint.
pub(crate) fn cannot_listen(seen: &Seen) -> Result<Shown, Fault> {
    refused(seen, 1, "a server that cannot listen", "a complaint")
}

fn refused(seen: &Seen, code: i32, what: &str, said: &str) -> Result<Shown, Fault> {
    for program in seen.programs() {
        // What was printed comes first: a program that takes a wrong command
        // line for a right one may never end.
        let output = program.stdout();
        if !output.is_empty() {
            let message = format!(
                "{what} gives nothing on standard output, but {} was printed",
                Bytes::from(output.as_str())
            );
            return Err(Fault::new(FindingKind::WrongOutput, message));
        }
        if let Some(fault) = wrong_end(seen, &program, code, what) {
            return Err(fault);
        }
        if program.stderr().trim().is_empty() {
            let message = format!(
                "{what} is answered with {said} on standard error, but nothing was printed there"
            );
            return Err(Fault::new(FindingKind::WrongOutput, message));
        }
    }
    Ok(Shown::Right)
}

fn wrong_end(seen: &Seen, program: &Program, code: i32, what: &str) -> Option<Fault> {
    let Some(got) = program.exit() else {
        let waiting = match seen.waiting() {
            waiting if waiting.is_empty() => String::new(),
            waiting => format!(": {waiting}"),
        };
        let message = format!("{what} ends the program, but it went on{waiting}");
        return Some(Fault::new(FindingKind::WrongExitCode, message));
    };
    if got == code {
        return None;
    }
    let message = format!("the exit code of {what} is {code}, but it was {got}");
    let panic = judge::no_panic(seen.execution()).err();
    Some(panic.unwrap_or_else(|| Fault::new(FindingKind::WrongExitCode, message)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Made, question, server};

    fn judged(made: Made) -> Result<Shown, Fault> {
        let question = question(server(), &[]);
        usage(&Seen::new(&question.world, &made.over()))
    }

    fn said(text: &str) -> Made {
        Made::server(&[]).stderr(text)
    }

    #[test]
    fn a_refusal_may_say_what_it_likes() {
        assert_eq!(
            judged(said("usage: it\n").exited(Some(2))),
            Ok(Shown::Right)
        );
        assert_eq!(
            judged(said("no `--tcp`\nusage: it").exited(Some(2))),
            Ok(Shown::Right)
        );
    }

    #[test]
    fn everything_else_is_told() {
        for (made, kind, expected) in [
            (
                said("usage\n").exited(Some(1)),
                FindingKind::WrongExitCode,
                "the exit code of a wrong command line is 2, but it was 1",
            ),
            (
                said("\n").exited(Some(2)),
                FindingKind::WrongOutput,
                "a wrong command line is answered with one line of usage on standard error, but \
                 nothing was printed there",
            ),
            (
                said("").panicked("no address").exited(Some(101)),
                FindingKind::Panic,
                "server panicked: no address",
            ),
            (
                said("").stdout("listening on 127.0.0.1:1313\n"),
                FindingKind::WrongOutput,
                "a wrong command line gives nothing on standard output, but \"listening on \
                 127.0.0.1:1313\\n\" was printed",
            ),
            (
                said("usage\n"),
                FindingKind::WrongExitCode,
                "a wrong command line ends the program, but it went on",
            ),
        ] {
            let fault = judged(made).unwrap_err();
            assert_eq!((fault.kind, fault.message.as_str()), (kind, expected));
        }
    }

    #[test]
    fn a_server_that_cannot_listen_ends_with_1() {
        let question = question(server(), &[]);
        let judged = |made: Made| cannot_listen(&Seen::new(&question.world, &made.over()));
        assert_eq!(
            judged(said("error: in use\n").exited(Some(1))),
            Ok(Shown::Right)
        );
        assert!(judged(said("error: in use\n").exited(Some(2))).is_err());
    }
}
