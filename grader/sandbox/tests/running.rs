//! Real processes, run and ended.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers too"
)]

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::time::{Duration, Instant};

use sandbox::{Ended, Error, How, Job, Running, Streams, run, spawn};

/// A shell that runs this script, with no environment: only its own commands,
/// and programs by their path.
fn sh(script: &str) -> Job {
    let mut job = Job::new("/bin/sh", "/");
    job.args = vec!["-c".into(), script.into()];
    job
}

fn ended(job: &Job) -> Ended {
    run(job, b"").unwrap()
}

/// How a script ended, which must print nothing on standard error.
fn how(script: &str) -> How {
    let ended = ended(&sh(script));
    assert_eq!(ended.stderr.text(), "");
    ended.how
}

#[test]
fn exit_codes_are_told() {
    assert_eq!(how("exit 0"), How::Exited(0));
    assert_eq!(how("exit 7"), How::Exited(7));
}

#[test]
fn signals_are_told() {
    assert_eq!(how("kill -SEGV $$"), How::Signalled(libc::SIGSEGV));
    assert_eq!(how("kill -KILL $$"), How::Signalled(libc::SIGKILL));
}

#[test]
fn both_streams_are_captured() {
    let ended = ended(&sh("echo out; echo err >&2; echo more"));
    assert_eq!(ended.stdout.text(), "out\nmore\n");
    assert_eq!(ended.stderr.text(), "err\n");
}

#[test]
fn long_input_is_given_while_output_is_read() {
    let mut job = Job::new("/bin/cat", "/");
    job.limits.kept_bytes = 4_000_000;
    let input = b"0123456789abcdef".repeat(100_000);
    let ended = run(&job, &input).unwrap();
    assert_eq!(ended.how, How::Exited(0));
    assert!(ended.stdout.whole().unwrap() == input);
}

#[test]
fn input_that_nobody_reads_holds_up_nothing() {
    let ended = run(&sh("exit 3"), &[b'x'; 1_000_000]).unwrap();
    assert_eq!(ended.how, How::Exited(3));
}

#[test]
fn the_environment_is_what_was_given() {
    let mut job = Job::new("/usr/bin/env", "/");
    assert_eq!(ended(&job).stdout.text(), "");
    job.env = vec![("KEY".into(), "value".into())];
    assert_eq!(ended(&job).stdout.text(), "KEY=value\n");
}

#[test]
fn the_folder_is_what_was_given() {
    let folder = tempfile::tempdir().unwrap();
    let mut job = sh("echo here > file");
    job.current_dir = folder.path().to_owned();
    assert_eq!(ended(&job).how, How::Exited(0));
    assert_eq!(
        std::fs::read_to_string(folder.path().join("file")).unwrap(),
        "here\n"
    );
}

#[test]
fn a_program_that_cannot_start_is_an_error() {
    let error = run(&Job::new("/no/such/program", "/"), b"").unwrap_err();
    assert_eq!(error.to_string(), "cannot start /no/such/program in /");
    let Error::Start { source, .. } = error else {
        panic!("not an error of the start: {error}")
    };
    assert_eq!(source.kind(), ErrorKind::NotFound);
}

#[test]
fn time_on_the_wall_ends_the_whole_group() {
    let mut job = sh("/bin/sleep 1000 & echo $!; wait");
    job.limits.wall = Duration::from_millis(200);
    let ended = ended(&job);
    assert_eq!(ended.how, How::TimedOut);
    assert_ends(&ended.stdout.text());
}

#[test]
#[cfg(target_os = "linux")]
fn a_process_that_does_nothing_is_ended_and_one_that_computes_is_not() {
    let mut job = sh("echo begun; exec /bin/sleep 1000");
    job.limits.idle = Some(Duration::from_millis(300));
    let ended = ended(&job);
    assert_eq!(
        (ended.how, ended.stdout.text().as_str()),
        (How::Idle, "begun\n")
    );

    // It prints nothing for several times as long, but is never at rest.
    let mut job = sh("i=0; while [ $i -lt 1500000 ]; do i=$((i+1)); done; exit 4");
    job.limits.idle = Some(Duration::from_millis(100));
    job.limits.wall = Duration::from_secs(120);
    assert_eq!(run(&job, b"").unwrap().how, How::Exited(4));
}

