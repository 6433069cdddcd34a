//! What a client asked the server for, line by line.

use crate::moment::Moment;

/// The longest line, its end not counted.
const LONGEST: usize = 4096;

/// The longest name.
const LONGEST_NAME: usize = 20;

/// A line that a client sent after its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    /// What it asks for.
    pub(crate) what: Asked,
    /// When it was sent.
    pub(crate) sent: Moment,
    /// Whether it may as well be overlooked: an unfinished last line.
    pub(crate) optional: bool,
}

/// What a line asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    /// That the others get this.
    Say(Vec<u8>),
    /// Who is present.
    Who,
    /// To leave.
    Quit,
    /// Nothing that there is: the line is too long, or not UTF-8.
    Bad(Fault),
}

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    TooLong,
    NotUtf8,
}

/// The first line of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct First {
    /// The line.
    pub(crate) line: Vec<u8>,
    /// The name, if it is one.
    pub(crate) name: Option<String>,
    /// When it was sent.
    pub(crate) sent: Moment,
}

/// What a client sent, read as a server should.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Requests {
    /// Its name, or what should have been one.
    pub(crate) first: Option<First>,
    /// What followed, without empty lines, and nothing after what ended it.
    pub(crate) then: Vec<Request>,
}

impl Requests {
    /// Reads what was sent in these pieces.
    pub(crate) fn read(pieces: &[(Vec<u8>, Moment)]) -> Requests {
        let mut requests = Requests::default();
        let mut line: Vec<u8> = Vec::new();
        let mut last = Moment::default();
        for (bytes, sent) in pieces {
            last = *sent;
            for &byte in bytes {
                if byte == b'\n' {
                    line.pop_if(|last| *last == b'\r');
                    requests.take(std::mem::take(&mut line), *sent, false);
                } else {
                    line.push(byte);
                    // What can no longer become a line may be answered now.
                    let may_end = line.len() == LONGEST + 1 && byte == b'\r';
                    if line.len() > LONGEST && !may_end {
                        requests.take(line, *sent, false);
                        return requests;
                    }
                }
                if requests.are_over() {
                    return requests;
                }
            }
        }
        if !line.is_empty() && requests.first.is_some() {
            requests.take(line, last, true);
        }
        requests
    }

    /// Whether nothing that follows is carried out.
    fn are_over(&self) -> bool {
        let refused = self
            .first
            .as_ref()
            .is_some_and(|first| first.name.is_none());
        let ended = |request: &Request| matches!(request.what, Asked::Quit | Asked::Bad(_));
        refused || self.then.last().is_some_and(ended)
    }

    fn take(&mut self, line: Vec<u8>, sent: Moment, optional: bool) {
        if self.first.is_none() {
            let name = name(&line);
            self.first = Some(First { line, name, sent });
            return;
        }
        if line.is_empty() {
            return;
        }
        let what = asked(line);
        self.then.push(Request {
            what,
            sent,
            optional,
        });
    }
}

fn asked(line: Vec<u8>) -> Asked {
    if line.len() > LONGEST {
        return Asked::Bad(Fault::TooLong);
    }
    if std::str::from_utf8(&line).is_err() {
        return Asked::Bad(Fault::NotUtf8);
    }
    match line.as_slice() {
        b"/who" => Asked::Who,
        b"/quit" => Asked::Quit,
        bye if bye.eq_ignore_ascii_case(b"bye") => Asked::Quit,
        _ => Asked::Say(line),
    }
}

fn name(line: &[u8]) -> Option<String> {
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-".contains(byte);
    let fits = (1..=LONGEST_NAME).contains(&line.len()) && line.iter().all(allowed);
    fits.then(|| String::from_utf8_lossy(line).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[&[u8]]) -> Requests {
        let pieces: Vec<_> = pieces
            .iter()
            .enumerate()
            .map(|(at, bytes)| (bytes.to_vec(), Moment { since: at, at }))
            .collect();
        Requests::read(&pieces)
    }

    fn asked_for(bytes: &[u8]) -> Vec<Asked> {
        let requests = read(&[b"ann\n", bytes]);
        requests
            .then
            .into_iter()
            .map(|request| request.what)
            .collect()
    }

    fn say(text: &str) -> Asked {
        Asked::Say(text.into())
    }

    #[test]
    fn lines_are_what_their_ends_make_them() {
        let requests = read(&[b"an", b"n\r\nhello\r\n", b"\n\r\n  b: \xc3\xa4 \nhe", b"y"]);
        let first = requests.first.unwrap();
        assert_eq!((first.name.as_deref(), first.sent.at), (Some("ann"), 1));
        let then: Vec<_> = requests
            .then
            .iter()
            .map(|r| (r.what.clone(), r.sent.at))
            .collect();
        assert_eq!(
            then,
            [(say("hello"), 1), (say("  b: \u{e4} "), 2), (say("hey"), 3)]
        );
        assert_eq!(
            requests.then.iter().map(|r| r.optional).collect::<Vec<_>>(),
            [false, false, true]
        );
    }

    #[test]
    fn nothing_follows_what_ends_it() {
        assert_eq!(asked_for(b"/who\n/quit\nmore\n"), [Asked::Who, Asked::Quit]);
        assert_eq!(
            asked_for(b"no bye\nbYe\nmore\n"),
            [say("no bye"), Asked::Quit]
        );
        assert_eq!(asked_for(b"caf\xe9\nmore\n"), [Asked::Bad(Fault::NotUtf8)]);
        assert_eq!(read(&[b"no name\nmore\n"]).then, []);
    }

    #[test]
    fn a_line_is_too_long_as_soon_as_it_cannot_be_one() {
        let long = "x".repeat(LONGEST);
        assert_eq!(asked_for(format!("{long}\r\n").as_bytes()), [say(&long)]);
        assert_eq!(
            asked_for(format!("{long}y").as_bytes()),
            [Asked::Bad(Fault::TooLong)]
        );
        let requests = read(&[b"ann\n", long.as_bytes(), b"\r", b"y"]);
        assert_eq!(requests.then[0].sent.at, 3);
    }

    #[test]
    fn names_keep_the_rules() {
        let named = |line: &[u8]| read(&[line, b"\n"]).first.unwrap().name.is_some();
        for good in ["a", "Z_9-", "error", "abcdefghijklmnopqrst"] {
            assert!(named(good.as_bytes()), "{good}");
        }
        for bad in ["", "a b", "zo\u{eb}", "/who", "abcdefghijklmnopqrstu"] {
            assert!(!named(bad.as_bytes()), "{bad}");
        }
    }
}
