//! Every datagram is answered with one, to whoever sent it.

use judge::world::{Peer, Seen};
use judge::{Did, Fault, FindingKind};

use crate::evidence::Shown;
use crate::peers::{asking, no_answer, server_ended};

/// Counts, and does not look at what the answers hold.
pub(crate) fn one_for_one(seen: &Seen) -> Result<Shown, Fault> {
    if let Some(fault) = server_ended(seen) {
        return Err(fault);
    }
    for peer in asking(seen) {
        let answered = peer.pieces().count();
        let asked = sent(&peer);
        if answered > asked {
            let message = format!(
                "{} sent {} and received {}",
                peer.name(),
                datagrams(asked),
                datagrams(answered)
            );
            return Err(Fault::new(FindingKind::WrongAnswer, message));
        }
        if answered < asked {
            let fault = no_answer(seen, &peer);
            let message = format!(
                "{} sent {}, of which {answered} were answered: {}",
                peer.name(),
                datagrams(asked),
                fault.message
            );
            return Err(Fault { message, ..fault });
        }
    }
    Ok(Shown::Right)
}

fn sent(peer: &Peer) -> usize {
    let sent = |deed: &&judge::world::Deed| matches!(deed.did, Did::Sent(_));
    peer.deeds().iter().filter(sent).count()
}

fn datagrams(number: usize) -> String {
    match number {
        1 => "1 datagram".to_owned(),
        _ => format!("{number} datagrams"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Made, question, server};

    fn judged(made: Made) -> Result<Shown, Fault> {
        let question = question(server(), &[("ann", "udp server\nsend \"\"\nread some")]);
        one_for_one(&Seen::new(&question.world, &made.over()))
    }

    fn exchange() -> Made {
        Made::server(&["ann"])
            .sent("ann", 0, "")
            .received("ann", 1, "now")
    }

    #[test]
    fn one_for_one_is_right_whatever_it_holds() {
        assert_eq!(judged(exchange()), Ok(Shown::Right));
        let made = exchange().sent("ann", 2, "again").received("ann", 3, "");
        assert_eq!(judged(made), Ok(Shown::Right));
    }

    #[test]
    fn too_few_and_too_many_are_told() {
        let fault = judged(
            exchange()
                .sent("ann", 2, "again")
                .did("ann", 60, Did::GaveUp),
        );
        assert_eq!(
            fault.unwrap_err().message,
            "ann sent 2 datagrams, of which 1 were answered: ann waited at line 1 of its script \
             (`udp server`), and it never came; ann received \"now\""
        );
        let fault = judged(exchange().received("ann", 2, "and now")).unwrap_err();
        assert_eq!(fault.kind, FindingKind::WrongAnswer);
        assert_eq!(
            fault.message,
            "ann sent 1 datagram and received 2 datagrams"
        );
    }

    #[test]
    fn a_server_that_ends_answers_no_more() {
        let fault = judged(exchange().exited(Some(0))).unwrap_err();
        assert_eq!(fault.message, "the server ended, with exit code 0");
    }
}
