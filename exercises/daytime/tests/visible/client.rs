//! The client, against the program's own server and against servers that behave badly.

use crate::support::{LIMIT, NobodyThere, Server, clock, seconds};
use assert_cmd::assert::Assert;
use assert_cmd::cargo::cargo_bin_cmd;
use predicates::prelude::*;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream, UdpSocket};
use std::thread;
use std::time::Duration;

const LINE: &[u8] = b"2024-02-29 23:59:59\r\n";
const WRONG: [&[&[u8]]; 5] = [
    &[b"Thu Feb 29 23:59:59 2024\r\n"],
    &[b"2024/02/29 23:59:59\r\n"],
    &[b"2024-02-29T23:59:59\r\n"],
    &[b"2024-02-29 23:59:5x\r\n"],
    &[b"2024-02-29 23:59:59\n"],
];
const PRINTED: &str = "Server response: 2024-02-29 23:59:59\n";

fn client(arguments: &[&str]) -> Assert {
    // The client itself gives up after 5 seconds without an answer.
    cargo_bin_cmd!("daytime")
        .arg("client")
        .args(arguments)
        .timeout(2 * LIMIT)
        .assert()
}

fn assert_fails(client: Assert) {
    let one_line =
        predicate::str::starts_with("error: ").and(predicate::str::contains("\n").count(1));
    let no_time = predicate::str::contains("Server response").not();
    client.code(1).stdout(no_time).stderr(one_line);
}

/// The address of a server that does `serve` with its first connection.
fn tcp_server(serve: impl FnOnce(TcpStream) -> io::Result<()> + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || serve(listener.accept()?.0));
    address
}

/// The address of a server that sends these pieces and closes in good order.
fn tcp_server_sending(pieces: &'static [&[u8]]) -> String {
    tcp_server(move |mut stream| {
        stream.set_nodelay(true)?;
        for piece in pieces {
            stream.write_all(piece)?;
            // It gives the pieces a chance to travel apart; the client must be right either way.
            thread::sleep(Duration::from_millis(20));
        }
        stream.shutdown(Shutdown::Write)?;
        stream.read_to_end(&mut Vec::new()).map(drop)
    })
}

/// The address of a server that answers every datagram with `answer`.
fn udp_server_answering(answer: &'static [u8]) -> String {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap().to_string();
    thread::spawn(move || -> io::Result<()> {
        loop {
            let (_, peer) = socket.recv_from(&mut [0; 100])?;
            socket.send_to(answer, peer)?;
        }
    });
    address
}

#[test]
fn it_understands_the_programs_own_server() {
    for options in [&[][..], &["--udp"]] {
        let server = Server::start(options);
        let address = server.address.to_string();
        let asked = clock();
        let success = client(&[options, &[address.as_str()]].concat()).success();
        let output = str::from_utf8(&success.get_output().stdout).unwrap();
        let told = output
            .strip_prefix("Server response: ")
            .and_then(|rest| rest.strip_suffix('\n'))
            .unwrap_or_else(|| panic!("not `Server response: ...`: {output:?}"));
        assert!(
            (asked - 1..=clock() + 1).contains(&seconds(told)),
            "{told} is not the time"
        );
    }
}

#[test]
fn it_prints_what_a_server_answers() {
    client(&[&tcp_server_sending(&[LINE])])
        .success()
        .stdout(PRINTED);
    client(&["--udp", &udp_server_answering(LINE)])
        .success()
        .stdout(PRINTED);
}

#[test]
fn it_understands_an_answer_that_comes_in_pieces() {
    let address = tcp_server_sending(&[b"2", b"024-02-", b"29 23:59", b":59\r", b"\n"]);
    client(&[&address]).success().stdout(PRINTED);
}

#[test]
fn it_fails_where_nobody_listens() {
    let nobody = NobodyThere::new();
    assert_fails(client(&[&nobody.address()]));
}

#[test]
fn it_fails_when_the_connection_ends_too_soon() {
    assert_fails(client(&[&tcp_server_sending(&[])]));
    assert_fails(client(&[&tcp_server_sending(&[b"2024-02-29 23:5"])]));
    assert_fails(client(&[&tcp_server_sending(&[b"2024-02-29 23:59:59\r"])]));
}

#[test]
fn it_fails_when_the_answer_has_another_form() {
    for answer in WRONG {
        assert_fails(client(&[&tcp_server_sending(answer)]));
    }
    assert_fails(client(&[
        "--udp",
        &udp_server_answering(b"half past nine\r\n"),
    ]));
    assert_fails(client(&[
        "--udp",
        &udp_server_answering(b"\xff\xfe24-02-29 23:59:59\r\n"),
    ]));
}

#[test]
fn it_fails_when_a_tcp_server_stays_silent() {
    let address = tcp_server(|mut stream| stream.read_to_end(&mut Vec::new()).map(drop));
    assert_fails(client(&[&address]));
}

#[test]
fn it_fails_when_a_udp_server_stays_silent() {
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    assert_fails(client(&[
        "--udp",
        &silent.local_addr().unwrap().to_string(),
    ]));
}
