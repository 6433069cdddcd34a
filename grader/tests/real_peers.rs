//! Solutions and right fixtures talk to programs that are not ours: netcat,
//! curl, and Python's HTTP server. Where one of these is missing the test says
//! so; `.ci/run` installs them.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers too"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

/// How long is waited for a line; only a wait that fails takes as long.
const PATIENCE: Duration = Duration::from_secs(60);
/// Right fixtures of an exercise that are tried beside its solution.
const FIXTURES: usize = 3;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Whether these programs are there, which is told where they are not.
fn are_there(programs: &[(&str, &str)]) -> bool {
    let mut all = true;
    for (program, package) in programs {
        let path = std::env::var_os("PATH").unwrap_or_default();
        if std::env::split_paths(&path).any(|folder| folder.join(program).is_file()) {
            continue;
        }
        all = false;
        // Not by `eprintln`, which is shown of failed tests only.
        let words = format!("SKIPPED: there is no `{program}`; install the package {package}\n");
        let _ = std::io::stderr().write_all(words.as_bytes());
    }
    all
}

const NETCAT: (&str, &str) = ("nc", "netcat-openbsd");
const CURL: (&str, &str) = ("curl", "curl");
const PYTHON: (&str, &str) = ("python3", "python3");

/// The programs of an exercise, compiled: its solution's and those of a few
/// right fixtures.
struct Programs {
    folder: tempfile::TempDir,
    all: Vec<PathBuf>,
}

impl Programs {
    fn of(exercise: &str) -> Programs {
        let fixtures = root().join("fixtures/submissions").join(exercise);
        let mut right: Vec<PathBuf> = std::fs::read_dir(fixtures)
            .into_iter()
            .flatten()
            .map(|entry| entry.unwrap().path())
            .filter(|path| {
                path.file_name()
                    .unwrap()
                    .to_string_lossy()
                    .starts_with("right-")
            })
            .filter(|path| path.join("src/main.rs").is_file())
            .collect();
        right.sort();
        right.truncate(FIXTURES);
        right.insert(0, root().join("solutions").join(exercise));
        let mut programs = Programs {
            folder: tempfile::tempdir().unwrap(),
            all: Vec::new(),
        };
        for (index, submission) in right.iter().enumerate() {
            let folder = programs.folder.path().join(index.to_string());
            std::fs::create_dir(&folder).unwrap();
            programs.all.push(compiled(exercise, submission, &folder));
        }
        programs
    }
}

fn compiled(exercise: &str, submission: &Path, folder: &Path) -> PathBuf {
    let name = exercise.replace('-', "_");
    let rustc = |kind: &str, source: &str, more: &[String]| {
        let done = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
            .args(["--edition", "2024", "--cap-lints", "allow", "--crate-name"])
            .args([&name, "--crate-type", kind, source, "--out-dir"])
            .arg(folder)
            .args(more)
            .env("CARGO_PKG_NAME", exercise)
            .current_dir(submission)
            .status()
            .unwrap();
        assert!(done.success(), "{} does not compile", submission.display());
    };
    let mut library = Vec::new();
    if submission.join("src/lib.rs").is_file() {
        rustc("lib", "src/lib.rs", &[]);
        let made = folder.join(format!("lib{name}.rlib"));
        library = vec!["--extern".to_owned(), format!("{name}={}", made.display())];
    }
    rustc("bin", "src/main.rs", &library);
    folder.join(name)
}

/// A process that is written to and read from line by line. It ends with this.
struct Talk {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
}

impl Talk {
    fn with(command: &mut Command) -> Talk {
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stdin = child.stdin.take();
        let stdout = lines(child.stdout.take().unwrap());
        let stderr = lines(child.stderr.take().unwrap());
        Talk {
            child,
            stdin,
            stdout,
            stderr,
        }
    }

    fn says(&mut self, text: &str) {
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(text.as_bytes()).unwrap();
        stdin.flush().unwrap();
    }

    /// The next line, with its end.
    fn line(&self) -> String {
        self.stdout.recv_timeout(PATIENCE).expect("a line comes")
    }

    /// The same of curl, which listens for a tenth of a second and then waits for
    /// its input: empty lines, which mean nothing to a chat, have it listen again.
    fn line_of_curl(&mut self) -> String {
        let since = Instant::now();
        while since.elapsed() < PATIENCE {
            if let Ok(line) = self.stdout.recv_timeout(Duration::from_millis(500)) {
                return line;
            }
            if let Some(stdin) = &mut self.stdin {
                // Where it has ended, no line comes, and that is told below.
                let _ = stdin.write_all(b"\n");
            }
        }
        panic!("a line of curl comes");
    }

