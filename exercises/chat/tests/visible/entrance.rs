//! Coming in: names, refusals, notices.

use crate::person::Person;
use crate::process::Server;

#[test]
fn a_newcomer_is_welcomed_and_the_others_are_told() {
    let server = Server::start(&[]);
    let mut alice = Person::join(&server, "alice");
    let mut bob = Person::join(&server, "bob");
    alice.expect("* bob joined");
    let _carol = Person::join(&server, "carol");
    alice.expect("* carol joined");
    bob.expect("* carol joined");
}

#[test]
fn names_have_one_to_twenty_of_the_allowed_characters() {
    let server = Server::start(&[]);
    for name in ["a", "Z", "_-_", "0", "abcdefghijklmnopqrst"] {
        Person::join(&server, name);
    }
    for name in [
        "",
        "abcdefghijklmnopqrstu",
        "two words",
        "semi;colon",
        "zoë",
        "* bob left",
    ] {
        let mut nobody = Person::connect(&server);
        nobody.say(name);
        nobody.expect_error();
        nobody.hear_all();
    }
}

#[test]
fn a_name_belongs_to_one_client_at_a_time_and_case_counts() {
    let server = Server::start(&[]);
    let mut alice = Person::join(&server, "alice");
    let mut impostor = Person::connect(&server);
    impostor.say("alice");
    impostor.expect_error();
    impostor.hear_all();
    // The one who was refused never came, so nobody hears of it.
    let _other = Person::join(&server, "Alice");
    alice.expect("* Alice joined");
}

#[test]
fn a_name_is_free_again_when_its_owner_has_left() {
    let server = Server::start(&[]);
    let [mut alice, mut bob] = Person::group(&server, ["alice", "bob"]);
    for _ in 0..20 {
        bob.say("/quit");
        alice.expect("* bob left");
        bob = Person::join(&server, "bob");
        alice.expect("* bob joined");
    }
}

#[test]
fn a_full_server_refuses_until_somebody_leaves() {
    let server = Server::start(&["--max-clients", "2"]);
    let [mut alice, mut bob] = Person::group(&server, ["alice", "bob"]);
    let mut carol = Person::connect(&server);
    // Whether the server waits for the name before it refuses is open.
    let _ = carol.send(b"carol\n");
    carol.expect_error();
    bob.say("bye");
    alice.expect("* bob left");
    let _carol = Person::join(&server, "carol");
    alice.expect("* carol joined");
}

#[test]
fn a_connection_without_a_name_takes_no_place_and_holds_nobody_up() {
    let server = Server::start(&["--max-clients", "1"]);
    let silent: Vec<Person> = (0..5).map(|_| Person::connect(&server)).collect();
    let mut alice = Person::join(&server, "alice");
    alice.say("/who");
    alice.expect("here: alice");
    drop(silent);
}
