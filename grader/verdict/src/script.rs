//! What a peer does: a line for each action, carried out one after another.
//!
//! ```text
//! connect server              to the address that the program `server` told of
//! send "ann\n"                bytes: literals, `* N` repeats the one before
//! send "x" * 5000 "\n"
//! read line "welcome ann"     until a line that is just that has come
//! await everybody             until another peer says so (`tell everybody`)
//! read end                    until the other side has closed
//! close
//! ```
//!
//! A peer has one connection (or UDP socket) at a time. It waits for as long as
//! anything else goes on, and then for a minute; on the real system, for a
//! generous time. If what it waits for does not come, it gives up: it closes
//! its connection and does no more. That is recorded, and the judge's to judge.
//!
//! The same script is carried out in the simulation and on the real system.

mod sought;

use core::net::{Ipv4Addr, SocketAddr};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Bytes;
pub use sought::{Sought, find};

/// The actions of a peer, in order. In JSON and in a rubric it is its text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Script {
    /// The actions.
    pub actions: Vec<Action>,
    /// The text of each, for timelines and for messages.
    pub lines: Vec<String>,
}

/// One thing that a peer does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// `listen`: TCP, on a free port of 127.0.0.1, which is `{NAME}` in the
    /// arguments of programs. Always the first action, and done before any
    /// program starts. Other peers may accept from it.
    Listen,
    /// `listen udp`: a UDP socket, likewise.
    ListenUdp,
    /// `accept` or `accept from PEER`: the next connection of the peer's own
    /// listener or of another's.
    Accept {
        /// Whose listener; its own where it is not given.
        from: Option<String>,
    },
    /// `connect NAME`: to the address that a program announced
    /// ([`Program::announces`](crate::Program)) or at which a peer listens; or
    /// `connect HOST:PORT`.
    Connect {
        /// The name or the address.
        to: String,
    },
    /// `udp NAME`: a UDP socket that sends to that address and receives from
    /// anywhere.
    Udp {
        /// The name or the address.
        to: String,
    },
    /// `unlisten`: closes the listener.
    Unlisten,
    /// `send BYTES`: writes all of it (with UDP, one datagram, to the address
    /// of the socket, or back to where the last datagram came from).
    Send(Bytes),
    /// `send slowly BYTES`: one write for each byte.
    SendSlowly(Bytes),
    /// `read WHAT`, or `read slowly WHAT`: a byte at a time.
    Read {
        /// Until when.
        until: Until,
        /// Whether a byte at a time is read.
        slowly: bool,
    },
    /// `shutdown`: closes the sending half.
    Shutdown,
    /// `close`: closes the connection.
    Close,
    /// `reset`: breaks it off, so that the other side sees a reset.
    Reset,
    /// `vanish`: it is never heard of again, and nothing says so (simulation
    /// only; on the real system, the connection is kept and left alone).
    Vanish,
    /// `tell NAME`: lets those go on who wait for that.
    Tell(String),
    /// `await NAME`: waits until it was told.
    Await(String),
    /// `sleep 5s`, `sleep 20ms`: lets that much time pass. In the simulation,
    /// only when nothing else can run.
    Sleep(Duration),
    /// `rest`: waits until nothing else goes on (on the real system: a while).
    Rest,
    /// `start PROGRAM`: one that was not started at the beginning.
    Start(String),
    /// `type PROGRAM BYTES`: on its standard input.
    Type {
        /// The program.
        program: String,
        /// The bytes.
        bytes: Bytes,
    },
    /// `hang up PROGRAM`: ends its standard input.
    HangUp(String),
    /// `watch PROGRAM until BYTES`: waits until these were printed on its
    /// standard output after what this peer watched for last.
    Watch {
        /// The program.
        program: String,
        /// The bytes.
        bytes: Bytes,
    },
    /// `exit PROGRAM`: waits until it has ended.
    Exit(String),
    /// `kill PROGRAM`: ends it at once, as the system would.
    Kill(String),
}