#[test]
fn the_end_of_the_first_process_is_the_end_of_the_group() {
    let began = Instant::now();
    let ended = ended(&sh("/bin/sleep 1000 & echo $!"));
    assert_eq!(ended.how, How::Exited(0));
    assert_ends(&ended.stdout.text());
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[test]
#[cfg(target_os = "linux")]
fn a_process_that_left_the_group_holds_up_nothing() {
    // It keeps the output streams open, and goes on for two minutes.
    let leave = "/usr/bin/setsid /bin/sh -c 'echo $$; exec /bin/sleep 120' &";
    let mut running = spawn(&sh(&format!("{leave} read line; exit 5"))).unwrap();
    let mut stdout = BufReader::new(running.stdout.take().unwrap());
    let mut pid = String::new();
    stdout.read_line(&mut pid).unwrap();
    let began = Instant::now();
    writeln!(running.stdin.as_mut().unwrap(), "go on").unwrap();
    assert_eq!(stdout.read_line(&mut String::new()).unwrap(), 0);
    assert_eq!(running.wait().unwrap().how, How::Exited(5));
    assert!(began.elapsed() < Duration::from_secs(60));
    // This version leaves it alive, so the test ends it.
    assert_eq!(
        how(&format!("kill -KILL {pid}")),
        How::Exited(0),
        "it was alive"
    );
}

#[test]
fn too_much_output_is_cut_off_and_told() {
    for stream in ["", ">&2"] {
        let mut job = sh(&format!("while :; do echo 0123456789{stream}; done"));
        job.limits.output_bytes = 100_001;
        job.limits.kept_bytes = 1_000;
        let ended = ended(&job);
        assert_eq!(ended.how, How::OutputLimit);
        let captured = if stream.is_empty() {
            ended.stdout
        } else {
            ended.stderr
        };
        assert!(captured.head.starts_with(b"0123456789\n0123456789\n"));
        assert_eq!((captured.head.len(), captured.tail.len()), (500, 500));
        assert_eq!(captured.left_out, 99_001);
    }
}

#[test]
fn as_much_output_as_is_allowed_is_no_fault() {
    let mut job = sh("echo 123456789");
    job.limits.output_bytes = 10;
    assert_eq!(ended(&job).how, How::Exited(0));
    job.limits.output_bytes = 9;
    let ended = ended(&job);
    assert_eq!(
        (ended.how, ended.stdout.text().as_str()),
        (How::OutputLimit, "123456789")
    );
}

#[test]
fn memory_is_limited() {
    // 64 MiB in all, doubled again and again.
    let grow = "a=0123456789abcdef; n=0; while [ $n -lt 22 ]; do a=$a$a; n=$((n + 1)); done";
    let mut job = sh(grow);
    job.limits.memory_bytes = 1024 * 1024 * 1024;
    assert_eq!(ended(&job).how, How::Exited(0));
    job.limits.memory_bytes = 16 * 1024 * 1024;
    let ended = ended(&job);
    assert!(
        matches!(ended.how, How::Exited(1..) | How::Signalled(_)),
        "{ended:?}"
    );
}

#[test]
fn time_on_the_processor_is_limited() {
    let mut job = sh("while :; do :; done");
    job.limits.cpu_seconds = 1;
    job.limits.wall = Duration::from_secs(60);
    let how = ended(&job).how;
    assert_eq!(how, How::Signalled(libc::SIGXCPU));
    assert_eq!(how.to_string(), "used up its time on the processor");
}

#[test]
fn files_are_limited_in_size_and_number() {
    let folder = tempfile::tempdir().unwrap();
    let mut job = sh("while :; do echo 0123456789; done > file");
    job.current_dir = folder.path().to_owned();
    job.limits.file_bytes = 1_000;
    assert_eq!(ended(&job).how, How::Signalled(libc::SIGXFSZ));
    assert_eq!(
        std::fs::metadata(folder.path().join("file")).unwrap().len(),
        1_000
    );

    let mut job = sh("exec 3</dev/null 4</dev/null 5</dev/null");
    assert_eq!(ended(&job).how, How::Exited(0));
    job.limits.open_files = 5;
    assert!(matches!(ended(&job).how, How::Exited(1..)));
}

/// A shell that answers every line.
fn echo() -> Running {
    spawn(&sh(
        "while read line; do echo got $line; done; echo end >&2; exit 4",
    ))
    .unwrap()
}

#[test]
fn a_process_can_be_talked_with_while_it_runs() {
    let mut running = echo();
    let mut stdin = running.stdin.take().unwrap();
    let mut stdout = BufReader::new(running.stdout.take().unwrap());
    for word in ["one", "two"] {
        writeln!(stdin, "{word}").unwrap();
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        assert_eq!(line, format!("got {word}\n"));
    }
    drop(stdin);
    assert_eq!(stdout.read_line(&mut String::new()).unwrap(), 0);
    let ended = running.wait().unwrap();
    assert_eq!(
        (ended.how, ended.stderr.text().as_str()),
        (How::Exited(4), "end\n")
    );
    assert_eq!(ended.stdout.text(), "");
}

#[test]
fn a_process_can_be_stopped_early() {
    let mut running = echo();
    let mut stdin = running.stdin.take().unwrap();
    let mut stdout = BufReader::new(running.stdout.take().unwrap());
    writeln!(stdin, "one").unwrap();
    stdout.read_line(&mut String::new()).unwrap();
    running.kill();
    assert_eq!(
        stdout.read_line(&mut String::new()).unwrap(),
        0,
        "its output is at its end"
    );
    assert_eq!(running.wait().unwrap().how, How::Stopped);
    assert_eq!(
        writeln!(stdin, "two").unwrap_err().kind(),
        ErrorKind::BrokenPipe
    );
}

#[test]
fn a_process_that_is_dropped_is_ended() {
    let mut running = spawn(&sh("echo $$; exec /bin/sleep 1000")).unwrap();
    let mut pid = String::new();
    BufReader::new(running.stdout.take().unwrap())
        .read_line(&mut pid)
        .unwrap();
    drop(running);
    assert_ends(&pid);
}

#[test]
#[cfg(target_os = "linux")]
fn an_interrupted_grader_takes_along_what_its_processes_started() {
    let mut grader = Job::new(std::env::current_exe().unwrap(), "/");
    grader.args = [
        "--exact",
        "grader_that_is_interrupted",
        "--ignored",
        "--nocapture",
    ]
    .map(Into::into)
    .into();
    let ended = ended(&grader);
    assert_eq!(ended.how, How::Signalled(libc::SIGTERM), "{ended:?}");
    let output = ended.stdout.text();
    let pid = output
        .lines()
        .find_map(|line| line.split("sleeper ").nth(1))
        .unwrap();
    assert_ends(pid);
}

/// Not a test of its own: see the one before.
#[test]
#[ignore = "interrupts the test program"]
fn grader_that_is_interrupted() {
    sandbox::end_all_on_interrupt();
    let mut running = spawn(&sh("/bin/sleep 1000 & echo $!; wait")).unwrap();
    let mut pid = String::new();
    BufReader::new(running.stdout.take().unwrap())
        .read_line(&mut pid)
        .unwrap();
    writeln!(std::io::stdout(), "sleeper {pid}").unwrap();
    let mut kill = sh("kill -TERM $0");
    kill.args.push(std::process::id().to_string().into());
    // It may be ended before it can tell that it has done its work.
    let _ = run(&kill, b"");
    std::thread::sleep(Duration::from_secs(30));
}

#[test]
#[cfg(target_os = "linux")]
fn a_process_dies_with_the_grader() {
    // This test's own program is the grader that ends without a word.
    let mut grader = Job::new(std::env::current_exe().unwrap(), "/");
    grader.args = ["--exact", "grader_that_ends", "--ignored", "--nocapture"]
        .map(Into::into)
        .into();
    let ended = ended(&grader);
    assert_eq!(ended.how, How::Exited(9), "{ended:?}");
    let output = ended.stdout.text();
    let pid = output
        .lines()
        .find_map(|line| line.split("sleeper ").nth(1))
        .unwrap();
    assert_ends(pid);
}

#[test]
#[ignore = "it is what another test runs, and ends the process"]
fn grader_that_ends() {
    let mut running = spawn(&sh("echo $$; exec /bin/sleep 1000")).unwrap();
    let mut pid = String::new();
    BufReader::new(running.stdout.take().unwrap())
        .read_line(&mut pid)
        .unwrap();
    writeln!(std::io::stdout(), "sleeper {pid}").unwrap();
    std::process::exit(9);
}

#[test]
#[cfg(target_os = "linux")]
fn privileges_cannot_be_gained() {
    let script = "while read key value; do [ $key = NoNewPrivs: ] && echo $value; done";
    assert_eq!(
        ended(&sh(&format!("{script} < /proc/self/status")))
            .stdout
            .text(),
        "1\n"
    );
}

#[test]
#[cfg(target_os = "linux")]
fn addresses_are_the_same_in_every_run_where_the_system_can() {
    let mut job = Job::new("/bin/cat", "/");
    job.args = vec!["/proc/self/personality".into(), "/proc/self/maps".into()];
    job.fixed_addresses = true;
    let (first, second) = (ended(&job).stdout.text(), ended(&job).stdout.text());
    let flags = u32::from_str_radix(first.lines().next().unwrap(), 16).unwrap();
    if flags & libc::ADDR_NO_RANDOMIZE as u32 != 0 {
        assert_eq!(first, second);
    }
    assert!(first.contains("[stack]"), "{first}");
}

/// Waits until a process has ended, reaped or not; the test fails when it goes
/// on.
#[cfg(target_os = "linux")]
fn assert_ends(pid: &str) {
    let pid: u32 = pid.trim().parse().unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        // The state is the letter after the name, which is in parentheses.
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        match stat.rsplit(") ").next() {
            None | Some("") => return,
            Some(state) if state.starts_with('Z') => return,
            Some(_) => assert!(Instant::now() < deadline, "process {pid} is alive"),
        }
        std::thread::yield_now();
    }
}

