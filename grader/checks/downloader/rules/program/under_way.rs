//! How many downloads the program has under way.

use judge::world::Seen;
use judge::{Did, Execution, Fault, FindingKind, What};

use crate::program::Order;

/// As many as it was told to, and never more.
pub(crate) fn at_once(order: &Order, execution: &Execution) -> Result<(), Fault> {
    let seen = Seen::new(&order.world, execution);
    seen.sound()?;
    let most = most(&seen);
    let wanted = order.jobs.min(order.urls.len());
    let message = match most {
        _ if most < wanted => format!("no more than {most} downloads were under way at once"),
        _ if most > order.jobs => format!("{most} downloads were under way at once"),
        _ => return Ok(()),
    };
    let arguments = seen
        .programs()
        .next()
        .map(|program| program.started().args.as_slice());
    let given = arguments.is_some_and(|args| args.iter().any(|arg| arg.starts_with("--jobs")));
    let jobs = match given {
        true => format!("--jobs is {}", order.jobs),
        false => format!("--jobs is not given, which means {}", order.jobs),
    };
    let message = format!(
        "{jobs}, and there are {} URLs, but {message}",
        order.urls.len()
    );
    Err(Fault::new(FindingKind::WrongConcurrency, message))
}

/// The most that surely were under way at once: a download was from when its
/// request came until the last bytes of its answer were on their way.
fn most(seen: &Seen<'_>) -> usize {
    let mut changes: Vec<(usize, i32)> = Vec::new();
    for peer in seen.peers() {
        let deeds = peer.deeds().iter();
        let came = deeds
            .clone()
            .find(|deed| matches!(deed.did, Did::Received(_)));
        let Some(came) = came else { continue };
        changes.push((came.event, 1));
        let sent = deeds.rev().find(|deed| matches!(deed.did, Did::Sent(_)));
        changes.extend(sent.map(|sent| (sent.event, -1)));
    }
    changes.sort_unstable();
    let of_peers = changes.iter().scan(0i32, |now, (_, change)| {
        *now += change;
        Some(*now)
    });
    let of_peers = of_peers.max().unwrap_or(0);
    let of_sites = seen
        .execution()
        .events
        .iter()
        .map(|event| match &event.what {
            What::Peer {
                did: Did::Asked { under_way, .. },
                ..
            } => *under_way as usize,
            _ => 0,
        });
    let of_sites = of_sites.max().unwrap_or(0);
    usize::try_from(of_peers).unwrap_or(0).max(of_sites)
}

#[cfg(test)]
mod tests {
    use judge::serde_json::{self, json};
    use judge::{Ending, Event, Thread};

    use super::*;
    use crate::program::Ordered;
    use crate::testing::ended;

    /// What comes of what two peers do: threads 1 and 2.
    fn judged(jobs: usize, args: &[&str], deeds: &[(u32, Did)]) -> Result<(), Fault> {
        let peer = |name: &str| json!({ "name": name, "script": "listen\naccept" });
        let world = json!({ "programs": [{ "args": args }], "peers": [peer("one"), peer("two")] });
        let ordered = |url: &str| Ordered {
            url: url.to_owned(),
            body: Some("x".to_owned()),
        };
        let order = Order {
            urls: vec![ordered("http://{one}/a"), ordered("http://{two}/b")],
            jobs,
            world: serde_json::from_value(world).unwrap(),
            ..Order::default()
        };
        let mut execution = ended(Ending::Over { waits: vec![] }, vec![]);
        execution.threads = [0, 1, 2]
            .map(|process| Thread {
                name: None,
                spawned: None,
                process,
            })
            .to_vec();
        execution.events = deeds
            .iter()
            .map(|(thread, did)| Event {
                thread: *thread,
                what: What::Peer {
                    line: 0,
                    at: 0,
                    did: did.clone(),
                },
            })
            .collect();
        at_once(&order, &execution)
    }

    fn asked(thread: u32) -> [(u32, Did); 2] {
        let request = Did::Received("GET".into());
        [(thread, Did::Connected), (thread, request)]
    }

    fn answers(thread: u32) -> [(u32, Did); 1] {
        [(thread, Did::Sent("HTTP".into()))]
    }

    #[test]
    fn as_many_are_under_way_as_were_asked_for() {
        let one_by_one = [&asked(1)[..], &answers(1), &asked(2), &answers(2)].concat();
        let both = [&asked(1)[..], &asked(2), &answers(1), &answers(2)].concat();
        assert_eq!(judged(1, &["--jobs", "1"], &one_by_one), Ok(()));
        assert_eq!(judged(2, &[], &both), Ok(()));
        let few = judged(2, &[], &one_by_one).unwrap_err();
        assert_eq!(few.kind, FindingKind::WrongConcurrency);
        assert!(
            few.message
                .starts_with("--jobs is not given, which means 2")
        );
        assert!(
            few.message
                .ends_with("no more than 1 downloads were under way at once")
        );
        let many = judged(1, &["--jobs", "1"], &both).unwrap_err();
        assert!(
            many.message
                .starts_with("--jobs is 1, and there are 2 URLs, but 2")
        );
        assert!(judged(1, &[], &[]).is_err());
    }
}
