//! Real processes in real layers, in each set that this machine can have, as the
//! user that runs the tests and, where that is root, as another one.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers too"
)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use sandbox::{
    Ended, Error, How, Job, Keep, Layers, Neighbours, Network, Policy, Scratch, Streams, preflight,
    run, spawn,
};

/// A user that is nobody's.
const NOBODY: u32 = 65_534;

/// The sets that hold here.
fn sets() -> Vec<Layers> {
    let sets = preflight().sets.iter().filter(|set| set.fault().is_none());
    sets.map(|set| set.layers).collect()
}

/// A shell that runs this script in these layers.
fn sh(layers: Layers, script: &str) -> Job {
    let mut job = Job::new("/bin/sh", "/");
    job.args = vec!["-c".into(), script.into()];
    job.policy.layers = layers;
    job
}

/// The same for one that may start other programs.
fn tools(layers: Layers, script: &str) -> Job {
    let mut job = sh(layers, script);
    job.policy.starts_programs = true;
    job.env = vec![("PATH".into(), "/usr/bin:/bin".into())];
    job
}

/// The same for one with a scratch folder.
fn in_folder(mut job: Job, folder: &Path, keep: Keep) -> Job {
    job.current_dir = folder.to_owned();
    job.policy.scratch = Some(Scratch {
        folder: folder.to_owned(),
        keep,
        at: None,
    });
    job
}

fn ended(job: &Job) -> Ended {
    run(job, b"").unwrap()
}

/// What a script prints, which must end well.
fn printed(job: &Job) -> String {
    let ended = ended(job);
    assert_eq!(ended.how, How::Exited(0), "{ended:?}");
    ended.stdout.text()
}

#[test]
fn no_attack_gets_through_in_any_set_that_there_is() {
    let report = preflight();
    let wanted =
        |name: &str| std::env::var("LOCKSTEP_TEST_LAYERS").is_ok_and(|all| all.contains(name));
    for set in &report.sets {
        if let Ok(rows) = &set.tried {
            assert_eq!(set.fault(), None);
            assert!(rows.len() > 40);
        }
        // Where a machine is known to have a set, its lack is a fault.
        if wanted(&set.layers.to_string()) {
            assert!(set.tried.is_ok(), "{:?}", set.tried);
        }
    }
}

