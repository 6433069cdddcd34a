//! What the tests share: a running server, and how to read its answers.

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, SystemTime};

/// How long a test waits for something that is due at once.
pub const LIMIT: Duration = Duration::from_secs(10);

/// A running `daytime server`; the process ends with the value.
pub struct Server {
    process: Child,
    pub address: SocketAddr,
}

impl Server {
    pub fn start(options: &[&str]) -> Server {
        let mut process = Command::new(env!("CARGO_BIN_EXE_daytime"))
            .args(["server", "--addr", "127.0.0.1:0"])
            .args(options)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program can be started");
        let output = BufReader::new(process.stdout.take().expect("standard output is a pipe"));
        let (lines, first) = mpsc::channel();
        thread::spawn(move || {
            output
                .lines()
                .map_while(Result::ok)
                .try_for_each(|l| lines.send(l))
        });
        // The server value exists before anything can fail, so that the process is ended then, too.
        let mut server = Server {
            process,
            address: SocketAddr::from(([0, 0, 0, 0], 0)),
        };
        let line = first
            .recv_timeout(LIMIT)
            .expect("the server says where it listens");
        server.address = line
            .strip_prefix("listening on ")
            .and_then(|address| address.parse().ok())
            .unwrap_or_else(|| panic!("not `listening on HOST:PORT`: {line:?}"));
        assert_ne!(server.address.port(), 0, "the real port is printed");
        server
    }

    /// A new connection on which no read takes for ever.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect_timeout(&self.address, LIMIT).expect("the server accepts");
        stream
            .set_read_timeout(Some(LIMIT))
            .expect("a read may have a time limit");
        stream
            .set_write_timeout(Some(LIMIT))
            .expect("a write may have a time limit");
        stream
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A loopback address where nobody listens. The port belongs to the near end of a connection, so
/// nobody else can begin to listen on it meanwhile.
pub struct NobodyThere {
    near: TcpStream,
    _far: TcpListener,
}

impl NobodyThere {
    pub fn new() -> NobodyThere {
        let far = TcpListener::bind("127.0.0.1:0").unwrap();
        let near = TcpStream::connect(far.local_addr().unwrap()).unwrap();
        NobodyThere { near, _far: far }
    }

    pub fn address(&self) -> String {
        self.near.local_addr().unwrap().to_string()
    }
}

/// Seconds since 1970 on the clock of this machine.
pub fn clock() -> u64 {
    SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs()
}

/// Seconds since 1970 of `YYYY-MM-DD HH:MM:SS`; panics when the text has another form.
pub fn seconds(text: &str) -> u64 {
    let pattern: String = text
        .chars()
        .map(|c| if c.is_ascii_digit() { 'd' } else { c })
        .collect();
    assert_eq!(pattern, "dddd-dd-dd dd:dd:dd", "the form of {text:?}");
    let number = |from: usize, to: usize| -> u64 { text[from..to].parse().unwrap() };
    let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
    // A year that begins in March has its leap day last; 1970 began 719,468 days after 1 March 0.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    (days - 719_468) * 86_400 + number(11, 13) * 3_600 + number(14, 16) * 60 + number(17, 19)
}

/// Asserts that an answer is one line with the time at which it was asked for.
pub fn assert_is_the_time(answer: &[u8], asked: u64) {
    let answer = str::from_utf8(answer).expect("an answer is ASCII");
    let text = answer
        .strip_suffix("\r\n")
        .unwrap_or_else(|| panic!("no \\r\\n: {answer:?}"));
    let told = seconds(text);
    let now = clock();
    assert!(
        (asked - 1..=now + 1).contains(&told),
        "{text} is not the time: {asked} to {now}"
    );
}
