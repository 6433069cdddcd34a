//! Processes of the program under test, which end when the test does.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

/// How long a test waits for something that is due at once.
pub const LIMIT: Duration = Duration::from_secs(10);

/// The running program, and the lines that it prints.
pub struct Process {
    child: Child,
    printed: Receiver<String>,
}

impl Process {
    pub fn start(arguments: &[&str]) -> Process {
        let mut child = Command::new(env!("CARGO_BIN_EXE_chat"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program can be started");
        let output = BufReader::new(child.stdout.take().expect("standard output is a pipe"));
        let (lines, printed) = mpsc::channel();
        thread::spawn(move || {
            output
                .lines()
                .map_while(Result::ok)
                .try_for_each(|line| lines.send(line))
        });
        Process { child, printed }
    }

    pub fn take_input(&mut self) -> ChildStdin {
        self.child.stdin.take().expect("standard input is a pipe")
    }

    /// The next line that the program prints, or `None` at the end of its output.
    pub fn next_printed(&self) -> Option<String> {
        match self.printed.recv_timeout(LIMIT) {
            Ok(line) => Some(line),
            Err(mpsc::RecvTimeoutError::Disconnected) => None,
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("the program prints nothing more"),
        }
    }

    pub fn has_ended(&mut self) -> Option<ExitStatus> {
        self.child
            .try_wait()
            .expect("the program can be waited for")
    }

    /// How the program ended. Asking again and again costs little, and unlike `wait` it gives up.
    pub fn ended(&mut self) -> ExitStatus {
        let start = Instant::now();
        while start.elapsed() < LIMIT {
            if let Some(status) = self.has_ended() {
                return status;
            }
            thread::sleep(Duration::from_millis(2));
        }
        panic!("the program does not end");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A running `chat server`; the process ends with the value.
pub struct Server {
    _process: Process,
    pub address: SocketAddr,
}

impl Server {
    pub fn start(options: &[&str]) -> Server {
        let arguments = [&["server", "--addr", "127.0.0.1:0"], options].concat();
        let process = Process::start(&arguments);
        let line = process
            .next_printed()
            .expect("the server says where it listens");
        let address: SocketAddr = line
            .strip_prefix("listening on ")
            .and_then(|address| address.parse().ok())
            .unwrap_or_else(|| panic!("not `listening on HOST:PORT`: {line:?}"));
        assert_ne!(address.port(), 0, "the real port is printed");
        Server {
            _process: process,
            address,
        }
    }
}
