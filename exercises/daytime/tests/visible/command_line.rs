//! The command line and the exit codes.

use crate::support::LIMIT;
use assert_cmd::cargo::cargo_bin_cmd;
use predicates::prelude::*;
use std::net::TcpListener;

#[test]
fn a_wrong_command_line_is_answered_with_one_line_of_usage() {
    for line in [
        "",
        "clock",
        "server --addr",
        "server --addr 127.0.0.1:0 --tcp",
        "server --addr 127.0.0.1:0 more",
        "client",
        "client --udp",
        "client --tcp 127.0.0.1:1313",
        "client 127.0.0.1:1313 127.0.0.1:1314",
    ] {
        let one_line = predicate::str::contains("\n").count(1);
        let arguments = line.split_whitespace();
        cargo_bin_cmd!("daytime")
            .args(arguments)
            .timeout(LIMIT)
            .assert()
            .code(2)
            .stderr(one_line);
    }
}

#[test]
fn a_server_that_cannot_listen_complains_and_fails() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    cargo_bin_cmd!("daytime")
        .args(["server", "--addr", &address])
        .timeout(LIMIT)
        .assert()
        .code(1)
        .stderr(predicate::str::is_empty().not());
}
