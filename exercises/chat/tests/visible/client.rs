//! The client program, against servers of the tests' own and against the program's.

use crate::person::Person;
use crate::process::{LIMIT, Server};
use crate::typist::Typist;
use assert_cmd::assert::Assert;
use assert_cmd::cargo::cargo_bin_cmd;
use predicates::prelude::*;
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// A client program called alice, and the server's end of its connection, after the welcome.
fn welcomed() -> (Typist, Person) {
    let (address, connection) = server_for_one();
    let mut client = Typist::start(&address, "alice");
    let start = Instant::now();
    let stream = loop {
        if let Ok(stream) = connection.recv_timeout(Duration::from_millis(50)) {
            break stream;
        }
        assert!(
            !client.has_ended(),
            "the client ended before it was welcomed"
        );
        assert!(start.elapsed() < LIMIT, "the client does not connect");
    };
    let mut server = Person::on(stream);
    server.expect("alice");
    server.say("welcome alice");
    (client, server)
}

/// An address, and where the first connection to it will be found.
fn server_for_one() -> (String, mpsc::Receiver<TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (sender, connection) = mpsc::channel();
    thread::spawn(move || listener.accept().map(|(stream, _)| sender.send(stream)));
    (address, connection)
}

#[test]
fn lines_go_both_ways_as_soon_as_they_are_there() {
    let (mut client, mut server) = welcomed();
    server.say("* bob joined");
    client.expect("* bob joined");
    client.enter("hello bob");
    server.expect("hello bob");
    client.enter("");
    client.enter("/who");
    assert!([Some(""), Some("/who")].contains(&server.hear().as_deref()));
    for number in 0..20 {
        server.say(&format!("bob: {number}"));
        client.expect(&format!("bob: {number}"));
    }
}

#[test]
fn it_ends_after_goodbye_although_its_input_is_open() {
    let (mut client, mut server) = welcomed();
    client.enter("/quit");
    server.expect("/quit");
    server.say("bob: wait");
    server.say("goodbye alice");
    client.expect("bob: wait");
    assert_eq!(client.exit_code(), Some(0));
}

#[test]
fn at_the_end_of_its_input_it_quits_and_prints_what_still_comes() {
    let (mut client, mut server) = welcomed();
    client.enter("see you");
    client.finish();
    server.expect("see you");
    server.expect("/quit");
    server.say("bob: see you");
    client.expect("bob: see you");
    server.say("* carol joined");
    server.say("goodbye alice");
    client.expect("* carol joined");
    assert_eq!(client.exit_code(), Some(0));
}

#[test]
fn what_somebody_says_ends_nothing() {
    let (mut client, mut server) = welcomed();
    for line in [
        "bob: goodbye alice",
        "error: that is my name",
        "here: and this is mine",
    ] {
        server.say(line);
        client.expect(line);
    }
    client.enter("still here");
    server.expect("still here");
}

#[test]
fn it_fails_when_the_server_vanishes_before_goodbye() {
    let (mut client, server) = welcomed();
    drop(server);
    assert_eq!(client.exit_code(), Some(1));
}

fn assert_fails(client: Assert) {
    let complains = predicate::str::is_match("(?m)^error: .").unwrap();
    client.code(1).stderr(complains);
}

fn run(address: &str) -> Assert {
    cargo_bin_cmd!("chat")
        .args(["client", address, "alice"])
        .timeout(LIMIT)
        .assert()
}

#[test]
fn it_complains_when_the_server_vanishes_before_welcome() {
    let (address, connection) = server_for_one();
    thread::spawn(move || connection.recv().map(drop));
    assert_fails(run(&address));
}

#[test]
fn it_complains_when_the_name_is_refused() {
    let server = Server::start(&[]);
    let mut alice = Person::join(&server, "alice");
    assert_fails(run(&server.address.to_string()));
    alice.say("/who");
    alice.expect("here: alice");
}

#[test]
fn it_complains_when_nobody_listens() {
    // The port belongs to the near end of a connection, so nobody else can listen on it meanwhile.
    let far = TcpListener::bind("127.0.0.1:0").unwrap();
    let near = TcpStream::connect(far.local_addr().unwrap()).unwrap();
    assert_fails(run(&near.local_addr().unwrap().to_string()));
}

#[test]
fn two_client_programs_talk_through_the_programs_own_server() {
    let server = Server::start(&[]);
    let address = server.address.to_string();
    let mut alice = Typist::start(&address, "alice");
    alice.enter("/who");
    alice.expect("here: alice");
    let mut bob = Typist::start(&address, "bob");
    alice.expect("* bob joined");
    bob.enter("hi, it's 今日は");
    alice.expect("bob: hi, it's 今日は");
    alice.enter("hi");
    bob.expect("alice: hi");
    bob.finish();
    assert_eq!(bob.exit_code(), Some(0));
    alice.expect("* bob left");
    alice.enter("bye");
    assert_eq!(alice.exit_code(), Some(0));
}