/// Elsewhere there is no such easy way to look.
#[cfg(not(target_os = "linux"))]
fn assert_ends(_: &str) {}

/// A script at a terminal.
fn at_terminal(script: &str) -> Job {
    Job {
        streams: Streams::Terminal,
        ..sh(script)
    }
}

#[test]
fn a_process_at_a_terminal_is_typed_at_and_read_while_it_runs() {
    let script = "[ -t 0 ] && [ -t 1 ] && [ -t 2 ] || exit 9
        echo begin; while read line; do echo \"got $line\" >&2; done; echo end; exit 3";
    let mut running = spawn(&at_terminal(script)).unwrap();
    let mut stdin = running.stdin.take().unwrap();
    let mut stdout = BufReader::new(running.stdout.take().unwrap());
    assert!(running.stderr.is_none());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    assert_eq!(line, "begin\r\n");
    for text in ["a", "b"] {
        writeln!(stdin, "{text}").unwrap();
        line.clear();
        stdout.read_line(&mut line).unwrap();
        assert_eq!(line, format!("got {text}\r\n"));
    }
    // The end of input, as it is typed.
    stdin.write_all(b"\x04").unwrap();
    line.clear();
    stdout.read_to_string(&mut line).unwrap();
    assert_eq!(line, "end\r\n");
    assert_eq!(running.wait().unwrap().how, How::Exited(3));
}

