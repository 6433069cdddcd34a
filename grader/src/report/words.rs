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
        FindingKind::WrongAnswer => "wrong answer",
        FindingKind::NoAnswer => "no answer",
        FindingKind::Deadlock => "deadlock",
        FindingKind::LostWakeup => "lost wake-up",
        FindingKind::Polling => "polling",
        FindingKind::Livelock => "never ends",
        FindingKind::Panic => "panic",
        FindingKind::ThreadLeft => "thread left behind",
        FindingKind::Crash => "crash",
        FindingKind::LimitExceeded => "limit exceeded",
        FindingKind::Unsupported => "not allowed",
        FindingKind::NoProgram => "no program to start",
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

/// What is said of pairs that may be alike, and that nobody looked at.
pub(crate) fn not_compared(pairs: usize) -> String {
    let (pairs, were) = match pairs {
        1 => ("1 more pair".to_owned(), "was"),
        _ => (format!("{pairs} more pairs"), "were"),
    };
    format!(
        "{pairs} may be alike and {were} not compared: too many others of the exercise have more in \
         common by their fingerprints"
    )
}

/// A number with its thousands set apart: `1,482`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A text of a submission's own, with everything escaped that would move the
/// cursor, colour the terminal or change the order of what is read. Lines stay
/// lines.
pub(crate) fn visible(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(visible_line).collect();
    lines.join("\n")
}

/// The same for a text that is to stay on one line.
pub(crate) fn visible_line(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    for c in text.chars() {
        if is_invisible(c) {
            visible.extend(c.escape_default());
        } else {
            visible.push(c);
        }
    }
    visible
}

/// Control characters, and those of Unicode that show nothing themselves but
/// change how the text around them is shown (among them those of UAX 9).
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// An argument as a shell takes it.
pub(crate) fn quoted(argument: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:,@%+=".contains(c);
    if !argument.is_empty() && argument.chars().all(plain) {
        argument.to_owned()
    } else if argument.chars().any(is_invisible) {
        // The form that bash, zsh and ksh read escapes in.
        let mut words = String::from("$'");
        for c in argument.chars() {
            match c {
                '\'' | '\\' => words.extend(['\\', c]),
                c if is_invisible(c) => words.push_str(&format!("\\U{:08x}", u32::from(c))),
                c => words.push(c),
            }
        }
        words + "'"
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
        assert_eq!(quoted("a\x1b[m'"), r"$'a\U0000001b[m\''");
    }

    #[test]
    fn nothing_of_a_submission_moves_the_cursor_or_turns_the_text_around() {
        let text = "a\tb\x1b[31m\r\u{202e}c\u{2066}\u{feff}\u{9b}\nd ä 漢";
        assert_eq!(
            visible(text),
            "a\\tb\\u{1b}[31m\\r\\u{202e}c\\u{2066}\\u{feff}\\u{9b}\nd ä 漢"
        );
        assert_eq!(visible_line("a\nb"), "a\\nb");
    }
}
