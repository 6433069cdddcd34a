//! Words for people that several reports use.

use verdict::{FindingKind, Outcome};

/// A kind of finding, as it stands in a line.
pub(crate) fn kind(kind: FindingKind) -> &'static str {
    match kind {
        FindingKind::NotLinearizable => "not linearizable",
        FindingKind::WrongOutput => "wrong output",
        FindingKind::WrongThread => "wrong thread",
        FindingKind::WrongExitCode => "wrong exit code",
        FindingKind::WrongResult => "wrong result",
        FindingKind::WrongFile => "wrong file",
        FindingKind::WrongConcurrency => "too many or too few at once",
        FindingKind::Deadlock => "deadlock",
        FindingKind::LostWakeup => "lost wake-up",
        FindingKind::Polling => "polling",
        FindingKind::Livelock => "never ends",
        FindingKind::Panic => "panic",
        FindingKind::ThreadLeft => "thread left behind",
        FindingKind::Crash => "crash",
        FindingKind::LimitExceeded => "limit exceeded",
        FindingKind::Unsupported => "not allowed",
    }
}

/// An outcome that is no grading, as it stands before its message.
pub(crate) fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Graded => "graded",
        Outcome::DoesNotCompile => "does not compile",
        Outcome::Refused => "refused",
        Outcome::InfrastructureError => "could not be graded (this is no score)",
    }
}

/// A number of things: `1 point`, `2 points`.
pub(crate) fn count(number: u32, thing: &str) -> String {
    match number {
        1 => format!("1 {thing}"),
        _ => format!("{number} {thing}s"),
    }
}

/// An argument as a shell takes it.
pub(crate) fn quoted(argument: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:,@%+=".contains(c);
    if !argument.is_empty() && argument.chars().all(plain) {
        argument.to_owned()
    } else {
        format!("'{}'", argument.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_quoted_where_a_shell_needs_it() {
        assert_eq!(quoted("two-deposits@0,1.2"), "two-deposits@0,1.2");
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