    fn complaint(&self) -> String {
        self.stderr
            .recv_timeout(PATIENCE)
            .expect("a complaint comes")
    }

    /// All lines that still come until the end of its output.
    fn rest(&mut self) -> String {
        let mut rest = String::new();
        loop {
            match self.stdout.recv_timeout(PATIENCE) {
                Ok(line) => rest.push_str(&line),
                Err(mpsc::RecvTimeoutError::Disconnected) => return rest,
                Err(mpsc::RecvTimeoutError::Timeout) => panic!("its output does not end: {rest}"),
            }
        }
    }

    /// Its exit code, after the end of its input and of its output.
    fn ends(&mut self) -> (String, Option<i32>) {
        self.stdin = None;
        let rest = self.rest();
        (rest, self.child.wait().unwrap().code())
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        // One that has ended cannot be ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines(from: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        let mut from = BufReader::new(from);
        let mut line = Vec::new();
        while from
            .read_until(b'\n', &mut line)
            .is_ok_and(|length| length > 0)
        {
            let text = String::from_utf8_lossy(&line).into_owned();
            if sender.send(text).is_err() {
                return;
            }
            line.clear();
        }
    });
    lines
}

/// A server of the exercise's, and the host and the port at which it listens.
fn server(program: &Path, args: &[&str]) -> (Talk, String) {
    let server = Talk::with(Command::new(program).arg("server").args(args));
    let line = server.line();
    let address = line
        .trim_end()
        .strip_prefix("listening on ")
        .unwrap()
        .to_owned();
    (server, address)
}

/// Netcat as a client of an address.
fn netcat(options: &[&str], address: &str) -> Talk {
    let (host, port) = address.rsplit_once(':').unwrap();
    Talk::with(Command::new("nc").args(options).args([host, port]))
}

/// Netcat as a server, and its address. It tells its port when it listens.
fn netcat_listens(options: &[&str]) -> (Talk, String) {
    let netcat = Talk::with(
        Command::new("nc")
            .args(options)
            .args(["-lv", "127.0.0.1", "0"]),
    );
    let told = netcat.complaint();
    let port = told.split_whitespace().last().unwrap();
    (netcat, format!("127.0.0.1:{port}"))
}

fn is_a_time(line: &str) -> bool {
    let form = "dddd-dd-dd dd:dd:dd\r\n".bytes();
    let fits = |(form, byte): (u8, u8)| match form {
        b'd' => byte.is_ascii_digit(),
        other => byte == other,
    };
    line.len() == form.len() && form.zip(line.bytes()).all(fits)
}

#[test]
fn netcat_and_curl_ask_for_the_time_and_netcat_tells_it() {
    if !are_there(&[NETCAT, CURL]) {
        return;
    }
    for program in &Programs::of("daytime").all {
        let (_server, address) = server(program, &["--addr", "127.0.0.1:0"]);
        let _silent = netcat(&[], &address);
        let (answer, code) = netcat(&["-N"], &address).ends();
        assert!(is_a_time(&answer) && code == Some(0), "{answer:?} {code:?}");
        // It sends a request, and reads to the end what is no answer to that.
        let mut curl = Command::new("curl");
        curl.args(["-sS", "--http0.9", &format!("http://{address}/")]);
        let (answer, code) = Talk::with(&mut curl).ends();
        assert!(is_a_time(&answer) && code == Some(0), "{answer:?} {code:?}");

        let (_server, address) = server(program, &["--addr", "127.0.0.1:0", "--udp"]);
        let mut asks = netcat(&["-u", "-W", "1"], &address);
        asks.says("x");
        let answer = asks.line();
        assert!(is_a_time(&answer), "{answer:?}");

        for (options, told, expected) in [
            (&["-N"][..], "2024-02-29 12:00:00\r\n", Some(0)),
            (&["-N"], "12:00\r\n", Some(1)),
            (&["-u"], "2024-02-29 12:00:00\r\n", Some(0)),
        ] {
            let (mut netcat, address) = netcat_listens(options);
            netcat.says(told);
            if options == ["-N"] {
                netcat.stdin = None;
            }
            let mut client = Command::new(program);
            client
                .arg("client")
                .args((options == ["-u"]).then_some("--udp"))
                .arg(address);
            let mut client = Talk::with(&mut client);
            let (printed, code) = client.ends();
            assert_eq!(code, expected, "{options:?} {told:?}");
            match expected {
                Some(0) => assert_eq!(printed, "Server response: 2024-02-29 12:00:00\n"),
                _ => assert!(client.complaint().starts_with("error: ")),
            }
        }
    }
}

