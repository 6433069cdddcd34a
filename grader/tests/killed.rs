//! A grader that is killed, at whatever moment, leaves nothing behind: no
//! process, no mount, no control group, and no file outside of what is its own.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers too"
)]

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use walkdir::WalkDir;

const EXERCISE: &str = "title = \"Busy\"\npoints = 3\nhints = [\"h\"]\nvisible = [\"simulated\"]\n";

const README: &str = "\
# Busy

## The contract

- **C1** `busy work` ends.
- **C2** `busy server` prints `listening on HOST:PORT` and sends a line back.
- **C3** The program is `src/main.rs`.
";

const RUBRIC: &str = r#"
kind = "program"
build = ["C3"]

[[check]]
id = "simulated"
title = "It ends"
points = 1
holds = ["C1"]
[[check.scenario]]
name = "work"
rule = "any"
args = ["work"]
search = { steps = 1000000 }

[[check]]
id = "another"
title = "It ends, too"
points = 1
holds = ["C1"]
[[check.scenario]]
name = "work"
rule = "any"
args = ["work"]

[[check]]
id = "real"
title = "A line comes back"
points = 1
holds = ["C2"]
[[check.scenario]]
name = "line"
rule = "any"
on = "system"
files = true
[[check.scenario.program]]
name = "server"
args = ["server"]
announces = "listening on "
[[check.scenario.peer]]
name = "ann"
script = '''
connect server
send "one\n"
read 1 line
'''
"#;

const JUDGE: &str = r#"
use judge::{Execution, Judge, Lost, Question};

fn main() -> std::process::ExitCode {
    judge::serve(|_: &Question| -> Result<Box<dyn Judge>, Lost> {
        Ok(Box::new(|execution: &Execution| judge::exited(execution).map(|_| ())))
    })
}
"#;

/// It does what it should, and more, if `LONG` says so, without an end.
const PROGRAM: &str = r#"
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, UdpSocket};
use std::sync::Mutex;
use std::thread;

const LONG: bool = false;

fn main() {
    if std::env::args().nth(1).as_deref() == Some("work") {
        let sum = Mutex::new(0u64);
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    let mut i = 0;
                    while LONG || i < 2 {
                        *sum.lock().unwrap() += 1;
                        i += 1;
                    }
                });
            }
        });
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let _other = UdpSocket::bind("127.0.0.1:0").unwrap();
    for number in 0..20 {
        std::fs::write(format!("file-{number}"), "written").unwrap();
    }
    println!("listening on {}", listener.local_addr().unwrap());
    for stream in listener.incoming() {
        let mut stream = stream.unwrap();
        if LONG {
            let threads: Vec<_> = (0..8).map(|_| thread::spawn(|| loop {})).collect();
            for thread in threads {
                thread.join().unwrap();
            }
        }
        let mut line = String::new();
        BufReader::new(stream.try_clone().unwrap()).read_line(&mut line).unwrap();
        stream.write_all(line.as_bytes()).unwrap();
    }
}
"#;

