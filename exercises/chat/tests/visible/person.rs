//! Somebody who talks to the server without the client program.

use crate::process::{LIMIT, Server};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};

pub struct Person {
    stream: BufReader<TcpStream>,
}

impl Person {
    /// A connection that has no name yet.
    pub fn connect(server: &Server) -> Person {
        let stream =
            TcpStream::connect_timeout(&server.address, LIMIT).expect("the server accepts");
        Person::on(stream)
    }

    /// Either end of a connection, on which nothing takes for ever.
    pub fn on(stream: TcpStream) -> Person {
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        stream.set_write_timeout(Some(LIMIT)).unwrap();
        stream.set_nodelay(true).unwrap();
        Person {
            stream: BufReader::new(stream),
        }
    }

    /// Somebody who has been welcomed.
    pub fn join(server: &Server, name: &str) -> Person {
        let mut person = Person::connect(server);
        person.say(name);
        person.expect(&format!("welcome {name}"));
        person
    }

    /// People who have come one after another, and have heard of each other's coming.
    pub fn group<const N: usize>(server: &Server, names: [&str; N]) -> [Person; N] {
        let mut present: Vec<Person> = Vec::new();
        for name in names {
            let newcomer = Person::join(server, name);
            for person in &mut present {
                person.expect(&format!("* {name} joined"));
            }
            present.push(newcomer);
        }
        present.try_into().ok().expect("there is one for each name")
    }

    pub fn say(&mut self, line: &str) {
        self.send(format!("{line}\n").as_bytes())
            .expect("the other end takes a line");
    }

    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.get_mut().write_all(bytes)
    }

    /// The next line, or `None` at the end of input; the last line has an end, too.
    pub fn hear(&mut self) -> Option<String> {
        let mut line = String::new();
        self.stream
            .read_line(&mut line)
            .expect("a line comes, or the end in good order");
        if line.is_empty() {
            return None;
        }
        let text = line
            .strip_suffix('\n')
            .unwrap_or_else(|| panic!("no whole line: {line:?}"));
        Some(text.strip_suffix('\r').unwrap_or(text).to_owned())
    }

    pub fn expect(&mut self, expected: &str) {
        assert_eq!(self.hear().as_deref(), Some(expected));
    }

    /// The next line is an error; what may follow it is open.
    pub fn expect_error(&mut self) {
        let line = self.hear();
        assert!(
            line.as_ref()
                .is_some_and(|line| line.starts_with("error: ")),
            "{line:?}"
        );
    }

    /// Nothing more comes. Where the server has closed with input unread, the end may be a reset.
    pub fn expect_end(&mut self) {
        let mut rest = Vec::new();
        if let Err(error) = self.stream.read_to_end(&mut rest) {
            assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{error}");
        }
        assert!(rest.is_empty(), "more comes: {}", rest.escape_ascii());
    }

    /// Sends no more, but goes on listening.
    pub fn finish(&mut self) {
        self.stream.get_ref().shutdown(Shutdown::Write).unwrap();
    }

    /// Breaks the connection: a socket that is closed with unread input sends a reset. Something
    /// that the server sends must be on its way.
    pub fn vanish(self) {
        assert!(
            self.stream.buffer().is_empty(),
            "what has been read would cause no reset"
        );
        let length = self
            .stream
            .get_ref()
            .peek(&mut [0; 1])
            .expect("something comes");
        assert_eq!(length, 1, "something comes");
    }

    /// Everything that comes until the end of input.
    pub fn hear_all(&mut self) -> String {
        let mut all = String::new();
        self.stream
            .read_to_string(&mut all)
            .expect("the end comes in good order");
        all
    }
}
