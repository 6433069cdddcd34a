//! The answer is `YYYY-MM-DD HH:MM:SS\r\n` and nothing else.

use judge::world::Seen;
use judge::{Bytes, Fault, FindingKind};

use crate::evidence::Shown;
use crate::line;
use crate::peers::{answers, asking, has_datagrams, is_broken, no_answer};

/// Looks at whole answers. One that a reset may have destroyed is the matter of
/// the rule on closing, and one that never came of the rule on answering.
pub(crate) fn form(seen: &Seen) -> Result<Shown, Fault> {
    let mut shown = Shown::Right;
    for peer in asking(seen) {
        let answers = answers(&peer);
        if answers.is_empty() {
            shown = Shown::Nothing(no_answer(seen, &peer));
        }
        let broken = is_broken(&peer);
        for answer in answers {
            let Some(wrong) = line::wrong(&answer.bytes) else {
                continue;
            };
            let name = peer.name();
            let bytes = Bytes::from(answer.bytes.as_slice());
            let after = match has_datagrams(&peer) {
                true => "",
                false => " in all",
            };
            let message = format!(
                "{name} received {bytes}{after}: {wrong} (the answer is `YYYY-MM-DD \
                 HH:MM:SS\\r\\n`)"
            );
            let fault = Fault::new(FindingKind::WrongAnswer, message);
            if broken && answer.bytes.len() < 21 {
                shown = Shown::Nothing(fault);
            } else {
                return Err(fault);
            }
        }
    }
    Ok(shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Made, question, server};

    const LINE: &str = "1983-05-31 10:00:00\r\n";

    fn judged(script: &str, made: Made) -> Result<Shown, Fault> {
        let question = question(server(), &[("ann", script)]);
        form(&Seen::new(&question.world, &made.over()))
    }

    fn stream(pieces: &[&str], broken: bool) -> Result<Shown, Fault> {
        let mut made = Made::server(&["ann"]).connected("ann", 0);
        for piece in pieces {
            made = made.received("ann", 1, piece);
        }
        if broken {
            made = made.broken("ann", 2);
        }
        judged("connect server\nread end", made)
    }

    #[test]
    fn an_answer_is_right_however_it_comes() {
        assert_eq!(stream(&[LINE], false), Ok(Shown::Right));
        assert_eq!(stream(&[&LINE[..5], &LINE[5..]], false), Ok(Shown::Right));
        assert_eq!(stream(&[LINE], true), Ok(Shown::Right));
    }

    #[test]
    fn another_form_is_told() {
        let fault = stream(&["1983-05-31 10:00:00\n"], false).unwrap_err();
        assert_eq!(fault.kind, FindingKind::WrongAnswer);
        assert_eq!(
            fault.message,
            "ann received \"1983-05-31 10:00:00\\n\" in all: byte 20 is \"\\n\", where \"\\r\" \
             belongs (the answer is `YYYY-MM-DD HH:MM:SS\\r\\n`)"
        );
        assert!(stream(&[LINE, LINE], false).is_err());
        assert!(stream(&[&LINE[..20]], false).is_err());
        assert!(stream(&["1983-5-31 10:00:00 UTC\r\n"], true).is_err());
    }

    #[test]
    fn what_a_reset_destroyed_is_another_rules_matter() {
        for pieces in [&[][..], &[&LINE[..7]]] {
            let shown = stream(pieces, true);
            assert!(matches!(shown, Ok(Shown::Nothing(_))), "{shown:?}");
        }
        assert!(matches!(stream(&[], false), Ok(Shown::Nothing(_))));
    }

    #[test]
    fn each_datagram_holds_a_line() {
        let datagrams = |second| {
            let made = Made::server(&["ann"])
                .sent("ann", 0, "")
                .received("ann", 1, LINE)
                .sent("ann", 2, "")
                .received("ann", 3, second);
            judged(
                "udp server\nsend \"\"\nread some\nsend \"\"\nread some",
                made,
            )
        };
        assert_eq!(datagrams(LINE), Ok(Shown::Right));
        assert!(datagrams(&LINE[..19]).is_err());
    }
}