/// How much a peer reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Until {
    /// `read some`: what one read gives.
    Some,
    /// `read N bytes`.
    Bytes(usize),
    /// `read N lines`.
    Lines(usize),
    /// `read line BYTES`: until a line that is these bytes has come (`\n` and
    /// a `\r` before it are no part of it).
    Line(Bytes),
    /// `read until BYTES`: until these have come.
    Text(Bytes),
    /// `read end`: until the other side has closed, in whichever way.
    End,
    /// `read rest`: until nothing more comes although everything else has
    /// come to rest, or until the other side has closed.
    Rest,
}

/// Why a text is no script.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the script, `{text}`: {reason}")]
pub struct ScriptError {
    /// The line, from 1.
    pub line: usize,
    /// Its text.
    pub text: String,
    /// What is wrong with it.
    pub reason: String,
}

impl FromStr for Script {
    type Err = ScriptError;

    fn from_str(text: &str) -> Result<Self, ScriptError> {
        let mut script = Script::default();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let wrong = |reason: String| ScriptError {
                line: index + 1,
                text: line.to_owned(),
                reason,
            };
            let action = action(line).map_err(wrong)?;
            let listens = matches!(action, Action::Listen | Action::ListenUdp);
            if listens && !script.actions.is_empty() {
                return Err(wrong("to listen is the first action or none".to_owned()));
            }
            script.actions.push(action);
            script.lines.push(line.to_owned());
        }
        Ok(script)
    }
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines.join("\n"))
    }
}