#[test]
fn netcat_and_curl_chat_and_netcat_serves_a_client() {
    if !are_there(&[NETCAT, CURL]) {
        return;
    }
    for program in &Programs::of("chat").all {
        let (_server, address) = server(program, &["--addr", "127.0.0.1:0"]);
        let mut ann = netcat(&[], &address);
        ann.says("ann\n");
        assert_eq!(ann.line(), "welcome ann\n");
        let mut bob = netcat(&[], &address);
        bob.says("bob\r\n");
        assert_eq!(bob.line(), "welcome bob\n");
        assert_eq!(ann.line(), "* bob joined\n");
        ann.says("hello\n");
        assert_eq!(bob.line(), "ann: hello\n");
        let mut curl = Command::new("curl");
        // Otherwise it keeps what it prints until it ends.
        curl.args(["-sSN", &format!("telnet://{address}")]);
        let mut curl = Talk::with(&mut curl);
        curl.says("curl\n/who\n");
        assert_eq!(curl.line_of_curl(), "welcome curl\n");
        assert_eq!(curl.line_of_curl(), "here: ann, bob, curl\n");
        curl.says("bye\n");
        assert_eq!(curl.line_of_curl(), "goodbye curl\n");
        // It goes on until its own input ends, too. Its exit code tells whether
        // an empty line still found somebody there.
        assert_eq!(curl.ends().0, "");
        for other in [&ann, &bob] {
            assert_eq!(other.line(), "* curl joined\n");
            assert_eq!(other.line(), "* curl left\n");
        }
        bob.says("/quit\n");
        assert_eq!(bob.line(), "goodbye bob\n");
        assert_eq!(bob.ends(), (String::new(), Some(0)));
        assert_eq!(ann.line(), "* bob left\n");

        let (mut netcat, address) = netcat_listens(&[]);
        let mut client = Talk::with(Command::new(program).args(["client", &address, "ann"]));
        assert_eq!(netcat.line(), "ann\n");
        netcat.says("welcome ann\nbob: hello\n");
        let mut line = client.line();
        if line == "welcome ann\n" {
            line = client.line();
        }
        assert_eq!(line, "bob: hello\n");
        client.says("one\n");
        assert_eq!(netcat.line(), "one\n");
        client.stdin = None;
        assert_eq!(netcat.line(), "/quit\n");
        netcat.says("bob: wait\ngoodbye ann\n");
        let (printed, code) = client.ends();
        assert!(printed.starts_with("bob: wait\n"), "{printed:?}");
        assert_eq!(code, Some(0));
    }
}

#[test]
fn files_are_downloaded_from_pythons_server() {
    if !are_there(&[PYTHON]) {
        return;
    }
    let site = tempfile::tempdir().unwrap();
    let long = "0123456789abcdef".repeat(20_000);
    std::fs::create_dir(site.path().join("sub")).unwrap();
    for (name, text) in [
        ("a.txt", "hello\n"),
        ("long.bin", &long),
        ("sub/a.txt", "other\n"),
    ] {
        std::fs::write(site.path().join(name), text).unwrap();
    }
    let mut python = Command::new("python3");
    python.args([
        "-u",
        "-m",
        "http.server",
        "0",
        "--bind",
        "127.0.0.1",
        "--directory",
    ]);
    let python = Talk::with(python.arg(site.path()));
    let told = python.line();
    let port = told
        .split_whitespace()
        .skip_while(|word| *word != "port")
        .nth(1);
    let url = |path: &str| format!("http://127.0.0.1:{}/{path}", port.unwrap());
    for program in &Programs::of("downloader").all {
        let out = tempfile::tempdir().unwrap();
        let mut command = Command::new(program);
        command.args(["--jobs", "2", "--out"]).arg(out.path());
        // A folder without a slash is a redirect, which is refused.
        let urls = ["a.txt", "long.bin", "none.txt", "sub", "sub/a.txt"].map(url);
        let mut downloads = Talk::with(command.args(&urls));
        let (printed, code) = downloads.ends();
        assert_eq!(code, Some(1), "{printed}");
        let lines: Vec<&str> = printed.lines().collect();
        let begins = ["ok ", "ok ", "failed ", "failed ", "ok "];
        assert_eq!(lines.len(), urls.len(), "{printed}");
        for ((line, begins), url) in lines.iter().zip(begins).zip(&urls) {
            assert!(line.starts_with(&format!("{begins}{url}")), "{printed}");
        }
        let read = |name: &str| std::fs::read_to_string(out.path().join(name)).unwrap();
        assert_eq!(read("long.bin"), long);
        let mut both = [read("a.txt"), read("a-1.txt")];
        both.sort();
        assert_eq!(both, ["hello\n", "other\n"]);
        assert_eq!(std::fs::read_dir(out.path()).unwrap().count(), 3);
    }
}
