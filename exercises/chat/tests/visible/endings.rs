//! Leaving, in every way there is.

use crate::person::Person;
use crate::process::Server;

#[test]
fn quit_and_bye_are_answered_with_goodbye() {
    let server = Server::start(&[]);
    let mut alice = Person::join(&server, "alice");
    for word in ["/quit", "bye", "BYE", "Bye"] {
        let mut bob = Person::join(&server, "bob");
        alice.expect("* bob joined");
        bob.say(word);
        bob.expect("goodbye bob");
        bob.expect_end();
        alice.expect("* bob left");
    }
}

#[test]
fn nothing_that_follows_quit_is_carried_out() {
    let server = Server::start(&[]);
    let [mut alice, mut bob] = Person::group(&server, ["alice", "bob"]);
    bob.send(b"one\n/quit\ntwo\n/who\nthree\n").unwrap();
    bob.expect("goodbye bob");
    bob.expect_end();
    alice.expect("bob: one");
    alice.expect("* bob left");
    alice.say("/who");
    alice.expect("here: alice");
}

#[test]
fn what_came_before_the_end_of_input_is_carried_out_and_answered() {
    let server = Server::start(&[]);
    let mut alice = Person::join(&server, "alice");
    let mut bob = Person::connect(&server);
    bob.send(b"bob\nhello\n/who\nthat is all\n").unwrap();
    bob.finish();
    bob.expect("welcome bob");
    bob.expect("here: alice, bob");
    // Whether a goodbye comes at the end of input is open.
    let rest = bob.hear_all();
    assert!(["", "goodbye bob\n"].contains(&rest.as_str()), "{rest:?}");
    for line in [
        "* bob joined",
        "bob: hello",
        "bob: that is all",
        "* bob left",
    ] {
        alice.expect(line);
    }
}

#[test]
fn a_broken_connection_is_noticed_once() {
    let server = Server::start(&[]);
    let [mut alice, mut bob] = Person::group(&server, ["alice", "bob"]);
    for _ in 0..5 {
        let carol = Person::join(&server, "carol");
        alice.expect("* carol joined");
        bob.expect("* carol joined");
        alice.say("are you there?");
        bob.expect("alice: are you there?");
        carol.vanish();
        alice.expect("* carol left");
        bob.expect("* carol left");
    }
}

#[test]
fn somebody_who_leaves_without_a_name_is_not_mentioned() {
    let server = Server::start(&[]);
    let mut alice = Person::join(&server, "alice");
    let mut nobody = Person::connect(&server);
    nobody.finish();
    nobody.hear_all();
    let _bob = Person::join(&server, "bob");
    alice.expect("* bob joined");
}