impl Serialize for Script {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Script {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

fn action(line: &str) -> Result<Action, String> {
    let (verb, rest) = word(line);
    let name = || match word(rest) {
        ("", _) => Err(format!("`{verb}` needs a name")),
        (name, "") => Ok(name.to_owned()),
        (_, more) => Err(format!("`{more}` is too much")),
    };
    let nothing = |action| match rest {
        "" => Ok(action),
        more => Err(format!("`{more}` is too much")),
    };
    match verb {
        "listen" => match rest {
            "" => Ok(Action::Listen),
            "udp" => Ok(Action::ListenUdp),
            other => Err(format!("`{other}` is neither nothing nor `udp`")),
        },
        "unlisten" => nothing(Action::Unlisten),
        "accept" => match word(rest) {
            ("", _) => Ok(Action::Accept { from: None }),
            ("from", peer) if !peer.is_empty() && word(peer).1.is_empty() => Ok(Action::Accept {
                from: Some(peer.to_owned()),
            }),
            _ => Err("it should be `accept` or `accept from PEER`".to_owned()),
        },
        "connect" => Ok(Action::Connect { to: name()? }),
        "udp" => Ok(Action::Udp { to: name()? }),
        "send" => match rest.strip_prefix("slowly ") {
            Some(rest) => Ok(Action::SendSlowly(bytes(rest)?)),
            None => Ok(Action::Send(bytes(rest)?)),
        },
        "read" => {
            let (what, slowly) = match rest.strip_prefix("slowly ") {
                Some(what) => (what, true),
                None => (rest, false),
            };
            let until = until(what.trim())?;
            Ok(Action::Read { until, slowly })
        }
        "shutdown" => nothing(Action::Shutdown),
        "close" => nothing(Action::Close),
        "reset" => nothing(Action::Reset),
        "vanish" => nothing(Action::Vanish),
        "tell" => Ok(Action::Tell(name()?)),
        "await" => Ok(Action::Await(name()?)),
        "sleep" => Ok(Action::Sleep(duration(rest)?)),
        "rest" => nothing(Action::Rest),
        "start" => Ok(Action::Start(name()?)),
        "type" => {
            let (program, text) = word(rest);
            Ok(Action::Type {
                program: program.to_owned(),
                bytes: bytes(text)?,
            })
        }
        "hang" => match word(rest) {
            ("up", program) if !program.is_empty() => Ok(Action::HangUp(program.to_owned())),
            _ => Err("it should be `hang up PROGRAM`".to_owned()),
        },
        "watch" => {
            let (program, text) = word(rest);
            let text = text.strip_prefix("until ");
            let text = text.ok_or("it should be `watch PROGRAM until BYTES`")?;
            Ok(Action::Watch {
                program: program.to_owned(),
                bytes: bytes(text)?,
            })
        }
        "exit" => Ok(Action::Exit(name()?)),
        "kill" => Ok(Action::Kill(name()?)),
        other => Err(format!("there is no action `{other}`")),
    }
}

fn until(text: &str) -> Result<Until, String> {
    match word(text) {
        ("some", "") => Ok(Until::Some),
        ("end", "") => Ok(Until::End),
        ("rest", "") => Ok(Until::Rest),
        ("line", text) => Ok(Until::Line(bytes(text)?)),
        ("until", text) => Ok(Until::Text(bytes(text)?)),
        (number, unit @ ("byte" | "bytes" | "line" | "lines")) => {
            let number = number.replace('_', "");
            let number = number
                .parse()
                .map_err(|_| format!("`{number}` is not a number"))?;
            Ok(match unit {
                "byte" | "bytes" => Until::Bytes(number),
                _ => Until::Lines(number),
            })
        }
        _ => Err(format!(
            "`{text}` is not `some`, `N bytes`, `N lines`, `line BYTES`, `until BYTES`, `end` or `rest`"
        )),
    }
}

/// The first word, and what follows it.
fn word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    match text.find(char::is_whitespace) {
        Some(end) => (&text[..end], text[end..].trim()),
        None => (text, ""),
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let number = number.parse();
    match (number, unit) {
        (Ok(number), "ms") => Ok(Duration::from_millis(number)),
        (Ok(number), "s") => Ok(Duration::from_secs(number)),
        _ => Err(format!("`{text}` is no time such as `5s` or `20ms`")),
    }
}

/// Literals in quotes, each repeated by a `* N` after it.
fn bytes(text: &str) -> Result<Bytes, String> {
    let mut all = Vec::new();
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err("it needs bytes in quotes, such as \"hello\\n\"".to_owned());
    }
    while !rest.is_empty() {
        let (literal, after) = literal(rest)?;
        rest = after.trim_start();
        let mut times = 1;
        if let Some(after) = rest.strip_prefix('*') {
            let after = after.trim_start();
            let end = after
                .find(|c: char| !c.is_ascii_digit() && c != '_')
                .unwrap_or(after.len());
            let number = after[..end].replace('_', "");
            times = number
                .parse()
                .map_err(|_| format!("there is no number after `*` in `{rest}`"))?;
            rest = after[end..].trim_start();
        }
        const MOST: usize = 16 << 20;
        if literal.len().saturating_mul(times) > MOST - all.len().min(MOST) {
            return Err("that is more than 16 MiB".to_owned());
        }
        all.extend(literal.repeat(times));
    }
    Ok(Bytes(all))
}

/// A literal with the escapes of Rust's byte strings, and `\u{...}`.
fn literal(text: &str) -> Result<(Vec<u8>, &str), String> {
    let inner = text
        .strip_prefix('"')
        .ok_or_else(|| format!("`{text}` does not begin with a quote"))?;
    let mut bytes = Vec::new();
    let mut chars = inner.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok((bytes, &inner[at + 1..])),
            '\\' => {
                let (at, escape) = chars.next().ok_or("it ends in an escape")?;
                let digits = |from: usize, to: usize| {
                    inner
                        .get(from..to)
                        .and_then(|digits| u32::from_str_radix(digits, 16).ok())
                        .ok_or_else(|| format!("`\\{escape}` is not followed by digits"))
                };
                match escape {
                    'n' => bytes.push(b'\n'),
                    'r' => bytes.push(b'\r'),
                    't' => bytes.push(b'\t'),
                    '0' => bytes.push(0),
                    '\\' => bytes.push(b'\\'),
                    '"' => bytes.push(b'"'),
                    'x' => {
                        // Two hexadecimal digits fit a byte.
                        bytes.push(digits(at + 1, at + 3)? as u8);
                        chars.nth(1);
                    }
                    'u' => {
                        let end = inner[at..].find('}').ok_or("`\\u{` has no end")?;
                        let number = digits(at + 2, at + end)?;
                        let c = char::from_u32(number).ok_or("`\\u` names no character")?;
                        bytes.extend(c.encode_utf8(&mut [0; 4]).as_bytes());
                        chars.nth(end - 1);
                    }
                    other => return Err(format!("there is no escape `\\{other}`")),
                }
            }
            c => bytes.extend(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    Err(format!("`{text}` has no closing quote"))
}

/// The address that a text means, as programs tell theirs: its numbers, or `localhost`
/// with its port. Nobody is asked what other names mean.
#[must_use]
pub fn address(text: &str) -> Option<SocketAddr> {
    let local = || {
        let port = text.strip_prefix("localhost:")?.parse().ok()?;
        Some(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
    };
    text.parse().ok().or_else(local)
}

#[cfg(test)]
mod tests {
    #[test]
    fn addresses_are_numbers_or_those_of_this_machine() {
        let read = |text| super::address(text).map(|address| address.to_string());
        assert_eq!(read("127.0.0.1:80").as_deref(), Some("127.0.0.1:80"));
        assert_eq!(read("[::1]:80").as_deref(), Some("[::1]:80"));
        assert_eq!(read("localhost:80").as_deref(), Some("127.0.0.1:80"));
        for text in [
            "foo.example:80",
            "localhost",
            "localhost:http",
            "127.0.0.1",
            "127.1:80",
            "",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    use super::*;

    fn only(text: &str) -> Action {
        let script: Script = text.parse().unwrap();
        assert_eq!(script.actions.len(), 1);
        script.actions[0].clone()
    }

    #[test]
    fn bytes_are_literals_with_escapes_and_repetitions() {
        let sent = |text: &str| match only(&format!("send {text}")) {
            Action::Send(bytes) => bytes.0,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            sent(r#""a\r\n\x00\xff\u{e4}\\\"""#),
            b"a\r\n\0\xff\xc3\xa4\\\""
        );
        assert_eq!(sent(r#""ab" * 3 "\n""#), b"ababab\n");
        assert_eq!(sent(r#""x" * 65_536"#).len(), 65_536);
        assert_eq!(sent(r#""""#), b"");
    }

    #[test]
    fn a_script_keeps_its_text() {
        let text = "connect server\n\n# a note\n  send slowly \"hi\\n\"\nread 2 lines\nsleep 20ms";
        let script: Script = text.parse().unwrap();
        let expected = "connect server\nsend slowly \"hi\\n\"\nread 2 lines\nsleep 20ms";
        assert_eq!(script.to_string(), expected);
        assert_eq!(expected.parse(), Ok(script.clone()));
        assert_eq!(script.actions[2], only("read 2 lines"));
        assert_eq!(script.actions[3], Action::Sleep(Duration::from_millis(20)));
    }

    #[test]
    fn what_is_no_action_is_told_with_its_line() {
        for (text, expected) in [
            ("fly", "there is no action `fly`"),
            ("connect", "needs a name"),
            ("connect a b", "`b` is too much"),
            ("send hello", "does not begin with a quote"),
            ("send \"a", "no closing quote"),
            ("send", "needs bytes"),
            ("send \"a\" *", "no number"),
            ("send \"\\q\"", "no escape"),
            ("send \"\\x4\"", "not followed by digits"),
            ("send \"x\" * 99999999", "more than 16 MiB"),
            ("read lines", "is not `some`"),
            ("read few lines", "is not a number"),
            ("sleep 5", "no time such as"),
            ("close\nlisten", "the first action or none"),
            ("watch a b", "watch PROGRAM until"),
        ] {
            let error = text.parse::<Script>().unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
        let error = "close\n\nfly".parse::<Script>().unwrap_err();
        assert_eq!(error.line, 3);
    }
}
