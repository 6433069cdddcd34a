//! After its answer the server closes the connection in good order.

use judge::world::{End, Peer, Seen};
use judge::{Bytes, Fault, FindingKind};

use crate::evidence::Shown;
use crate::peers::{answers, asking, no_answer};

/// Looks at how each connection ends. Whether the answer has the right form,
/// and whether there is one at all, are other rules' matters.
pub(crate) fn in_good_order(seen: &Seen) -> Result<Shown, Fault> {
    let mut shown = Shown::Right;
    for peer in asking(seen) {
        match peer.end() {
            End::Broken(reason) => return Err(broken(&peer, &reason)),
            End::Refused(_) => shown = Shown::Nothing(no_answer(seen, &peer)),
            End::Open | End::Closed if answers(&peer).is_empty() => {
                shown = Shown::Nothing(no_answer(seen, &peer));
            }
            End::Closed => {}
            End::Open => return Err(open(seen, &peer)),
        }
    }
    Ok(shown)
}

fn broken(peer: &Peer, reason: &str) -> Fault {
    let name = peer.name();
    let received = match peer.received() {
        received if received.is_empty() => "the answer was lost".to_owned(),
        received => format!("it received {}", Bytes(received)),
    };
    let mut message = format!(
        "instead of the end of input {name} saw the connection break ({reason}), and {received}"
    );
    let sent = peer.sent();
    if !sent.is_empty() {
        message.push_str(&format!(
            "; {name} had sent {}, and a connection that is closed while something lies there \
             unread is reset",
            Bytes(sent)
        ));
    }
    Fault::new(FindingKind::WrongAnswer, message)
}

fn open(seen: &Seen, peer: &Peer) -> Fault {
    let name = peer.name();
    let mut message = format!(
        "{name} received {} and never the end of input",
        Bytes(peer.received())
    );
    let waiting = seen.waiting();
    if !waiting.is_empty() {
        message.push_str("; meanwhile ");
        message.push_str(&waiting);
    }
    Fault::new(FindingKind::NoAnswer, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Made, question, server};
    use judge::Did;

    fn judged(made: Made) -> Result<Shown, Fault> {
        let question = question(
            server(),
            &[("ann", "connect server\nsend \"hi\"\nread end")],
        );
        in_good_order(&Seen::new(&question.world, &made.over()))
    }

    fn asked() -> Made {
        Made::server(&["ann"])
            .connected("ann", 0)
            .sent("ann", 0, "hi")
    }

    #[test]
    fn the_end_of_input_is_good_order_whatever_came_before() {
        let made = asked().received("ann", 1, "soon").did("ann", 1, Did::End);
        assert_eq!(judged(made), Ok(Shown::Right));
    }

    #[test]
    fn a_reset_is_told_with_what_was_sent_and_received() {
        let fault = judged(asked().broken("ann", 1)).unwrap_err();
        assert_eq!(fault.kind, FindingKind::WrongAnswer);
        assert_eq!(
            fault.message,
            "instead of the end of input ann saw the connection break (ConnectionReset), and the \
             answer was lost; ann had sent \"hi\", and a connection that is closed while something \
             lies there unread is reset"
        );
        let fault = judged(asked().received("ann", 1, "now").broken("ann", 1)).unwrap_err();
        assert!(fault.message.contains("it received \"now\""));
    }

    #[test]
    fn a_connection_that_stays_open_is_told() {
        let fault = judged(asked().received("ann", 1, "now")).unwrap_err();
        assert_eq!(fault.kind, FindingKind::NoAnswer);
        assert_eq!(
            fault.message,
            "ann received \"now\" and never the end of input"
        );
    }

    #[test]
    fn no_answer_is_another_rules_matter() {
        for made in [asked(), asked().did("ann", 1, Did::End)] {
            let shown = judged(made);
            assert!(matches!(shown, Ok(Shown::Nothing(_))), "{shown:?}");
        }
    }
}