#[test]
fn the_same_holds_for_another_user() {
    let root = std::fs::metadata("/proc/self").is_ok_and(|own| {
        use std::os::unix::fs::MetadataExt as _;
        own.uid() == 0
    });
    if !root {
        return;
    }
    // The test's own program may lie where nobody else can read it.
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let program = folder.path().join("layers");
    std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let output = std::process::Command::new(&program)
        .args([
            "--skip",
            "the_same_holds_for_another_user",
            "--test-threads",
            "2",
        ])
        .env_clear()
        .current_dir("/")
        .uid(NOBODY)
        .gid(NOBODY)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// The first process of a namespace takes the janitor along when it ends.
#[test]
fn no_control_group_is_left_by_the_first_process_of_a_namespace() {
    let of_now = {
        let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
        now.as_nanos()
    };
    let left = || -> Vec<std::path::PathBuf> {
        let groups = walkdir::WalkDir::new("/sys/fs/cgroup")
            .into_iter()
            .flatten();
        let is_new = |name: &str| {
            let time = name.strip_prefix("lockstep-1-")?.parse::<u128>().ok()?;
            (time > of_now).then_some(())
        };
        groups
            .filter(|group| group.file_name().to_str().and_then(is_new).is_some())
            .map(walkdir::DirEntry::into_path)
            .collect()
    };
    let output = std::process::Command::new("unshare")
        .args(["--pid", "--fork", "--kill-child", "--mount-proc"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "ends_and_output_are_told"])
        .output();
    // Not everybody may make a namespace, and not every system has the program.
    if !output.is_ok_and(|output| output.status.success()) {
        return;
    }
    // Other tests may be first processes of namespaces just now.
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while !left().is_empty() && std::time::Instant::now() < deadline {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert_eq!(left(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn ends_and_output_are_told() {
    for layers in sets() {
        assert_eq!(ended(&sh(layers, "exit 7")).how, How::Exited(7));
        let segv = ended(&sh(layers, "kill -SEGV $$")).how;
        assert_eq!(segv, How::Signalled(libc::SIGSEGV), "{layers}");
        let ended = ended(&sh(layers, "echo out; echo err >&2; read word; echo $word"));
        assert_eq!(
            (ended.stdout.text(), ended.stderr.text()),
            ("out\n\n".into(), "err\n".into())
        );
        let text = run(&sh(layers, "read word; echo got $word"), b"this\n").unwrap();
        assert_eq!(text.stdout.text(), "got this\n");
    }
}

#[test]
fn a_program_that_cannot_start_is_an_error_with_its_reason() {
    for layers in sets() {
        let mut job = Job::new("/no/such/program", "/");
        job.policy.layers = layers;
        let Error::Start { source, .. } = run(&job, b"").unwrap_err() else {
            panic!("not an error of the start")
        };
        assert_eq!(source.kind(), std::io::ErrorKind::NotFound, "{layers}");
        let folder = tempfile::tempdir().unwrap();
        let text = folder.path().join("text");
        std::fs::write(&text, "no program").unwrap();
        std::fs::set_permissions(&text, std::fs::Permissions::from_mode(0o755)).unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        job.program = text;
        let Error::Start { source, .. } = run(&job, b"").unwrap_err() else {
            panic!("not an error of the start")
        };
        assert_eq!(source.raw_os_error(), Some(libc::ENOEXEC), "{layers}");
    }
}

#[test]
fn limits_hold() {
    for layers in sets() {
        let mut job = sh(layers, "while :; do :; done");
        job.limits.wall = Duration::from_millis(200);
        assert_eq!(ended(&job).how, How::TimedOut);
        job.limits.wall = Duration::from_secs(60);
        job.limits.cpu_seconds = 1;
        assert_eq!(ended(&job).how, How::Signalled(libc::SIGXCPU));
        let mut job = sh(layers, "while :; do echo 0123456789; done");
        job.limits.output_bytes = 100_000;
        assert_eq!(ended(&job).how, How::OutputLimit);
        let mut job = sh(layers, "read word");
        job.limits.idle = Some(Duration::from_millis(200));
        let mut running = spawn(&job).unwrap();
        let _held = running.stdin.take();
        assert_eq!(running.wait().unwrap().how, How::Idle);
        // A busy one is never idle: the time that is looked at is the program's.
        let mut job = sh(
            layers,
            "i=0; while [ $i -lt 600000 ]; do i=$((i+1)); done; exit 4",
        );
        job.limits.idle = Some(Duration::from_millis(100));
        job.limits.wall = Duration::from_secs(120);
        assert_eq!(ended(&job).how, How::Exited(4));
        let grow = "a=0123456789abcdef; while :; do a=$a$a; done";
        let mut job = sh(layers, grow);
        job.limits.memory_bytes = 64 << 20;
        assert!(matches!(
            ended(&job).how,
            How::Exited(1..) | How::Signalled(_)
        ));
    }
}

#[test]
fn what_is_kept_of_a_scratch_folder_is_what_the_policy_says() {
    for layers in sets() {
        let folder = tempfile::tempdir().unwrap();
        let write = sh(layers, "echo here > file && read word < file && echo $word");
        let kept = in_folder(write.clone(), folder.path(), Keep::All);
        assert_eq!(printed(&kept), "here\n", "{layers}");
        let file = folder.path().join("file");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "here\n");
        std::fs::remove_file(&file).unwrap();
        let gone = in_folder(write, folder.path(), Keep::Nothing { bytes: 1 << 20 });
        assert_eq!(printed(&gone), "here\n", "{layers}");
        assert_eq!(file.exists(), layers == Layers::Bare);
    }
}

#[test]
fn a_scratch_folder_in_memory_has_a_size() {
    if !sets().contains(&Layers::Full) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let fill = "while echo 0123456789012345678901234567890123456789; do :; done > file 2>/dev/null; exit 3";
    let mut job = in_folder(
        sh(Layers::Full, fill),
        folder.path(),
        Keep::Nothing { bytes: 1 << 20 },
    );
    job.limits.file_bytes = 1 << 30;
    assert_eq!(ended(&job).how, How::Exited(3));
    let many = "i=0; while [ $i -lt 100000 ]; do : > f$i || exit 3; i=$((i+1)); done";
    let job = in_folder(
        sh(Layers::Full, many),
        folder.path(),
        Keep::Nothing { bytes: 1 << 20 },
    );
    assert!(matches!(ended(&job).how, How::Exited(1..)));
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}

#[test]
fn what_is_readable_can_be_read_and_nothing_else() {
    for layers in sets() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        for name in ["given", "secret"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
            std::fs::write(folder.path().join(name).join("file"), name).unwrap();
        }
        let (given, secret) = (folder.path().join("given"), folder.path().join("secret"));
        let read = |path: &Path| {
            let mut job = sh(
                layers,
                &format!("read word < {}/file; echo $word", path.display()),
            );
            job.policy.readable = vec![given.clone()];
            job
        };
        assert_eq!(printed(&read(&given)), "given\n", "{layers}");
        let denied = ended(&read(&secret));
        assert_eq!(denied.stdout.text().trim(), "", "{layers}");
        let mut write = sh(layers, &format!("echo changed > {}/file", given.display()));
        write.policy.readable = vec![given.clone()];
        assert!(matches!(ended(&write).how, How::Exited(1..)));
        assert_eq!(
            std::fs::read_to_string(given.join("file")).unwrap(),
            "given"
        );
    }
}

#[test]
fn a_process_is_told_no_path_of_the_machine_where_it_has_a_root_of_its_own() {
    for layers in sets() {
        let folder = tempfile::tempdir().unwrap();
        let script = "echo $0; pwd; echo kept > file; echo > ../other";
        let mut job = in_folder(sh(layers, script), folder.path(), Keep::All);
        job.called = Some("lockstep".into());
        job.args.truncate(2);
        job.policy.scratch.as_mut().unwrap().at = Some("/scratch".into());
        let ended = ended(&job);
        let here = match layers {
            Layers::Full => "/scratch",
            _ => folder.path().to_str().unwrap(),
        };
        assert_eq!(
            ended.stdout.text(),
            format!("lockstep\n{here}\n"),
            "{ended:?}"
        );
        assert_ne!(ended.how, How::Exited(0));
        let kept = std::fs::read_to_string(folder.path().join("file")).unwrap();
        assert_eq!(kept, "kept\n");
    }
}

#[test]
fn a_link_in_the_scratch_folder_leads_nowhere() {
    for layers in sets() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("link")).unwrap();
        let job = in_folder(
            sh(layers, "read word < link; echo $word"),
            folder.path(),
            Keep::All,
        );
        assert_eq!(ended(&job).stdout.text().trim(), "", "{layers}");
        // And none can be left for the grader, nor a pipe that it would wait at.
        let plant = tools(layers, "ln -s /etc/passwd planted; mkfifo trap; exit 3");
        let job = in_folder(plant, folder.path(), Keep::All);
        assert_eq!(ended(&job).how, How::Exited(3));
        for name in ["planted", "trap"] {
            let left = folder.path().join(name).symlink_metadata();
            assert!(left.is_err(), "{layers} {name}");
        }
    }
}

#[test]
fn a_process_that_may_start_no_others_starts_none() {
    for layers in sets() {
        let job = sh(layers, "(exit 0) || exit 9; exit 0");
        assert!(matches!(ended(&job).how, How::Exited(1..)), "{layers}");
        // Nor can it become another one.
        assert!(
            matches!(ended(&sh(layers, "exec /bin/ls /")).how, How::Exited(1..)),
            "{layers}"
        );
        assert_eq!(
            printed(&tools(layers, "(exit 3); echo $?; /bin/echo there")),
            "3\nthere\n"
        );
    }
}

#[test]
fn threads_and_the_loopback_work_where_they_may() {
    let program = r#"
        use std::io::{Read, Write};
        use std::net::{TcpListener, TcpStream, UdpSocket};
        fn main() {
            let threads: Vec<_> = (0..48).map(|i| std::thread::spawn(move || i)).collect();
            let sum: i32 = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
            for host in ["127.0.0.1:0", "[::1]:0", "localhost:0"] {
                let listener = TcpListener::bind(host).unwrap();
                let mut stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
                let (mut other, _) = listener.accept().unwrap();
                stream.write_all(b"x").unwrap();
                let mut byte = [0];
                other.read_exact(&mut byte).unwrap();
            }
            let (one, two) = (UdpSocket::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
            one.send_to(b"y", two.local_addr().unwrap()).unwrap();
            assert_eq!(two.recv(&mut [0; 4]).unwrap(), 1);
            std::os::unix::net::UnixStream::pair().unwrap();
            println!("{sum} {}", std::thread::available_parallelism().is_ok());
        }
    "#;
    let Some(built) = compiled(program) else {
        return;
    };
    let sets = preflight().sets.iter().filter(|set| set.fault().is_none());
    let networks = sets.flat_map(|set| {
        let own = set.own_loopback.then_some((set, Network::Loopback));
        let shared = set
            .shared_loopback
            .then(|| (set, Network::SharedLoopback(Neighbours::default())));
        own.into_iter().chain(shared)
    });
    for (set, network) in networks {
        let mut job = Job::new(built.path().join("program"), "/");
        job.policy = Policy {
            layers: set.layers,
            network,
            ..Policy::default()
        };
        assert_eq!(printed(&job), "1128 true\n");
        job.policy.network = Network::None;
        assert_eq!(ended(&job).how, How::Exited(101));
    }
}

/// A program of Rust, compiled outside; `None` where there is no compiler that
/// this user can reach.
fn compiled(source: &str) -> Option<tempfile::TempDir> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::write(folder.path().join("program.rs"), source).unwrap();
    let done = std::process::Command::new("rustc")
        .args(["--edition", "2024", "-o", "program", "program.rs"])
        .current_dir(folder.path())
        .status();
    done.is_ok_and(|status| status.success()).then_some(folder)
}

#[test]
fn addresses_can_be_the_same_in_every_run() {
    for layers in sets() {
        let source = "fn main() { let on_stack = 0; println!(\"{:p} {:p} {:p}\", &on_stack, \
                      Box::new(1), main as fn() as *const ()); }";
        let Some(built) = compiled(source) else {
            return;
        };
        let mut job = Job::new(built.path().join("program"), "/");
        job.policy.layers = layers;
        job.fixed_addresses = true;
        assert_eq!(printed(&job), printed(&job), "{layers}");
    }
}

#[test]
fn a_daemon_dies_with_its_namespace() {
    if !sets().contains(&Layers::Full) {
        return;
    }
    let script =
        "/usr/bin/setsid /bin/sh -c 'trap \"\" TERM HUP INT; exec /bin/sleep 1000.5' & exit 0";
    assert_eq!(ended(&tools(Layers::Full, script)).how, How::Exited(0));
    assert_none_sleeps("1000.5");
}

#[test]
fn a_killed_grader_leaves_no_process() {
    for (number, layers) in sets().into_iter().enumerate() {
        let seconds = format!("100{number}.25");
        let mut grader = std::process::Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "grader_that_is_killed",
                "--ignored",
                "--nocapture",
            ])
            .env("LOCKSTEP_TEST_SLEEP", format!("{layers} {seconds}"))
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(grader.stdout.take().unwrap()).lines();
        let said = lines.find(|line| line.as_ref().unwrap().contains("sleeping"));
        assert!(said.is_some());
        grader.kill().unwrap();
        grader.wait().unwrap();
        assert_none_sleeps(&seconds);
    }
}

