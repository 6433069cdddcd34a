//! The server, over TCP and UDP.

use crate::support::{Server, assert_is_the_time, clock};
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream, UdpSocket};
use std::thread;

/// Reads to the end of input, which must come in good order.
fn assert_answers(mut stream: &TcpStream, asked: u64) {
    let mut answer = Vec::new();
    stream
        .read_to_end(&mut answer)
        .expect("the answer ends in good order");
    assert_is_the_time(&answer, asked);
}

#[test]
fn a_client_that_sends_nothing_gets_the_time_and_the_end_of_input() {
    let server = Server::start(&[]);
    let asked = clock();
    assert_answers(&server.connect(), asked);
}

#[test]
fn a_client_that_has_closed_its_side_gets_the_time() {
    let server = Server::start(&[]);
    let asked = clock();
    let stream = server.connect();
    stream.shutdown(Shutdown::Write).unwrap();
    assert_answers(&stream, asked);
}

#[test]
fn a_client_that_sends_something_itself_gets_no_reset() {
    let server = Server::start(&[]);
    for length in [1, 1_000, 64 * 1024].repeat(10) {
        let asked = clock();
        let mut stream = server.connect();
        // In pieces, so that the server has every chance to close before all of them have come.
        for piece in vec![b'x'; length].chunks(4096) {
            stream
                .write_all(piece)
                .expect("the client may send what it likes");
        }
        assert_answers(&stream, asked);
    }
}

#[test]
fn clients_that_never_read_or_close_disturb_nobody() {
    let server = Server::start(&[]);
    let silent: Vec<TcpStream> = (0..40).map(|_| server.connect()).collect();
    for mut stream in &silent[..20] {
        stream.write_all(b"what time is it?\n").unwrap();
    }
    let asked = clock();
    assert_answers(&server.connect(), asked);
    drop(silent);
}

#[test]
fn clients_that_reset_their_connection_do_not_stop_the_server() {
    let server = Server::start(&[]);
    for _ in 0..10 {
        let mut stream = server.connect();
        stream.write_all(b"hello").unwrap();
        // A socket that is closed with unread input sends a reset. That there is input, `peek` waits
        // for; it leaves it unread.
        stream.peek(&mut [0; 1]).expect("the answer comes");
        drop(stream);
    }
    let asked = clock();
    assert_answers(&server.connect(), asked);
}

#[test]
fn many_clients_are_served_at_the_same_time() {
    let server = Server::start(&[]);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..10 {
                    let asked = clock();
                    assert_answers(&server.connect(), asked);
                }
            });
        }
    });
}

#[test]
fn every_datagram_is_answered_with_one() {
    let server = Server::start(&["--udp"]);
    let clients: Vec<UdpSocket> = (0..3).map(|_| datagram_socket(&server)).collect();
    for sent in [&b""[..], b"time?", &[0; 8_000]] {
        let asked = clock();
        for client in &clients {
            client.send(sent).unwrap();
        }
        for client in &clients {
            let mut answer = [0; 100];
            let length = client.recv(&mut answer).expect("the datagram is answered");
            assert_is_the_time(&answer[..length], asked);
        }
    }
    for client in &clients {
        client.set_nonblocking(true).unwrap();
        let extra = client.recv(&mut [0; 100]).map_err(|error| error.kind());
        assert_eq!(
            extra,
            Err(ErrorKind::WouldBlock),
            "a datagram was answered twice"
        );
    }
}

fn datagram_socket(server: &Server) -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(server.address).unwrap();
    socket
        .set_read_timeout(Some(crate::support::LIMIT))
        .unwrap();
    socket
}