/// What keeps the compiler at work until its time is up.
const COMPILED_LONG: &str = "\
#![allow(long_running_const_eval)]
const LONG: u64 = { let mut i = 0u64; while i < u64::MAX { i += 1; } i };
fn main() { println!(\"{LONG}\") }
";

/// Far longer than anything takes to die.
const PATIENCE: Duration = Duration::from_secs(60);

/// A course, submissions, and all that a grader may write to.
struct World {
    folder: tempfile::TempDir,
}

impl World {
    fn new() -> World {
        let world = World {
            folder: tempfile::Builder::new()
                .prefix("lockstep-killed-")
                .tempdir()
                .unwrap(),
        };
        world.write("course/exercises/busy/README.md", README);
        world.write("course/exercises/busy/exercise.toml", EXERCISE);
        world.write("course/exercises/busy/src/main.rs", "fn main() {}");
        world.write("course/checks/busy/rubric.toml", RUBRIC);
        world.write("course/checks/busy/judge.rs", JUDGE);
        world.write("class/short/src/main.rs", PROGRAM);
        let long = PROGRAM.replace("LONG: bool = false", "LONG: bool = true");
        assert_ne!(long, PROGRAM);
        world.write("class/long/src/main.rs", &long);
        world.write("class/compiled-long/src/main.rs", COMPILED_LONG);
        fs::create_dir(world.path("tmp")).unwrap();
        world
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// What tells that something is of this world: no other path has it.
    fn name(&self) -> &str {
        self.folder.path().file_name().unwrap().to_str().unwrap()
    }

    fn grader(&self, layers: &str, submission: &str, check: &str) -> Command {
        // Who runs the tests in the background may have them ignore interrupts, and
        // a grader goes on ignoring what it was started to ignore.
        let mut grader = Command::new("env");
        grader
            .arg("--default-signal=INT,TERM,HUP")
            .arg(assert_cmd::cargo::cargo_bin!("grader"))
            .args(["grade", "--exercise", "busy", "--no-cache", "--course"])
            .args([self.path("course"), self.path("class").join(submission)])
            .args(["--check", check])
            .env("LOCKSTEP_LAYERS", layers)
            .env("LOCKSTEP_TARGET", self.path("target"))
            .env("LOCKSTEP_CACHE", self.path("cache"))
            .env("TMPDIR", self.path("tmp"))
            .stdout(self.said(true))
            .stderr(self.said(false));
        grader
    }

    /// Where a grader's words go; `anew` when it is another grader.
    fn said(&self, anew: bool) -> File {
        fs::create_dir_all(self.path("cache")).unwrap();
        let mut options = File::options();
        options.create(true).append(true);
        let file = options.open(self.path("cache/said")).unwrap();
        if anew {
            file.set_len(0).unwrap();
        }
        file
    }

    /// Gives the grader the libraries that those of other tests have made, and
    /// has it make all else that is made once.
    fn make_ready(&self, layers: &str) {
        let made = std::env::var_os("LOCKSTEP_TARGET").map_or_else(
            || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/lockstep"),
            PathBuf::from,
        );
        let right = |grader: &mut Command| {
            let output = grader.stdout(Stdio::piped()).stderr(Stdio::piped());
            let output = output.output().unwrap();
            // Full marks, or the rest of this file would show nothing.
            assert!(output.status.success(), "{output:?}");
        };
        if !self.path("target").exists() {
            // The libraries know where they were made, and this folder does not last.
            right(
                self.grader(layers, "short", "simulated")
                    .env("LOCKSTEP_TARGET", &made),
            );
            fs::create_dir(self.path("target")).unwrap();
            for name in ["support", "toolchains"] {
                let made = made.join(name).canonicalize().unwrap();
                symlink(made, self.path("target").join(name)).unwrap();
            }
        }
        for check in ["simulated", "real"] {
            right(&mut self.grader(layers, "short", check));
        }
    }

    /// All processes of this world that are alive, with their commands.
    fn processes(&self) -> Vec<(u32, String)> {
        let entries = fs::read_dir("/proc").unwrap().flatten();
        let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let found = numbers.filter_map(|pid: u32| {
            let read = |file: &str| {
                let bytes = fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
                String::from_utf8_lossy(&bytes).replace('\0', " ")
            };
            let command = read("cmdline");
            let links = ["cwd", "exe", "root"].map(|link| {
                let path = fs::read_link(format!("/proc/{pid}/{link}")).unwrap_or_default();
                path.to_string_lossy().into_owned()
            });
            let all = [command.clone(), read("environ"), links.concat()].concat();
            all.contains(self.name()).then_some((pid, command))
        });
        found
            .filter(|(pid, _)| *pid != std::process::id())
            .collect()
    }

    /// Everything that is neither the target folder nor the cache.
    fn files(&self) -> BTreeSet<(PathBuf, u64, i64)> {
        let own = [self.path("target"), self.path("cache")];
        WalkDir::new(self.folder.path())
            .into_iter()
            .filter_entry(|entry| !own.iter().any(|own| entry.path() == own))
            .map(|entry| {
                let entry = entry.unwrap();
                let data = entry.metadata().unwrap();
                let size = if data.is_file() { data.len() } else { 0 };
                (entry.into_path(), size, data.mtime_nsec())
            })
            .collect()
    }

    /// What there is of a machine that a grader could leave something in.
    fn machine(&self, grader: u32) -> Machine {
        let shared = fs::read_dir("/dev/shm").into_iter().flatten().flatten();
        let cgroups = WalkDir::new("/sys/fs/cgroup").into_iter().flatten();
        let of_the_grader = format!("lockstep-{grader}-");
        Machine {
            files: self.files(),
            mounts: fs::read_to_string("/proc/self/mountinfo").unwrap(),
            shared: shared
                .filter(|entry| entry.file_name().to_string_lossy().contains("lockstep"))
                .map(|entry| entry.path())
                .collect(),
            cgroups: cgroups
                .filter(|entry| {
                    entry
                        .file_name()
                        .to_string_lossy()
                        .starts_with(&of_the_grader)
                })
                .map(walkdir::DirEntry::into_path)
                .collect(),
            processes: self.processes(),
        }
    }

    /// Starts a grader, ends it by a signal when `now` says so, and checks that
    /// all is in the end as it was before. What became of it where that was not
    /// in time for the signal to end it.
    fn ends(
        &self,
        signal: i32,
        mut grader: Command,
        now: impl Fn(&World) -> bool,
    ) -> Result<(), String> {
        // The one before may have ended by itself a moment ago.
        let deadline = Instant::now() + PATIENCE;
        while !self.processes().is_empty() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
        let before = self.machine(0);
        assert_eq!(before.processes, []);
        let mut grader = grader.spawn().unwrap();
        let in_time = wait_for(&mut grader, || now(self));
        if in_time {
            send(signal, &mut grader);
        }
        let ended = grader.wait().unwrap();
        let deadline = Instant::now() + PATIENCE;
        let mut after = self.machine(grader.id());
        while after != before && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
            after = self.machine(grader.id());
        }
        assert_eq!(after, before);
        if in_time && ended.signal() == Some(signal) {
            return Ok(());
        }
        let said = fs::read_to_string(self.path("cache/said")).unwrap();
        Err(format!(
            "signal {signal}, in time: {in_time}, {ended}: {said}"
        ))
    }

    /// The next one that has anything to do tidies up. A process that has gone from
    /// the list may hold its lock for a moment more, so that may be one after that.
    fn is_tidied(&self, layers: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let next = self.grader(layers, "short", "real").status().unwrap();
            let said = fs::read_to_string(self.path("cache/said")).unwrap();
            assert!(next.success(), "{next}: {said}");
            let left = self.scratch();
            if left.is_empty() {
                return;
            }
            assert!(Instant::now() < deadline, "nobody removes {left:?}");
        }
    }

    /// The folders of graders that are gone, and their locks.
    fn scratch(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.path("target/scratch")).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        paths.filter(|path| !path.ends_with("gate")).collect()
    }
}

