//! What the client makes of an answer, or of none.

use judge::world::{Deed, Program, Seen};
use judge::{Bytes, Did, Fault, FindingKind, Stream};

use crate::evidence::Shown;

/// The client prints this answer and exits with 0.
pub(crate) fn prints(seen: &Seen, line: &str) -> Result<Shown, Fault> {
    for client in seen.programs() {
        let code = exit(seen, &client)?;
        let expected = format!("Server response: {line}\n");
        let output = client.stdout();
        if code != 0 {
            judge::no_panic(seen.execution())?;
            let message = format!(
                "the answer was right, and the {} ended with exit code {code}{}",
                client.name(),
                said(&client)
            );
            return Err(Fault::new(FindingKind::WrongExitCode, message));
        }
        if output != expected {
            let message = format!(
                "the {} printed {} and should print {}",
                client.name(),
                Bytes::from(output.as_str()),
                Bytes::from(expected.as_str())
            );
            return Err(Fault::new(FindingKind::WrongOutput, message));
        }
    }
    Ok(Shown::Right)
}

/// The client says on standard error that it failed, and exits with 1.
pub(crate) fn fails(seen: &Seen) -> Result<Shown, Fault> {
    for client in seen.programs() {
        let name = client.name();
        let code = exit(seen, &client)?;
        if code != 1 {
            judge::no_panic(seen.execution())?;
            let message = format!(
                "the {name} should fail with exit code 1, and ended with {code}{}",
                said(&client)
            );
            return Err(Fault::new(FindingKind::WrongExitCode, message));
        }
        let output = client.stdout();
        if !output.is_empty() {
            let message = format!(
                "the {name} failed, and printed {} on standard output, where only results belong",
                Bytes::from(output.as_str())
            );
            return Err(Fault::new(FindingKind::WrongOutput, message));
        }
        let lines = client.lines(Stream::Stderr);
        let right = matches!(lines.as_slice(), [line] if line.text.starts_with("error: "));
        if !right {
            let message = format!(
                "the {name} failed, and should print one line that begins \"error: \" on standard \
                 error, and not {}",
                Bytes::from(client.stderr().as_str())
            );
            return Err(Fault::new(FindingKind::WrongOutput, message));
        }
    }
    // A client that never asked has failed for a reason of its own.
    for peer in seen.peers() {
        let connected = |deed: &Deed| *deed.did == Did::Connected;
        if peer.line(1) == "accept" && !peer.deeds().iter().any(connected) {
            let message = format!("the client never connected to {}", peer.name());
            return Err(Fault::new(FindingKind::NoAnswer, message));
        }
    }
    Ok(Shown::Right)
}

/// Where the network loses things, the client may get its answer or not, but it
/// ends in one of the two ways.
pub(crate) fn prints_or_fails(seen: &Seen, line: &str) -> Result<Shown, Fault> {
    prints(seen, line).or_else(|_| fails(seen))
}

/// The exit code of a client, which must end.
fn exit(seen: &Seen, client: &Program) -> Result<i32, Fault> {
    if let Some(code) = client.exit() {
        return Ok(code);
    }
    let waiting = seen.waiting_in(client.name());
    let end = match (client.was_killed(), waiting.is_empty()) {
        (true, _) => "was still at it long after it should have failed".to_owned(),
        (false, true) => "never ended".to_owned(),
        (false, false) => format!("never ended: {waiting}"),
    };
    let message = format!("the {} {end}{}", client.name(), said(client));
    Err(Fault::new(FindingKind::NoAnswer, message))
}

