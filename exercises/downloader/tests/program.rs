//! What the program prints for a small server on this machine.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use assert_cmd::Command;
use predicates::prelude::*;

/// An empty folder of the test's own, which the program runs in.
fn folder(test: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("program-{test}-{}", std::process::id()));
    if path.exists() {
        fs::remove_dir_all(&path).unwrap();
    }
    fs::create_dir_all(&path).unwrap();
    path
}

fn downloader(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_downloader"));
    // Only a program that waits for ever is stopped by this.
    command.current_dir(dir).timeout(Duration::from_secs(60));
    command
}

/// Serves `hello` under every path but `/missing`, until the tests are over.
fn server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            thread::spawn(move || serve(stream.unwrap()));
        }
    });
    address
}

fn serve(mut stream: TcpStream) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let request = lines.next().unwrap().unwrap();
    // The headers are read to their end, so that closing is no reset.
    lines
        .map(|line| line.unwrap())
        .find(|line| line.is_empty())
        .unwrap();
    let response = match request.split(' ').nth(1) {
        Some("/missing") => "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        Some("/chunks") => {
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"
        }
        _ => "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    };
    stream.write_all(response.as_bytes()).unwrap();
}

#[test]
fn each_url_gets_a_line_in_order() {
    let (dir, server) = (folder("lines"), server());
    let urls = ["a.txt", "chunks", "old/a.txt"].map(|path| format!("http://{server}/{path}"));
    let expected = format!(
        "ok {} -> out/a.txt (5 bytes)\nok {} -> out/chunks (5 bytes)\nok {} -> out/a-1.txt (5 bytes)\n",
        urls[0], urls[1], urls[2]
    );
    fs::create_dir(dir.join("out")).unwrap();
    // With one job at a time, which file is `a-1.txt` is no matter of luck
    // where files are fetched in order; the contract leaves that open.
    let other_way = expected
        .replace("a.txt (", "x (")
        .replace("a-1.txt (", "a.txt (")
        .replace("x (", "a-1.txt (");
    // So is whether a path begins with `./`.
    let as_expected = predicate::function(|printed: &str| {
        let printed = printed.replace("-> ./", "-> ");
        printed == expected || printed == other_way
    });
    let args = ["--jobs", "1", "--out", "out"];
    downloader(&dir)
        .args(args)
        .args(&urls)
        .assert()
        .success()
        .stdout(as_expected);
    assert_eq!(fs::read_to_string(dir.join("out/chunks")).unwrap(), "hello");
}

#[test]
fn a_failure_is_told_and_decides_the_exit_code() {
    let (dir, server) = (folder("failure"), server());
    let (missing, found) = (
        format!("http://{server}/missing"),
        format!("http://{server}/b"),
    );
    let line = predicate::str::starts_with(format!("failed {missing}: "));
    downloader(&dir)
        .args([&missing, &found])
        .assert()
        .code(1)
        .stdout(line.and(predicate::str::contains(format!("\nok {found} -> "))));
    assert_eq!(fs::read_to_string(dir.join("b")).unwrap(), "hello");
    assert!(!dir.join("missing").exists());
}

#[test]
fn a_list_has_one_url_a_line() {
    let (dir, server) = (folder("list"), server());
    fs::write(
        dir.join("list"),
        format!("# two\nhttp://{server}/a\n\nhttp://{server}/b\n"),
    )
    .unwrap();
    downloader(&dir)
        .args(["--list", "list"])
        .assert()
        .success()
        .stdout(predicate::str::is_match("^ok [^\n]*/a [^\n]*\nok [^\n]*/b [^\n]*\n$").unwrap());
    assert!(dir.join("a").exists() && dir.join("b").exists());
}

#[test]
fn a_wrong_command_line_is_answered_with_usage() {
    let dir = folder("usage");
    for wrong in [
        &["--jobs", "many"][..],
        &["--jobs"],
        &["--unknown"],
        &["--out"],
    ] {
        downloader(&dir)
            .args(wrong)
            .assert()
            .code(2)
            .stdout("")
            .stderr(predicate::str::is_match("^[^\n]+\n$").unwrap());
    }
}
