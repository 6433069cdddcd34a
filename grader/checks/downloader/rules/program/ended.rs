//! How the program ends, and how it complains.

use judge::{Fault, FindingKind};

use crate::program::{Order, Ran, quoted};

/// 0 where every download succeeds, and 1 where one fails.
pub(crate) fn code(order: &Order, ran: &Ran) -> Result<(), Fault> {
    let (wanted, why) = match order.all_succeed() {
        true => (0, "every download can succeed"),
        false => (1, "not every download can succeed"),
    };
    if ran.exit == wanted {
        return Ok(());
    }
    let message = format!(
        "{why}, but the program exits with {}{}",
        ran.exit,
        ran.printed()
    );
    Err(Fault::new(FindingKind::WrongExitCode, message))
}

/// A wrong command line: one line on standard error, nothing on standard
/// output, and 2.
pub(crate) fn usage(_: &Order, ran: &Ran) -> Result<(), Fault> {
    silent(ran, "the command line is wrong")?;
    if ran.exit != 2 {
        let message = format!(
            "the command line is wrong, but the program exits with {}",
            ran.exit
        );
        return Err(Fault::new(FindingKind::WrongExitCode, message));
    }
    match ran.stderr.as_slice() {
        [line] if !line.trim().is_empty() => Ok(()),
        lines => {
            let message = format!(
                "the command line is wrong, which one line on standard error should say; there is {}",
                quoted(lines)
            );
            Err(Fault::new(FindingKind::WrongOutput, message))
        }
    }
}

/// A list that cannot be read: something on standard error, nothing on standard
/// output, and 1 or 2.
pub(crate) fn unread_list(_: &Order, ran: &Ran) -> Result<(), Fault> {
    silent(ran, "the list is not there")?;
    if !matches!(ran.exit, 1 | 2) {
        let message = format!(
            "the list is not there, but the program exits with {}",
            ran.exit
        );
        return Err(Fault::new(FindingKind::WrongExitCode, message));
    }
    if ran.stderr.iter().all(|line| line.trim().is_empty()) {
        let message =
            "the list is not there, but the program says nothing about it on standard error";
        return Err(Fault::new(FindingKind::WrongOutput, message));
    }
    Ok(())
}

fn silent(ran: &Ran, why: &str) -> Result<(), Fault> {
    if ran.stdout.is_empty() {
        return Ok(());
    }
    let message = format!(
        "{why}, but the program prints {} on standard output",
        quoted(&ran.stdout)
    );
    Err(Fault::new(FindingKind::WrongOutput, message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::Ordered;

    fn ran(exit: i32, stdout: &[&str], stderr: &[&str]) -> Ran {
        let lines = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
        Ran {
            exit,
            stdout: lines(stdout),
            stderr: lines(stderr),
            ..Ran::default()
        }
    }

    #[test]
    fn the_exit_code_says_whether_all_went_well() {
        let order = |bodies: &[Option<&str>]| Order {
            urls: bodies
                .iter()
                .map(|body| Ordered {
                    url: "http://{one}/a".to_owned(),
                    body: body.map(str::to_owned),
                })
                .collect(),
            ..Order::default()
        };
        let (well, ill) = (order(&[Some("a")]), order(&[Some("a"), None]));
        assert_eq!(code(&well, &ran(0, &[], &[])), Ok(()));
        assert_eq!(code(&ill, &ran(1, &[], &[])), Ok(()));
        for (order, exit) in [(&well, 1), (&ill, 0), (&ill, 2), (&ill, 101)] {
            let fault = code(order, &ran(exit, &[], &[])).unwrap_err();
            assert_eq!(fault.kind, FindingKind::WrongExitCode);
        }
    }

    #[test]
    fn a_wrong_command_line_is_answered_with_one_line() {
        let kind = |ran: &Ran| usage(&Order::default(), ran).map_err(|fault| fault.kind);
        assert_eq!(kind(&ran(2, &[], &["usage: ..."])), Ok(()));
        for (ran, expected) in [
            (ran(1, &[], &["usage"]), FindingKind::WrongExitCode),
            (ran(2, &["usage"], &[]), FindingKind::WrongOutput),
            (ran(2, &[], &[]), FindingKind::WrongOutput),
            (ran(2, &[], &["usage", "more"]), FindingKind::WrongOutput),
            (ran(2, &[], &[" "]), FindingKind::WrongOutput),
        ] {
            assert_eq!(kind(&ran), Err(expected), "{ran:?}");
        }
    }

    #[test]
    fn a_list_that_is_not_there_is_complained_about() {
        let kind = |ran: &Ran| unread_list(&Order::default(), ran).map_err(|fault| fault.kind);
        for exit in [1, 2] {
            assert_eq!(kind(&ran(exit, &[], &["no list", "usage"])), Ok(()));
        }
        for (ran, expected) in [
            (ran(0, &[], &["no list"]), FindingKind::WrongExitCode),
            (ran(101, &[], &["no list"]), FindingKind::WrongExitCode),
            (ran(1, &["no list"], &[]), FindingKind::WrongOutput),
            (ran(1, &[], &[]), FindingKind::WrongOutput),
        ] {
            assert_eq!(kind(&ran), Err(expected), "{ran:?}");
        }
    }
}
