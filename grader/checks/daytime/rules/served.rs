//! Every client is answered, and at once.

use judge::world::{Peer, Seen};
use judge::{Fault, FindingKind};

use crate::evidence::Shown;
use crate::peers::{SECOND, answers, asking, is_broken, is_simulated, no_answer, server_ended};

/// A client is answered at once, whatever it sends or fails to send.
pub(crate) fn at_once(seen: &Seen) -> Result<Shown, Fault> {
    all_answered(seen, "nothing else was to be done")
}

/// A client is answered at once, whatever others do, and the server goes on.
pub(crate) fn served(seen: &Seen) -> Result<Shown, Fault> {
    if let Some(fault) = server_ended(seen) {
        return Err(fault);
    }
    let others: Vec<&str> = seen.peers().map(|peer| peer.name()).collect();
    all_answered(
        seen,
        &format!(
            "no client ({}) need have kept it waiting",
            others.join(", ")
        ),
    )
}

/// What an answer is and how its connection ends is not looked at. One that a
/// reset may have destroyed is the matter of the rule on closing.
fn all_answered(seen: &Seen, idle: &str) -> Result<Shown, Fault> {
    let mut shown = Shown::Right;
    for peer in asking(seen) {
        let answers = answers(&peer);
        if answers.is_empty() {
            let fault = no_answer(seen, &peer);
            if !is_broken(&peer) || server_ended(seen).is_some() {
                return Err(fault);
            }
            shown = Shown::Nothing(fault);
        }
        if !is_punctual(seen) {
            continue;
        }
        for answer in answers {
            let waited = answer.first.saturating_sub(answer.asked);
            if waited > SECOND {
                return Err(late(&peer, waited, idle));
            }
        }
    }
    Ok(shown)
}

/// Whether time passes only where nobody has anything to do.
fn is_punctual(seen: &Seen) -> bool {
    is_simulated(seen) && !seen.world().network.late
}

fn late(peer: &Peer, waited: u64, idle: &str) -> Fault {
    let milliseconds = waited / 1_000_000;
    let (seconds, rest) = (milliseconds / 1_000, milliseconds % 1_000);
    let seconds = match rest {
        0 => format!("{seconds}"),
        _ => format!("{seconds}.{rest:03}"),
    };
    let message = format!(
        "{} was answered only after {seconds} seconds, although {idle}",
        peer.name()
    );
    Fault::new(FindingKind::NoAnswer, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Made, question, server};
    use judge::{Did, World};

    type Rule = fn(&Seen) -> Result<Shown, Fault>;

    fn judged(rule: Rule, world: World, made: Made) -> Result<Shown, Fault> {
        let question = question(world, &[("ann", "connect server\nread end")]);
        rule(&Seen::new(&question.world, &made.over()))
    }

    fn answered_after(waited: u64) -> Made {
        Made::server(&["ann"])
            .connected("ann", 7)
            .received("ann", 7 + waited, "now")
    }

    #[test]
    fn any_answer_within_a_second_will_do() {
        for rule in [at_once, served] {
            for waited in [0, SECOND] {
                let made = answered_after(waited);
                assert_eq!(judged(rule, server(), made), Ok(Shown::Right));
            }
        }
    }

    #[test]
    fn an_answer_after_more_than_a_second_is_late() {
        let fault = judged(at_once, server(), answered_after(SECOND * 5 / 2)).unwrap_err();
        assert_eq!(fault.kind, FindingKind::NoAnswer);
        assert_eq!(
            fault.message,
            "ann was answered only after 2.500 seconds, although nothing else was to be done"
        );
        assert!(judged(served, server(), answered_after(2 * SECOND)).is_err());
    }

    #[test]
    fn where_time_passes_by_itself_nobody_is_late() {
        let made = answered_after(9 * SECOND).real();
        assert_eq!(judged(at_once, server(), made), Ok(Shown::Right));
        let mut world = server();
        world.network.late = true;
        let made = answered_after(9 * SECOND);
        assert_eq!(judged(at_once, world, made), Ok(Shown::Right));
    }

    #[test]
    fn no_answer_is_told() {
        let gave_up =
            Made::server(&["ann"])
                .connected("ann", 0)
                .did("ann", 60 * SECOND, Did::GaveUp);
        assert_eq!(
            judged(at_once, server(), gave_up).unwrap_err().message,
            "ann waited at line 1 of its script (`connect server`), and it never came; ann \
             received nothing"
        );
        let closed = Made::server(&["ann"])
            .connected("ann", 0)
            .did("ann", 1, Did::End)
            .panicked("oh");
        assert_eq!(
            judged(at_once, server(), closed).unwrap_err().message,
            "ann received nothing and then the end of input; server panicked: oh"
        );
    }

    #[test]
    fn what_a_reset_destroyed_is_another_rules_matter() {
        let made = Made::server(&["ann"]).connected("ann", 0).broken("ann", 1);
        let shown = judged(served, server(), made);
        assert!(matches!(shown, Ok(Shown::Nothing(_))), "{shown:?}");
    }

    #[test]
    fn a_server_that_ends_is_told_with_why() {
        let made = answered_after(0).panicked("broken pipe").exited(Some(101));
        let fault = judged(served, server(), made).unwrap_err();
        assert_eq!(fault.kind, FindingKind::Panic);
        assert_eq!(
            fault.message,
            "server panicked: broken pipe, which ended the server"
        );
        let made = answered_after(0).stderr("error: reset\n").exited(Some(1));
        let fault = judged(served, server(), made).unwrap_err();
        assert_eq!(fault.kind, FindingKind::WrongExitCode);
        assert_eq!(
            fault.message,
            "the server ended, with exit code 1, and said \"error: reset\""
        );
    }
}
