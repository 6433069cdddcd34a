//! How the server reads lines from somebody whom it does not trust.

use std::io::{BufRead, Read};

/// The longest line that is taken, its end not counted.
const LONGEST: usize = 4096;

/// What comes next from a client.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// A whole line without its end.
    Line(String),
    /// Something that is no line of the protocol, and why; nothing after it can be relied upon.
    Bad(&'static str),
    /// No further line: the client has finished, or its connection broke.
    End,
}

/// Reads the next line and holds no more of it in memory than a line may have.
pub(crate) fn next(reader: &mut impl BufRead) -> Input {
    let most = LONGEST + b"\r\n".len();
    let mut line = Vec::new();
    let read = reader
        .by_ref()
        .take(most as u64)
        .read_until(b'\n', &mut line);
    if line.pop_if(|last| *last == b'\n').is_none() {
        // Either the client sent no end within the longest line, or its input stopped before one.
        let too_long = read.is_ok() && line.len() == most;
        return if too_long {
            Input::Bad(TOO_LONG)
        } else {
            Input::End
        };
    }
    line.pop_if(|last| *last == b'\r');
    if line.len() > LONGEST {
        return Input::Bad(TOO_LONG);
    }
    match String::from_utf8(line) {
        Ok(text) => Input::Line(text),
        Err(_) => Input::Bad("a line must be UTF-8"),
    }
}

const TOO_LONG: &str = "a line has at most 4096 bytes";

#[cfg(test)]
mod tests {
    use super::*;

    fn all(mut bytes: &[u8]) -> Vec<Input> {
        let mut found = Vec::new();
        loop {
            found.push(next(&mut bytes));
            if !matches!(found.last(), Some(Input::Line(_))) {
                return found;
            }
        }
    }

    fn line(text: &str) -> Input {
        Input::Line(text.to_owned())
    }

    #[test]
    fn lines_lose_their_ends_and_nothing_else() {
        let expected = vec![
            line("one"),
            line("two "),
            line(""),
            line("a\rb\r"),
            Input::End,
        ];
        assert_eq!(all(b"one\ntwo \r\n\na\rb\r\r\nunfinished"), expected);
    }

    #[test]
    fn the_longest_line_is_taken_and_one_byte_more_is_not() {
        let longest = "x".repeat(LONGEST);
        for end in ["\n", "\r\n"] {
            assert_eq!(
                all(format!("{longest}{end}").as_bytes()),
                [line(&longest), Input::End]
            );
            assert_eq!(
                all(format!("{longest}x{end}").as_bytes()),
                [Input::Bad(TOO_LONG)]
            );
        }
        assert_eq!(
            all("x".repeat(LONGEST * 2).as_bytes()),
            [Input::Bad(TOO_LONG)]
        );
    }

    #[test]
    fn other_encodings_are_refused() {
        assert!(matches!(all(b"caf\xe9\n")[..], [Input::Bad(_)]));
    }
}