/// Not by its first thread and not by another one, nor by the loader, which reads and
/// does not run what it is given: code that was written by the program would be no
/// safe code. (And a program that another thread starts has nobody to die with any
/// more, as far as the system knows.)
#[test]
fn a_program_becomes_no_other() {
    const SOURCE: &str = "
        use std::os::unix::process::CommandExt;
        use std::process::Command;
        fn main() {
            let own = std::env::args().nth(1).unwrap();
            if own == \"again\" {
                println!(\"became another\");
                return;
            }
            std::fs::copy(&own, \"copy\").unwrap();
            let loaders = [\"/lib64/ld-linux-x86-64.so.2\", \"/lib/ld-linux-aarch64.so.1\"];
            for program in [own.as_str(), \"./copy\", \"/bin/true\"].into_iter().chain(loaders) {
                let mut command = Command::new(program);
                command.args(match program.starts_with(\"/lib\") {
                    true => vec![\"./copy\", \"again\"],
                    false => vec![\"again\"],
                });
                println!(\"{:?}\", command.exec().kind());
                println!(\"{:?}\", std::thread::spawn(move || command.exec().kind()).join().unwrap());
            }
        }";
    let Some(built) = compiled(SOURCE) else {
        return;
    };
    let program = built.path().join("program");
    for layers in sets() {
        let folder = tempfile::tempdir().unwrap();
        let mut job = in_folder(Job::new(&program, folder.path()), folder.path(), Keep::All);
        job.policy.layers = layers;
        job.args = vec![program.clone().into()];
        assert_eq!(printed(&job), "PermissionDenied\n".repeat(10), "{layers}");
    }
}

/// A program that ignores the signal is killed a second later, and that is told as what
/// it is. It cannot end itself in that way.
#[test]
fn time_on_the_processors_is_told_also_where_its_signal_is_ignored() {
    const SOURCE: &str = "
        unsafe extern \"C\" {
            fn signal(number: i32, handler: usize) -> usize;
            fn kill(process: i32, signal: i32) -> i32;
        }
        fn main() {
            unsafe { signal(24, 1) };
            let own = std::process::id() as i32;
            if unsafe { kill(own, 9) } != -1 {
                unreachable!();
            }
            loop {}
        }";
    let Some(built) = compiled(SOURCE) else {
        return;
    };
    for layers in sets() {
        let mut job = Job::new(built.path().join("program"), "/");
        job.policy.layers = layers;
        job.limits.cpu_seconds = 1;
        job.limits.wall = Duration::from_secs(100);
        assert_eq!(ended(&job).how, How::Signalled(libc::SIGXCPU), "{layers}");
    }
}

#[test]
#[ignore = "it is what another test kills"]
fn grader_that_is_killed() {
    let asked = std::env::var("LOCKSTEP_TEST_SLEEP").unwrap();
    let (layers, seconds) = asked.split_once(' ').unwrap();
    let layers = match layers {
        "full" => Layers::Full,
        _ => Layers::Bare,
    };
    // Without namespaces a process that may start others is ended by its group
    // only, so that it is one that may not.
    let mut job = match layers {
        Layers::Full => tools(layers, &format!("/bin/sleep {seconds} & echo; wait")),
        _ => {
            let mut job = Job::new("/bin/sleep", "/");
            job.policy.layers = layers;
            job.args = vec![seconds.into()];
            job
        }
    };
    job.limits.wall = Duration::from_secs(60);
    let mut running = spawn(&job).unwrap();
    if layers == Layers::Full {
        running.stdout.take().unwrap().read_exact(&mut [0]).unwrap();
    }
    writeln!(std::io::stdout(), "sleeping").unwrap();
    std::thread::sleep(Duration::from_secs(60));
}

/// Whether a process is there that was told to sleep for so long.
fn sleeps(seconds: &str) -> bool {
    let wanted = format!("sleep\0{seconds}\0");
    std::fs::read_dir("/proc").unwrap().any(|entry| {
        let line = std::fs::read(entry.unwrap().path().join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).ends_with(&wanted)
    })
}

/// Waits until no process is there that was told to sleep for so long.
fn assert_none_sleeps(seconds: &str) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while sleeps(seconds) {
        assert!(
            Instant::now() < deadline,
            "somebody still sleeps for {seconds} s"
        );
        std::thread::yield_now();
    }
}

#[test]
fn nothing_of_the_machine_is_to_be_seen() {
    for layers in sets() {
        let names = printed(&sh(layers, "set; :"));
        assert!(!names.contains("HOME="), "{names}");
        if layers == Layers::Full {
            let root = printed(&tools(layers, "ls -a /; hostname"));
            assert!(!root.contains("root") && !root.contains("home"), "{root}");
            assert!(root.ends_with("sandbox\n"), "{root}");
            // A linker finds itself by it; nothing of it can be read.
            let own = printed(&tools(layers, "readlink /proc/self/exe"));
            assert!(own.ends_with("/readlink\n"), "{own}");
            let processes = ended(&tools(layers, "ls /proc; read word < /proc/1/environ"));
            assert_eq!(processes.stdout.text(), "");
            assert!(matches!(processes.how, How::Exited(1..)));
        }
    }
}

#[test]
fn a_process_in_layers_can_be_at_a_terminal() {
    for layers in sets() {
        let mut job = sh(
            layers,
            "[ -t 0 ] && [ -t 1 ] && [ -t 2 ] || exit 9; echo begin; read line; echo got $line; \
             while :; do read line; done",
        );
        job.streams = Streams::Terminal;
        let mut running = spawn(&job).unwrap();
        let mut stdin = running.stdin.take().unwrap();
        let mut stdout = BufReader::new(running.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        writeln!(stdin, "this").unwrap();
        stdout.read_line(&mut line).unwrap();
        assert_eq!(line, "begin\r\ngot this\r\n");
        // Keys that mean signals reach it: the terminal is its own.
        stdin.write_all(b"\x03").unwrap();
        stdout.read_to_string(&mut line).unwrap();
        assert_eq!(running.wait().unwrap().how, How::Signalled(libc::SIGINT));
    }
}

#[test]
fn an_address_outside_is_reached_from_no_network() {
    let program = r#"
        use std::net::{SocketAddr, TcpStream, UdpSocket};
        use std::time::Duration;
        fn main() {
            let outside: SocketAddr = "192.0.2.1:80".parse().unwrap();
            let tcp = TcpStream::connect_timeout(&outside, Duration::from_millis(300));
            let told = UdpSocket::bind("0.0.0.0:0").and_then(|socket| {
                socket.set_read_timeout(Some(Duration::from_millis(100)))?;
                socket.send_to(b"x", outside)?;
                socket.recv(&mut [0; 4])
            });
            println!("{} {}", tcp.is_ok(), told.is_ok());
        }
    "#;
    let Some(built) = compiled(program) else {
        return;
    };
    for set in preflight().sets.iter().filter(|set| set.fault().is_none()) {
        let mut job = Job::new(built.path().join("program"), "/");
        job.policy.layers = set.layers;
        let networks = [
            (true, Network::None),
            (set.own_loopback, Network::Loopback),
            (
                set.shared_loopback,
                Network::SharedLoopback(Neighbours::default()),
            ),
        ];
        for (_, network) in networks.into_iter().filter(|(there, _)| *there) {
            job.policy.network = network.clone();
            assert_eq!(printed(&job), "false false\n", "{} {network:?}", set.layers);
        }
    }
}

#[test]
fn the_grader_talks_over_the_shared_loopback() {
    let program = r#"
        use std::io::{Read, Write};
        fn main() {
            let port: u16 = std::env::args().nth(1).unwrap().parse().unwrap();
            let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
            stream.write_all(b"hello").unwrap();
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            println!("{}", listener.local_addr().unwrap().port());
            let mut text = String::new();
            listener.accept().unwrap().0.read_to_string(&mut text).unwrap();
            print!("{text}");
        }
    "#;
    let Some(built) = compiled(program) else {
        return;
    };
    for set in preflight().sets.iter().filter(|set| set.shared_loopback) {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let mut job = Job::new(built.path().join("program"), "/");
        job.args = vec![listener.local_addr().unwrap().port().to_string().into()];
        job.policy.layers = set.layers;
        let neighbours = Neighbours::default();
        neighbours.admit(&listener).unwrap();
        job.policy.network = Network::SharedLoopback(neighbours);
        let mut running = spawn(&job).unwrap();
        let mut hello = [0; 5];
        listener.accept().unwrap().0.read_exact(&mut hello).unwrap();
        assert_eq!(&hello, b"hello");
        let mut stdout = BufReader::new(running.stdout.take().unwrap());
        let mut port = String::new();
        stdout.read_line(&mut port).unwrap();
        let port: u16 = port.trim().parse().unwrap();
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.write_all(b"good-bye").unwrap();
        drop(stream);
        let mut text = String::new();
        stdout.read_to_string(&mut text).unwrap();
        assert_eq!(text, "good-bye");
        assert_eq!(running.wait().unwrap().how, How::Exited(0));
    }
}

/// A program that starts threads, as many as it is told, each with a small stack,
/// and prints how many it got.
const THREADS: &str = r#"
    fn main() {
        let wanted: usize = std::env::args().nth(1).unwrap().parse().unwrap();
        let started = (0..wanted).map_while(|_| {
            let small = std::thread::Builder::new().stack_size(1 << 15);
            small.spawn(|| std::thread::sleep(std::time::Duration::from_secs(3))).ok()
        });
        println!("{}", started.count());
    }
"#;

#[test]
fn a_start_has_as_many_threads_as_it_may_and_no_other_counts() {
    let Some(built) = compiled(THREADS) else {
        return;
    };
    for layers in sets() {
        let mut job = Job::new(built.path().join("program"), "/");
        job.policy.layers = layers;
        job.limits.processes = Some(100);
        job.args = vec!["60".into()];
        // Both at the same time, which are more than the limit together.
        std::thread::scope(|scope| {
            let job = &job;
            for _ in 0..2 {
                scope.spawn(move || assert_eq!(printed(job), "60\n", "{layers}"));
            }
        });
        job.args = vec!["20000".into()];
        match ended(&job) {
            // The system refuses more, or the grader sees them.
            Ended {
                how: How::Exited(0),
                stdout,
                ..
            } => {
                let started: usize = stdout.text().trim().parse().unwrap();
                assert!((90..=100).contains(&started), "{layers}: {started}");
            }
            Ended { how, .. } => assert_eq!(how, How::ProcessLimit, "{layers}"),
        }
    }
}

#[test]
fn memory_that_processes_have_together_is_a_limit_of_its_own() {
    if !sandbox::uses_cgroup() {
        return;
    }
    for layers in sets() {
        // Each has less than one may have, and all have more than two.
        let grow = "a=0123456789abcdef; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21; \
                    do a=$a$a; done; sleep 60";
        let many = format!("for n in 1 2 3 4 5 6 7 8 9 10 11 12; do ({grow}) & done; wait; exit 3");
        let mut job = tools(layers, &many);
        job.limits.memory_bytes = 96 << 20;
        job.limits.wall = Duration::from_secs(50);
        assert_eq!(ended(&job).how, How::MemoryLimit, "{layers}");
        job.args = vec!["-c".into(), "exit 3".into()];
        assert_eq!(ended(&job).how, How::Exited(3), "{layers}");
    }
}