#[test]
fn an_interrupt_is_typed_at_a_terminal_and_a_process_there_can_be_stopped() {
    let mut running = spawn(&at_terminal("echo on; while :; do read line; done")).unwrap();
    let mut stdin = running.stdin.take().unwrap();
    let mut stdout = BufReader::new(running.stdout.take().unwrap());
    stdout.read_line(&mut String::new()).unwrap();
    stdin.write_all(b"\x03").unwrap();
    stdout.read_to_string(&mut String::new()).unwrap();
    assert_eq!(running.wait().unwrap().how, How::Signalled(libc::SIGINT));

    let running = spawn(&at_terminal(
        "trap '' HUP TERM INT; while :; do read line; done",
    ))
    .unwrap();
    let stopper = running.stopper();
    let stopping = std::thread::spawn(move || stopper.stop());
    assert_eq!(running.wait().unwrap().how, How::Stopped);
    stopping.join().unwrap();
    assert!(!exists(pid_of_a_process_that_was_dropped()));
}

fn pid_of_a_process_that_was_dropped() -> u32 {
    let running = spawn(&at_terminal(
        "trap '' HUP TERM INT; while :; do read line; done",
    ))
    .unwrap();
    running.pid()
}

fn exists(pid: u32) -> bool {
    std::path::Path::new(&format!("/proc/{pid}")).exists()
}

#[test]
fn what_cannot_be_started_at_a_terminal_is_an_error() {
    let mut job = at_terminal("");
    job.program = "/nowhere/program".into();
    let error = spawn(&job).map(drop).unwrap_err();
    assert!(matches!(error, Error::Start { .. }), "{error:?}");
}

#[test]
fn standard_error_can_be_read_while_the_process_runs() {
    let mut job = sh("echo one >&2; read line; echo $line >&2");
    job.streams = Streams::Read;
    let mut running = spawn(&job).unwrap();
    let mut stderr = BufReader::new(running.stderr.take().unwrap());
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    writeln!(running.stdin.as_mut().unwrap(), "two").unwrap();
    stderr.read_line(&mut line).unwrap();
    assert_eq!(line, "one\ntwo\n");
    assert_eq!(running.wait().unwrap().how, How::Exited(0));
}

#[test]
#[cfg(target_os = "linux")]
fn a_process_that_is_to_be_alone_starts_no_other() {
    let mut job = sh("(exit 0); echo started");
    assert_eq!(ended(&job).stdout.text(), "started\n");
    job.alone = true;
    let ended = ended(&job);
    assert_eq!(ended.stdout.text(), "");
    assert!(
        matches!(ended.how, How::Exited(code) if code != 0),
        "{ended:?}"
    );
}
