//! Clients that break the rules, or do not read; the others must not suffer.

use crate::person::Person;
use crate::process::Server;

#[test]
fn the_longest_line_is_delivered_whole() {
    let server = Server::start(&[]);
    let [mut alice, mut bob] = Person::group(&server, ["alice", "bob"]);
    let longest = "é".repeat(2048);
    for end in ["\n", "\r\n"] {
        alice.send(format!("{longest}{end}").as_bytes()).unwrap();
        bob.expect(&format!("alice: {longest}"));
    }
}

#[test]
fn a_line_that_is_too_long_ends_its_sender_alone() {
    let server = Server::start(&[]);
    let [mut alice, mut bob, mut carol] = Person::group(&server, ["alice", "bob", "carol"]);
    bob.say(&"x".repeat(4097));
    bob.expect_error();
    alice.expect("* bob left");
    carol.expect("* bob left");
    alice.say("what was that?");
    carol.expect("alice: what was that?");
}

#[test]
fn the_end_of_a_line_that_is_too_long_need_not_come() {
    let server = Server::start(&[]);
    let [mut alice, mut bob] = Person::group(&server, ["alice", "bob"]);
    // The server may hang up before it has taken everything.
    let _ = bob.send(&[b'x'; 64 * 1024]);
    bob.expect_error();
    alice.expect("* bob left");
}

#[test]
fn a_line_that_is_not_utf_8_ends_its_sender_alone() {
    let server = Server::start(&[]);
    let [mut alice, mut bob, mut carol] = Person::group(&server, ["alice", "bob", "carol"]);
    bob.send(b"caf\xe9\n").unwrap();
    bob.expect_error();
    alice.expect("* bob left");
    carol.expect("* bob left");
    alice.say("what was that?");
    carol.expect("alice: what was that?");
}

#[test]
fn a_first_line_that_is_too_long_or_not_utf_8_is_refused() {
    let server = Server::start(&[]);
    for first in [&[b'a'; 5000][..], b"caf\xe9"] {
        let mut nobody = Person::connect(&server);
        // The server may hang up before it has taken everything.
        let _ = nobody.send(&[first, b"\n"].concat());
        nobody.expect_error();
    }
    let mut alice = Person::join(&server, "alice");
    alice.say("/who");
    alice.expect("here: alice");
}

#[test]
fn a_client_that_does_not_read_holds_nobody_up() {
    let server = Server::start(&[]);
    let [mut alice, mut bob, sleeper] = Person::group(&server, ["alice", "bob", "sleeper"]);
    // Far more than the buffers of the system take. Only one line at a time is on its way to bob,
    // so nobody but the sleeper has any lines waiting.
    let text = "z".repeat(4000);
    let mut cut_off = 0;
    for _ in 0..3000 {
        alice.say(&text);
        loop {
            let line = bob.hear().expect("bob is not cut off");
            if line == format!("alice: {text}") {
                break;
            }
            assert_eq!(line, "* sleeper left");
            cut_off += 1;
        }
    }
    assert!(cut_off <= 1, "a notice came twice");
    drop(sleeper);
}
