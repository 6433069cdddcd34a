//! A wrong command line is refused.

use judge::{Execution, Fault, FindingKind, Stream};

use crate::evidence::ended;
use crate::numbers::shown;

/// Exit code 2, nothing on standard output, something on standard error; what
/// it says is for people.
pub(crate) fn usage_error(execution: &Execution) -> Result<(), Fault> {
    // Output comes first: a program that starts to print may never end here.
    let output = judge::output(execution, Stream::Stdout);
    if !output.is_empty() {
        let message = format!(
            "a wrong command line prints nothing on standard output, but {} was printed",
            shown(&output)
        );
        return Err(Fault::new(FindingKind::WrongOutput, message));
    }
    let code = ended(execution)?;
    if code != 2 {
        judge::no_panic(execution)?;
        let message = format!("the exit code of a wrong command line is 2, but it was {code}");
        return Err(Fault::new(FindingKind::WrongExitCode, message));
    }
    if judge::output(execution, Stream::Stderr).trim().is_empty() {
        let message = "a wrong command line is answered with a line of usage on standard error, \
                       but nothing was printed there";
        return Err(Fault::new(FindingKind::WrongOutput, message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{complains, panics, prints, stuck};

    fn kind(execution: &Execution) -> FindingKind {
        usage_error(execution).unwrap_err().kind
    }

    #[test]
    fn a_refusal_may_say_what_it_likes() {
        assert_eq!(usage_error(&complains(2, &["usage: it [LIMIT]\n"])), Ok(()));
        assert_eq!(
            usage_error(&complains(2, &["LIMIT is wrong\n", "usage"])),
            Ok(())
        );
    }

    #[test]
    fn a_silent_refusal_is_none() {
        assert_eq!(kind(&complains(2, &[])), FindingKind::WrongOutput);
        assert_eq!(kind(&complains(2, &["\n"])), FindingKind::WrongOutput);
    }

    #[test]
    fn other_exit_codes_are_told() {
        let fault = usage_error(&complains(1, &["usage\n"])).unwrap_err();
        assert_eq!(fault.kind, FindingKind::WrongExitCode);
        assert_eq!(
            fault.message,
            "the exit code of a wrong command line is 2, but it was 1"
        );
        assert_eq!(kind(&panics(0, "invalid digit")), FindingKind::Panic);
        assert_eq!(kind(&stuck(&[])), FindingKind::Deadlock);
    }

    #[test]
    fn numbers_are_not_a_refusal() {
        let fault = usage_error(&prints(&[(1, "1\n2\n")])).unwrap_err();
        assert_eq!(
            fault.message,
            "a wrong command line prints nothing on standard output, but \"1\\n2\\n\" was printed"
        );
    }
}
