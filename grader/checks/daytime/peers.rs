//! The peers of a scenario that ask a server for the time.

use judge::world::{End, Peer, Program, Seen};
use judge::{Bytes, Did, Fault, FindingKind};

/// A second, in the nanoseconds that deeds are told in.
pub(crate) const SECOND: u64 = 1_000_000_000;

/// An answer that a peer got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// When it was asked for: the connection was made, or the datagram sent.
    /// Nanoseconds since the beginning, as below.
    pub(crate) asked: u64,
    /// When its first bytes came.
    pub(crate) first: u64,
    /// When its last bytes came.
    pub(crate) last: u64,
    /// Its bytes.
    pub(crate) bytes: Vec<u8>,
}

/// The peers that read: they are owed an answer. The others are only in the
/// way.
pub(crate) fn asking<'a>(seen: &Seen<'a>) -> Vec<Peer<'a>> {
    let reads = |peer: &Peer| lines(peer).any(|line| line.starts_with("read "));
    seen.peers().filter(reads).collect()
}

/// Whether a peer talks in datagrams.
pub(crate) fn has_datagrams(peer: &Peer) -> bool {
    lines(peer).any(|line| line.starts_with("udp "))
}

fn lines<'a>(peer: &Peer<'a>) -> impl Iterator<Item = &'a str> {
    (0..)
        .map(|line| peer.line(line))
        .take_while(|line| !line.is_empty())
}

/// The answers that a peer got: what came over each of its connections, or each
/// datagram.
pub(crate) fn answers(peer: &Peer) -> Vec<Answer> {
    let datagrams = has_datagrams(peer);
    let mut answers: Vec<Answer> = Vec::new();
    let mut asked = Vec::new();
    let mut open = false;
    for deed in peer.deeds() {
        match deed.did {
            Did::Connected => {
                open = false;
                asked.push(deed.at);
            }
            Did::Sent(_) if datagrams => asked.push(deed.at),
            Did::Received(bytes) if open && !datagrams => {
                // `open` is set where an answer is pushed.
                if let Some(answer) = answers.last_mut() {
                    answer.bytes.extend_from_slice(bytes);
                    answer.last = deed.at;
                }
            }
            Did::Received(bytes) => {
                open = true;
                // The answer to the first question that had none; of a
                // connection, to the last one: others may have had none.
                let question = match datagrams {
                    true => asked.get(answers.len()).or(asked.last()),
                    false => asked.last(),
                };
                answers.push(Answer {
                    asked: question.copied().unwrap_or_default(),
                    first: deed.at,
                    last: deed.at,
                    bytes: bytes.0.clone(),
                });
            }
            _ => {}
        }
    }
    answers
}

/// Whether the connection of a peer broke, which may have destroyed what it
/// had not read yet.
pub(crate) fn is_broken(peer: &Peer) -> bool {
    matches!(peer.end(), End::Broken(_))
}

/// That a peer got no answer, and why, as far as can be told.
pub(crate) fn no_answer(seen: &Seen, peer: &Peer) -> Fault {
    if let Some(fault) = server_ended(seen) {
        return fault;
    }
    match seen.gave_up(peer) {
        Some(fault) => fault,
        None => {
            let story = match peer.story() {
                story if story.is_empty() => format!("{} received nothing", peer.name()),
                story => story,
            };
            let message = format!("{story}{}", panicked(seen));
            Fault::new(FindingKind::NoAnswer, message)
        }
    }
}

/// That a server has ended by itself, where one has.
pub(crate) fn server_ended(seen: &Seen) -> Option<Fault> {
    let ended = |program: &Program| program.has_ended() && !program.was_killed();
    let server = seen.programs().find(ended)?;
    let name = server.name();
    let code = server.exit().unwrap_or_default();
    // A panic tells more than the code that it leads to.
    if code == 101
        && let Err(fault) = judge::no_panic(seen.execution())
    {
        let message = format!("{}, which ended the {name}", fault.message);
        return Some(Fault { message, ..fault });
    }
    let said = match server.stderr() {
        said if said.is_empty() => String::new(),
        said => format!(", and said {}", Bytes::from(said.trim_end())),
    };
    let message = format!("the {name} ended, with exit code {code}{said}");
    Some(Fault::new(FindingKind::WrongExitCode, message))
}

/// `; server T1 panicked ...`, where a thread did.
fn panicked(seen: &Seen) -> String {
    match judge::no_panic(seen.execution()) {
        Ok(()) => String::new(),
        Err(fault) => format!("; {}", fault.message),
    }
}

/// Whether an execution is one of the simulation, where time passes only while
/// nobody can run.
pub(crate) fn is_simulated(seen: &Seen) -> bool {
    !seen.execution().schedule.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Made, question, server};

    fn answers_of(script: &str, made: Made) -> Vec<(u64, u64, u64, String)> {
        let question = question(server(), &[("ann", script)]);
        let execution = made.over();
        let seen = Seen::new(&question.world, &execution);
        let asking = asking(&seen);
        let text = |bytes| String::from_utf8(bytes).unwrap();
        answers(&asking[0])
            .into_iter()
            .map(|answer| (answer.asked, answer.first, answer.last, text(answer.bytes)))
            .collect()
    }

    #[test]
    fn an_answer_is_what_came_over_one_connection() {
        let script = "connect server\nread end\nclose\nconnect server\nread end";
        let made = Made::server(&["ann"])
            .connected("ann", 1)
            .received("ann", 2, "a")
            .received("ann", 3, "b")
            .did("ann", 3, Did::End)
            .connected("ann", 5)
            .connected("ann", 7)
            .received("ann", 8, "c");
        assert_eq!(
            answers_of(script, made),
            [(1, 2, 3, "ab".to_owned()), (7, 8, 8, "c".to_owned())]
        );
    }

    #[test]
    fn an_answer_is_a_datagram() {
        let script = "udp server\nsend \"1\"\nread some\nsend \"2\"\nread some";
        let made = Made::server(&["ann"])
            .sent("ann", 1, "1")
            .received("ann", 2, "a")
            .sent("ann", 4, "2")
            .received("ann", 5, "b")
            .received("ann", 6, "c");
        assert_eq!(
            answers_of(script, made),
            [
                (1, 2, 2, "a".to_owned()),
                (4, 5, 5, "b".to_owned()),
                (4, 6, 6, "c".to_owned())
            ]
        );
    }

    #[test]
    fn who_reads_nothing_asks_for_nothing() {
        let peers = [
            ("ann", "connect server\nread end"),
            ("bob", "connect server\nreset"),
        ];
        let question = question(server(), &peers);
        let execution = Made::server(&["ann", "bob"]).over();
        let seen = Seen::new(&question.world, &execution);
        let names: Vec<_> = asking(&seen).iter().map(Peer::name).collect();
        assert_eq!(names, ["ann"]);
    }
}