/// `, having printed ...`, where it printed something.
fn said(client: &Program) -> String {
    let streams = [
        (client.stdout(), "standard output"),
        (client.stderr(), "standard error"),
    ];
    let said: Vec<String> = streams
        .into_iter()
        .filter(|(text, _)| !text.is_empty())
        .map(|(text, stream)| format!("{} on {stream}", Bytes::from(text.as_str())))
        .collect();
    match said.is_empty() {
        true => String::new(),
        false => format!(", having printed {}", said.join(" and ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Made, client, question};

    const LINE: &str = "1983-05-31 10:00:00";
    const PRINTED: &str = "Server response: 1983-05-31 10:00:00\n";

    type Rule = fn(&Seen, &str) -> Result<Shown, Fault>;

    fn judged(rule: Rule, made: Made) -> Result<Shown, Fault> {
        let question = question(client(), &[("clock", "listen\naccept\nread end")]);
        rule(&Seen::new(&question.world, &made.over()), LINE)
    }

    fn failing(seen: &Seen, _: &str) -> Result<Shown, Fault> {
        fails(seen)
    }

    fn asked() -> Made {
        Made::client(&["clock"]).connected("clock", 0)
    }

    fn message(rule: Rule, made: Made) -> (FindingKind, String) {
        let fault = judged(rule, made).unwrap_err();
        (fault.kind, fault.message)
    }

    #[test]
    fn the_answer_is_printed() {
        let made = || asked().stdout(PRINTED);
        assert_eq!(judged(prints, made().exited(Some(0))), Ok(Shown::Right));
        assert_eq!(
            message(prints, made().exited(Some(1))),
            (
                FindingKind::WrongExitCode,
                "the answer was right, and the client ended with exit code 1, having printed \
                 \"Server response: 1983-05-31 10:00:00\\n\" on standard output"
                    .to_owned()
            )
        );
        assert_eq!(
            message(prints, made()),
            (
                FindingKind::NoAnswer,
                "the client never ended, having printed \"Server response: 1983-05-31 \
                 10:00:00\\n\" on standard output"
                    .to_owned()
            )
        );
        let (kind, _) = message(prints, asked().stdout(LINE).exited(Some(0)));
        assert_eq!(kind, FindingKind::WrongOutput);
        let (kind, _) = message(prints, asked().panicked("no").exited(Some(101)));
        assert_eq!(kind, FindingKind::Panic);
    }

    #[test]
    fn a_failure_is_one_line_and_exit_code_1() {
        let said = |text| asked().stderr(text).exited(Some(1));
        assert_eq!(judged(failing, said("error: gone\n")), Ok(Shown::Right));
        for wrong in ["", "gone\n", "error: gone\nsorry\n"] {
            let (kind, _) = message(failing, said(wrong));
            assert_eq!(kind, FindingKind::WrongOutput, "{wrong:?}");
        }
        let both = asked().stdout("error: gone\n").stderr("error: gone\n");
        assert_eq!(
            message(failing, both.exited(Some(1))).1,
            "the client failed, and printed \"error: gone\\n\" on standard output, where only \
             results belong"
        );
        assert_eq!(
            message(
                failing,
                asked().stdout("Server response: 19\n").exited(Some(0))
            ),
            (
                FindingKind::WrongExitCode,
                "the client should fail with exit code 1, and ended with 0, having printed \
                 \"Server response: 19\\n\" on standard output"
                    .to_owned()
            )
        );
        assert_eq!(
            message(failing, asked().exited(None)),
            (
                FindingKind::NoAnswer,
                "the client was still at it long after it should have failed".to_owned()
            )
        );
    }

    #[test]
    fn a_failure_without_asking_is_none() {
        let made = Made::client(&["clock"]).stderr("error: no\n");
        let (kind, told) = message(failing, made.exited(Some(1)));
        assert_eq!(kind, FindingKind::NoAnswer);
        assert_eq!(told, "the client never connected to clock");
    }

    #[test]
    fn where_things_are_lost_either_is_right() {
        let printed = asked().stdout(PRINTED).exited(Some(0));
        assert_eq!(judged(prints_or_fails, printed), Ok(Shown::Right));
        let failed = asked().stderr("error: lost\n").exited(Some(1));
        assert_eq!(judged(prints_or_fails, failed), Ok(Shown::Right));
        assert!(judged(prints_or_fails, asked()).is_err());
    }
}