#[derive(Debug, PartialEq)]
struct Machine {
    processes: Vec<(u32, String)>,
    cgroups: Vec<PathBuf>,
    mounts: String,
    shared: BTreeSet<PathBuf>,
    files: BTreeSet<(PathBuf, u64, i64)>,
}

/// Waits for something, and `false` when the grader has ended before.
fn wait_for(grader: &mut Child, now: impl Fn() -> bool) -> bool {
    let deadline = Instant::now() + PATIENCE;
    while !now() {
        if grader.try_wait().unwrap().is_some() {
            return false;
        }
        assert!(Instant::now() < deadline, "what is waited for never comes");
        std::thread::sleep(Duration::from_millis(1));
    }
    true
}

/// Sends a signal to a grader that was not waited for.
fn send(signal: i32, grader: &mut Child) {
    if signal == 9 {
        grader.kill().unwrap();
        return;
    }
    let mut kill = Command::new("kill");
    kill.arg(format!("-{signal}")).arg(grader.id().to_string());
    assert!(kill.status().unwrap().success());
}

/// The sets of layers that this machine has.
fn sets() -> Vec<String> {
    let sets = sandbox::preflight().sets.iter();
    let held = sets.filter(|set| set.fault().is_none());
    held.map(|set| set.layers.to_string()).collect()
}

const KILL: i32 = 9;
const INTERRUPT: i32 = 2;
const TERMINATE: i32 = 15;

#[test]
fn a_grader_that_is_killed_at_work_leaves_nothing() {
    let world = World::new();
    for layers in sets() {
        world.make_ready(&layers);
        let at_work: [(&str, &str, &str); 3] = [
            ("compiled-long", "simulated", "rustc"),
            ("long", "simulated", "scratch"),
            ("long", "real", " server"),
        ];
        for (submission, check, command) in at_work {
            for signal in [KILL, INTERRUPT, TERMINATE] {
                let grader = world.grader(&layers, submission, check);
                let ended = world.ends(signal, grader, |world| {
                    let is_it = |(_, found): &(u32, String)| {
                        let program = found.split(' ').next().unwrap_or_default();
                        found.contains(command) && !program.ends_with("grader")
                    };
                    world.processes().iter().any(is_it)
                });
                assert_eq!(ended, Ok(()), "{layers}: {submission} is done too soon");
            }
        }
        world.is_tidied(&layers);
    }
}

#[test]
fn a_grader_that_is_killed_at_any_moment_leaves_nothing() {
    let world = World::new();
    for layers in sets() {
        world.make_ready(&layers);
        // Later and later, until it is done before it is killed.
        for check in ["simulated", "real"] {
            let mut delay = Duration::ZERO;
            loop {
                let began = Instant::now();
                let grader = world.grader(&layers, "short", check);
                let ended = world.ends(KILL, grader, |_| began.elapsed() >= delay);
                if ended.is_err() {
                    break;
                }
                delay = delay * 3 / 2 + Duration::from_millis(4);
            }
        }
        world.is_tidied(&layers);
    }
}
