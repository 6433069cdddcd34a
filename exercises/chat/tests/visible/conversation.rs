//! Talking: who hears what, and in which order.

use crate::person::Person;
use crate::process::Server;
use std::thread;

#[test]
fn a_line_goes_to_all_the_others_and_not_to_its_sender() {
    let server = Server::start(&[]);
    let [mut alice, mut bob, mut carol] = Person::group(&server, ["alice", "bob", "carol"]);
    alice.say("hello, everybody: it's me");
    bob.expect("alice: hello, everybody: it's me");
    carol.expect("alice: hello, everybody: it's me");
    // Had the server sent the line back, it would come before this answer.
    alice.say("/who");
    alice.expect("here: alice, bob, carol");
}

#[test]
fn lines_keep_their_text_and_lose_their_ends() {
    let server = Server::start(&[]);
    let [mut alice, mut bob] = Person::group(&server, ["alice", "bob"]);
    alice
        .send("  blanks \tkept  \r\n\n\r\nschön, 今日は\nno/who\nbyebye\n".as_bytes())
        .unwrap();
    bob.expect("alice:   blanks \tkept  ");
    bob.expect("alice: schön, 今日は");
    bob.expect("alice: no/who");
    bob.expect("alice: byebye");
}

#[test]
fn lines_may_arrive_in_pieces_or_many_at_once() {
    let server = Server::start(&[]);
    let [mut alice, mut bob] = Person::group(&server, ["alice", "bob"]);
    for byte in "drop by drop: ü\n".as_bytes() {
        alice.send(&[*byte]).unwrap();
    }
    bob.expect("alice: drop by drop: ü");
    let lines: Vec<String> = (0..200).map(|number| format!("line {number}")).collect();
    alice.send((lines.join("\n") + "\n").as_bytes()).unwrap();
    for line in lines {
        bob.expect(&format!("alice: {line}"));
    }
}

#[test]
fn who_lists_everybody_sorted_by_bytes_to_its_sender_alone() {
    let server = Server::start(&[]);
    let names = ["bob", "Zoe", "alice", "_x", "7", "-"];
    let [bob, zoe, ..] = &mut Person::group(&server, names);
    zoe.say("/who");
    zoe.expect("here: -, 7, Zoe, _x, alice, bob");
    zoe.say("done");
    bob.expect("Zoe: done");
}

#[test]
fn everybody_sees_everything_in_the_same_order() {
    const EACH: usize = 25;
    let server = Server::start(&[]);
    let names = ["listener-1", "listener-2", "ann", "ben", "cleo", "dan"];
    let [mut first, mut second, speakers @ ..] = Person::group(&server, names);
    let speakers: Vec<(&str, Person)> = names[2..].iter().copied().zip(speakers).collect();
    let all = EACH * speakers.len();

    let heard: Vec<(&str, Vec<String>)> = thread::scope(|scope| {
        let speaking: Vec<_> = speakers
            .into_iter()
            .map(|(name, mut person)| {
                scope.spawn(move || {
                    for number in 0..EACH {
                        person.say(&format!("{name} {number}"));
                    }
                    (name, hear(&mut person, all - EACH))
                })
            })
            .collect();
        speaking
            .into_iter()
            .map(|speaker| speaker.join().unwrap())
            .collect()
    });
    let order = hear(&mut first, all);
    assert_eq!(hear(&mut second, all), order, "two listeners disagree");

    for (name, theirs) in heard {
        let prefix = format!("{name}: ");
        let (own, others): (Vec<String>, Vec<String>) = order
            .iter()
            .cloned()
            .partition(|line| line.starts_with(&prefix));
        let sent: Vec<String> = (0..EACH).map(|n| format!("{name}: {name} {n}")).collect();
        assert_eq!(own, sent, "what {name} said is not what was heard");
        assert_eq!(theirs, others, "{name} heard another order");
    }
}

fn hear(person: &mut Person, count: usize) -> Vec<String> {
    (0..count)
        .map(|_| person.hear().expect("a line comes"))
        .collect()
}
