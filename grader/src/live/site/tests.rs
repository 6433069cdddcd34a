use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use verdict::What;

use super::super::board::Patience;
use super::*;

/// Serves these routes, in TOML, to what `ask` does at their address, and tells
/// what the site did: `line: what`.
fn served(routes: &str, ask: impl FnOnce(&str)) -> Vec<String> {
    let site: Site = toml::from_str(&format!("name = 'site'\n{routes}")).unwrap();
    let patience = Patience {
        wait: Duration::from_millis(300),
        ..Patience::GENEROUS
    };
    let board = Arc::new(Board::new(patience, 0, 0));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    board.named(0, "site", &address);
    let serving = Serving::begin(&site, listener, &board, 0).unwrap();
    ask(&address);
    drop(serving);
    let state = board.state();
    let told = state.events.iter().filter_map(|event| match &event.what {
        What::Peer { line, did, .. } => Some(match did {
            Did::Asked { path, under_way } => format!("{line}: {path} {under_way}"),
            Did::Answered { path } => format!("{line}: answered {path}"),
            other => format!("{line}: {other:?}"),
        }),
        _ => None,
    });
    told.collect()
}

/// All that is answered to one request on a connection of its own, without the
/// `Date` header.
fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: site\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let lines = answer.split_inclusive('\n');
    lines.filter(|line| !line.starts_with("date: ")).collect()
}

#[test]
fn a_body_has_its_length_or_chunks_or_ends_with_the_connection() {
    let routes = "
        [[route]]
        path = '/sized'
        body = 'ab'
        repeat = 2
        [[route]]
        path = '/chunked?x=1'
        body = 'abc'
        length = 'chunked'
        [[route]]
        path = '/close'
        body = 'abc'
        length = 'close'
        [[route]]
        path = '/moved'
        status = 302
        location = 'http://{site}/sized'";
    let told = served(routes, |address| {
        assert_eq!(
            get(address, "/sized"),
            "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 4\r\n\r\nabab"
        );
        assert_eq!(
            get(address, "/chunked?x=1"),
            "HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n\
             2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
        );
        let closing = get(address, "/close");
        assert!(closing.starts_with("HTTP/1.0 200 OK\r\n"), "{closing}");
        assert!(closing.ends_with("\r\n\r\nabc"), "{closing}");
        assert!(!closing.contains("length"), "{closing}");
        let moved = get(address, "/moved");
        let location = format!("location: http://{address}/sized\r\n");
        assert!(moved.contains(&location), "{moved}");
        assert!(get(address, "/none").starts_with("HTTP/1.1 404 "));
    });
    assert_eq!(told[0], "0: /sized 1");
    assert_eq!(told[1], "0: answered /sized");
    assert_eq!(told[8..], ["4: /none 1", "4: answered /none"]);
}

#[test]
fn a_transfer_breaks_off_after_what_was_to_come() {
    let route = "[[route]]\npath = '/a'\nbody = 'abc'\nrepeat = 2\nbreaks_after = 4\n";
    for (length, end) in [
        ("content-length", "\r\n\r\nabca"),
        ("chunked", "4\r\nabca\r\n"),
    ] {
        let told = served(&format!("{route}length = '{length}'"), |address| {
            let answer = get(address, "/a");
            assert!(answer.ends_with(end), "{answer:?}");
        });
        assert_eq!(told, ["0: /a 1", "0: answered /a"]);
    }
}

#[test]
fn answers_are_held_back_until_as_many_are_under_way() {
    let routes = "
        [[route]]
        path = '/a'
        body = 'a'
        together = 2
        [[route]]
        path = '/b'
        body = 'bbbb'
        held_after = 2
        after = ['/c']
        [[route]]
        path = '/c'";
    let told = served(routes, |address| {
        std::thread::scope(|scope| {
            let first = scope.spawn(|| get(address, "/a"));
            let mut slow = TcpStream::connect(address).unwrap();
            slow.write_all(b"GET /b HTTP/1.1\r\nHost: s\r\n\r\n")
                .unwrap();
            assert!(first.join().unwrap().ends_with("\r\n\r\na"));
            let mut answer = String::new();
            let mut byte = [0];
            while !answer.ends_with("\r\n\r\nbb") {
                assert_eq!(slow.read(&mut byte).unwrap(), 1);
                answer.push(char::from(byte[0]));
            }
            get(address, "/c");
            // The connection is kept: it serves another request.
            let mut rest = [0; 2];
            slow.read_exact(&mut rest).unwrap();
            slow.write_all(b"GET /a HTTP/1.1\r\nHost: s\r\nConnection: close\r\n\r\n")
                .unwrap();
            let mut answer = String::new();
            slow.read_to_string(&mut answer).unwrap();
            assert!(answer.ends_with("\r\n\r\na"), "{answer}");
        });
    });
    let most = told.iter().filter(|told| told.ends_with(" 2"));
    assert_eq!(most.count(), 2, "{told:?}");
    assert!(!told.iter().any(|told| told.contains("GaveUp")), "{told:?}");
}

#[test]
fn what_an_answer_is_held_back_for_in_vain_is_told() {
    let route = "[[route]]\npath = '/a'\nbody = 'a'\ntogether = 2";
    let told = served(route, |address| {
        assert!(get(address, "/a").ends_with("\r\n\r\na"));
    });
    assert_eq!(told, ["0: /a 1", "0: GaveUp", "0: answered /a"]);
}
