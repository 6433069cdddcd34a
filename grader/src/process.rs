//! The processes that the grader works with, each with its limits; what starts
//! them is the sandbox.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use sandbox::{How, Job, Keep, Layers, Neighbours, Network, Policy, Scratch, Streams};

use crate::layers;

/// Standard input of a running process; dropping it is the end of input.
pub(crate) type Stdin = sandbox::Input;
/// Standard output of a running process.
pub(crate) type Stdout = sandbox::Output;
/// Ends a process from wherever this is taken to, also while its end is waited
/// for.
pub(crate) type Ender = sandbox::Stopper;

/// Memory of a thread's stack, with what belongs to it.
const STACK_MIB: u64 = 3;

/// How many threads more than it may have a submission's program can start on the real
/// system, so that who looks sees that it has too many. There is room for all of their
/// stacks: who starts threads without end must not be told of the memory, or of
/// the threads, as it happens.
const TOO_MANY: u64 = 8;

/// The limits of a kind of process. A verdict does not depend on those of time
/// but where a submission goes on for ever, out of the simulation's reach: they
/// are far above what anything else needs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    wall_seconds: u64,
    idle_seconds: Option<u64>,
    cpu_seconds: u64,
    memory_mib: u64,
    output_mib: u64,
    open_files: u64,
    file_mib: u64,
    processes: u64,
}

/// Processes and threads of one start: many more than a program of an exercise
/// or a compiler with its linker has.
const PROCESSES: u64 = 1024;

impl Limits {
    /// rustc with its linker.
    pub(crate) const COMPILER: Limits = Limits {
        wall_seconds: 900,
        idle_seconds: None,
        cpu_seconds: 20,
        memory_mib: 2048,
        output_mib: 16,
        open_files: 1024,
        file_mib: 1024,
        processes: PROCESSES,
    };
    /// Cargo, building the grader's own libraries from nothing.
    pub(crate) const LIBRARIES: Limits = Limits {
        wall_seconds: 3600,
        idle_seconds: None,
        cpu_seconds: 3600,
        memory_mib: 8192,
        output_mib: 256,
        open_files: 4096,
        file_mib: 1024,
        processes: PROCESSES,
    };
    /// git, asked of a repository.
    pub(crate) const GIT: Limits = Limits {
        wall_seconds: 600,
        idle_seconds: None,
        cpu_seconds: 600,
        memory_mib: 8192,
        output_mib: 64,
        open_files: 4096,
        file_mib: 1024,
        processes: PROCESSES,
    };
    /// git, asked of a repository that a student has handed in.
    pub(crate) const HANDED_IN: Limits = Limits {
        wall_seconds: 60,
        idle_seconds: None,
        cpu_seconds: 10,
        memory_mib: 1024,
        output_mib: 4,
        open_files: 256,
        file_mib: 1,
        processes: PROCESSES,
    };
    /// An examined program, for one scenario: one that has used up a little of
    /// this is not given another ([`Allowance`]). The simulation itself holds its
    /// programs to their limits; these are above them. The stacks of its threads
    /// count as memory although hardly any of it is ever used. Between two
    /// scenarios it may have to wait for long.
    pub(crate) fn examined(limits: &verdict::Limits) -> Limits {
        Limits {
            wall_seconds: 24 * 3600,
            idle_seconds: Some(60),
            cpu_seconds: 900 + 10 * limits.cpu_seconds,
            memory_mib: 3456,
            output_mib: 1024 + Allowance::MIB,
            // The folder of the process and the one that programs run in.
            open_files: limits.open_files + 2,
            // No file is larger than what all may hold.
            file_mib: limits.disk_mib + 1,
            processes: PROCESSES,
        }
    }
    /// A judge. It also waits for the examined program.
    pub(crate) const JUDGE: Limits = Limits {
        wall_seconds: 24 * 3600,
        idle_seconds: None,
        cpu_seconds: 900,
        memory_mib: 1024,
        output_mib: 1,
        open_files: 64,
        file_mib: 1024,
        processes: PROCESSES,
    };

    /// A submission's program on the real system, where it talks with others
    /// over sockets. Each of its threads counts with its stack as memory, so it
    /// may have as many of these besides.
    pub(crate) fn program(limits: &verdict::Limits) -> Limits {
        let processes = limits.processes + TOO_MANY;
        Limits {
            wall_seconds: limits.wall_seconds,
            idle_seconds: None,
            cpu_seconds: limits.cpu_seconds,
            memory_mib: limits.memory_mib + STACK_MIB * processes,
            output_mib: limits.output_mib,
            open_files: limits.open_files,
            file_mib: limits.disk_mib,
            processes,
        }
    }

    fn of_the_sandbox(self) -> sandbox::Limits {
        const MIB: u64 = 1 << 20;
        sandbox::Limits {
            wall: Duration::from_secs(self.wall_seconds),
            idle: self.idle_seconds.map(Duration::from_secs),
            cpu_seconds: self.cpu_seconds,
            memory_bytes: self.memory_mib * MIB,
            output_bytes: self.output_mib * MIB,
            kept_bytes: 32 << 20,
            open_files: self.open_files,
            file_bytes: self.file_mib * MIB,
            processes: Some(self.processes),
        }
    }
}

/// What a process has used of its limits for one task after another. The limits
/// hold for each task, whatever came before it: a process that has used a part
/// that counts is not used again.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Allowance {
    busy: Duration,
    bytes: u64,
}

impl Allowance {
    /// Time after which a process is not used again.
    const BUSY: Duration = Duration::from_secs(30);
    /// Output after which a process is not used again, in MiB.
    const MIB: u64 = 64;

    /// Another task took this time, and told this many bytes.
    pub(crate) fn used(&mut self, busy: Duration, bytes: u64) {
        self.busy += busy;
        self.bytes += bytes;
    }

    /// Whether the process may be given another task.
    pub(crate) fn is_left(&self) -> bool {
        self.busy < Allowance::BUSY && self.bytes < Allowance::MIB << 20
    }
}

/// Where the folder of a real program is for it, where it has a root of its own.
const REAL_FOLDER: &str = "/scratch";

/// Where a real program finds the folder that it runs in.
pub(crate) fn place_of(folder: &Path) -> &Path {
    match layers::chosen() {
        Layers::Full => Path::new(REAL_FOLDER),
        Layers::Bare | Layers::None => folder,
    }
}

/// A command to run.
#[derive(Debug, Clone)]
pub(crate) struct Confined {
    job: Job,
    limits: Limits,
}

impl Confined {
    /// A program, the folder that it runs in and what it may use. Its
    /// environment is empty until something is put there.
    pub(crate) fn new(program: &Path, folder: &Path, limits: Limits) -> Confined {
        let mut job = Job::new(program, folder);
        job.limits = limits.of_the_sandbox();
        Confined { job, limits }
    }

    /// Holds it in the layers for submissions, as a compiler of their text: it
    /// may write to the folder that it runs in, read this besides, and start its
    /// linker.
    pub(crate) fn compiles(&mut self, readable: Vec<PathBuf>) -> &mut Self {
        self.job.policy = Policy {
            layers: layers::chosen(),
            readable,
            scratch: Some(Scratch {
                folder: self.job.current_dir.clone(),
                keep: Keep::All,
                at: None,
            }),
            starts_programs: true,
            ..Policy::default()
        };
        self
    }

    /// Holds it in the layers for submissions, as a program of the system's that
    /// reads what a student has made: it may read this, and write nowhere.
    pub(crate) fn only_reads(&mut self, readable: Vec<PathBuf>) -> &mut Self {
        self.job.policy = Policy {
            layers: layers::chosen(),
            readable,
            ..Policy::default()
        };
        self
    }

    /// Lets it read something more.
    pub(crate) fn reads(&mut self, path: &Path) -> &mut Self {
        self.job.policy.readable.push(path.to_owned());
        self
    }

    /// Holds it in the layers for submissions, as a program in the simulation:
    /// it may write to the folder that it runs in, and nobody will read that.
    pub(crate) fn is_simulated(&mut self, limits: &verdict::Limits) -> &mut Self {
        // The simulation counts what is written, and the last block of each file
        // is whole: there is always more room than it allows.
        let bytes = ((limits.disk_mib + 8) << 20) + 4096 * (limits.files + 64);
        self.job.policy = Policy {
            layers: layers::chosen(),
            scratch: Some(Scratch {
                folder: self.job.current_dir.clone(),
                keep: Keep::Nothing { bytes },
                at: None,
            }),
            ..Policy::default()
        };
        self
    }

    /// Holds it in the layers for submissions, as a program on the real system:
    /// it may write to the folder that it runs in, which stays and is at
    /// [`place_of`] for it, and reach its neighbours on the loopback: the programs and
    /// the peers of its scenario.
    pub(crate) fn is_real(&mut self, neighbours: &Neighbours) -> &mut Self {
        self.job.policy = Policy {
            layers: layers::chosen(),
            scratch: Some(Scratch {
                folder: self.job.current_dir.clone(),
                keep: Keep::All,
                at: Some(REAL_FOLDER.into()),
            }),
            network: Network::SharedLoopback(neighbours.clone()),
            ..Policy::default()
        };
        self
    }

    /// Tells it that it is called so, and not where it lies.
    pub(crate) fn called(&mut self, name: &str) -> &mut Self {
        self.job.called = Some(name.into());
        self
    }

    /// Adds an argument.
    pub(crate) fn arg(&mut self, arg: impl AsRef<OsStr>) -> &mut Self {
        self.job.args.push(arg.as_ref().to_owned());
        self
    }

    /// Adds arguments.
    pub(crate) fn args(&mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> &mut Self {
        self.job
            .args
            .extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    /// Puts a variable into the environment.
    pub(crate) fn env(&mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> &mut Self {
        self.job
            .env
            .push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Puts variables into the environment.
    pub(crate) fn envs(&mut self, variables: Vec<(OsString, OsString)>) -> &mut Self {
        self.job.env.extend(variables);
        self
    }

    /// Has code, heap and stack lie at the same addresses in every run.
    pub(crate) fn fixed_addresses(&mut self) -> &mut Self {
        self.job.fixed_addresses = true;
        self
    }

    /// Has it start no other process.
    pub(crate) fn alone(&mut self) -> &mut Self {
        self.job.alone = true;
        self
    }

    /// Has its standard streams be a terminal.
    pub(crate) fn at_a_terminal(&mut self) -> &mut Self {
        self.job.streams = Streams::Terminal;
        self
    }

    /// Starts it, for somebody who reads all that it prints while it runs.
    pub(crate) fn talk(mut self) -> Result<Talking> {
        if self.job.streams == Streams::Captured {
            self.job.streams = Streams::Read;
        }
        let mut running = sandbox::spawn(&self.job)?;
        let pipes = running.stdin.take().zip(running.stdout.take());
        let (stdin, stdout) =
            pipes.ok_or_else(|| anyhow::anyhow!("a process was started without its pipes"))?;
        Ok(Talking {
            stdin,
            stdout,
            stderr: running.stderr.take(),
            ender: running.stopper(),
            pid: running.pid(),
            rest: Silent {
                running,
                limits: self.limits,
            },
        })
    }

    /// Runs it to its end, with nothing on its standard input.
    pub(crate) fn run(&self) -> Result<Finished> {
        Ok(Finished {
            ended: sandbox::run(&self.job, b"")?,
            limits: self.limits,
        })
    }

    /// Starts it.
    pub(crate) fn start(&self) -> Result<Running> {
        let mut running = sandbox::spawn(&self.job)?;
        let pipes = running.stdin.take().zip(running.stdout.take());
        let running = Arc::new(Mutex::new(Some(running)));
        Ok(Running {
            running: Stopper(running),
            pipes,
            limits: self.limits,
        })
    }
}

/// A process that is talked with, in parts.
#[derive(Debug)]
pub(crate) struct Talking {
    /// Its standard input.
    pub(crate) stdin: Stdin,
    /// Its standard output.
    pub(crate) stdout: Stdout,
    /// Its standard error, unless it is at a terminal.
    pub(crate) stderr: Option<Stdout>,
    /// What ends it.
    pub(crate) ender: Ender,
    /// Its number.
    pub(crate) pid: u32,
    /// What is left of it, to be waited for. Dropping this ends the process.
    pub(crate) rest: Silent,
}

/// A process whose streams somebody has.
#[derive(Debug)]
pub(crate) struct Silent {
    running: sandbox::Running,
    limits: Limits,
}

impl Silent {
    /// Waits for its end, once its output has ended.
    pub(crate) fn wait(self) -> Result<Finished> {
        Ok(Finished {
            ended: self.running.wait()?,
            limits: self.limits,
        })
    }
}

/// A process that was started.
#[derive(Debug)]
pub(crate) struct Running {
    running: Stopper,
    pipes: Option<(Stdin, Stdout)>,
    limits: Limits,
}

/// Ends a process from wherever this is taken to.
#[derive(Debug, Clone)]
pub(crate) struct Stopper(Arc<Mutex<Option<sandbox::Running>>>);

impl Stopper {
    /// Ends the process. Once somebody waits for its end, only its limits do:
    /// it is waited for when its output has ended.
    pub(crate) fn stop(&self) {
        if let Some(running) = &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            running.kill();
        }
    }
}

impl Running {
    /// What ends it.
    pub(crate) fn stopper(&self) -> Stopper {
        self.running.clone()
    }

    /// Its standard input and output, to be taken once.
    pub(crate) fn pipes(&mut self) -> Result<(Stdin, Stdout)> {
        self.pipes
            .take()
            .ok_or_else(|| anyhow::anyhow!("the pipes of a process were taken twice"))
    }

    /// Waits for its end.
    pub(crate) fn wait(self) -> Result<Finished> {
        let running = self
            .running
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let running = running.ok_or_else(|| anyhow::anyhow!("a process was waited for twice"))?;
        Ok(Finished {
            ended: running.wait()?,
            limits: self.limits,
        })
    }
}

/// A process that has ended.
#[derive(Debug)]
pub(crate) struct Finished {
    ended: sandbox::Ended,
    limits: Limits,
}

/// The signal that says that the time on the processors is used up.
const SIGXCPU: i32 = 24;
/// The signal that says that memory was touched that is not there, which in a
/// safe program is the end of the stack.
const SIGSEGV: i32 = 11;
/// The signal that a program sends to itself when it aborts.
const SIGABRT: i32 = 6;
/// The signal that says that a file has grown as large as it may.
const SIGXFSZ: i32 = 25;
/// The exit code of a program whose main thread has panicked.
const PANICKED: i32 = 101;
/// What it says when the system gives it no more threads.
const NO_THREAD: &str = "failed to spawn thread: Os {";
/// What Rust's runtime says before it aborts for want of memory.
const NO_MEMORY: &str = "memory allocation of";
/// The signal of the system's that comes when memory is short.
const SIGKILL: i32 = 9;

impl Finished {
    /// Whether it ended by itself and says that all went well.
    pub(crate) fn succeeded(&self) -> bool {
        self.ended.how == How::Exited(0)
    }

    /// Its exit code, if it ended by itself.
    pub(crate) fn code(&self) -> Option<i32> {
        match self.ended.how {
            How::Exited(code) => Some(code),
            How::Signalled(_)
            | How::TimedOut
            | How::Idle
            | How::OutputLimit
            | How::MemoryLimit
            | How::ProcessLimit
            | How::Stopped => None,
        }
    }

    /// How it ended, as in `the program ended with exit code 3`.
    pub(crate) fn how(&self) -> String {
        self.ended.how.to_string()
    }

    /// The limit that it ran into, if it did: `512 MiB of memory`.
    pub(crate) fn limit(&self) -> Option<String> {
        let Limits {
            wall_seconds,
            cpu_seconds,
            output_mib,
            ..
        } = self.limits;
        match self.ended.how {
            How::TimedOut => Some(format!("{wall_seconds} seconds of time")),
            How::Signalled(SIGXCPU) => Some(format!("{cpu_seconds} seconds of processor time")),
            How::OutputLimit => Some(format!("{output_mib} MiB of output")),
            How::MemoryLimit => Some(self.memory_limit()),
            How::ProcessLimit => Some(format!("{} threads", self.limits.processes)),
            How::Signalled(_) if self.last_words().contains(NO_MEMORY) => Some(self.memory_limit()),
            How::Exited(_) | How::Signalled(_) | How::Idle | How::Stopped => None,
        }
    }

    /// The limit of a submission's program that it ran into, if it did. `said` is
    /// what it wrote to standard error.
    pub(crate) fn passed(&self, said: &str) -> Option<verdict::Limit> {
        use verdict::Limit;
        match self.ended.how {
            How::TimedOut => Some(Limit::Wall),
            How::OutputLimit => Some(Limit::Output),
            How::MemoryLimit => Some(Limit::Memory),
            How::ProcessLimit => Some(Limit::Processes),
            How::Signalled(SIGXCPU) => Some(Limit::Cpu),
            How::Signalled(SIGXFSZ) => Some(Limit::Disk),
            How::Signalled(SIGABRT) if said.contains(NO_MEMORY) => Some(Limit::Memory),
            // There was room for the stacks of more threads than it may have.
            How::Exited(PANICKED) if said.contains(NO_THREAD) => Some(Limit::Processes),
            How::Exited(_) | How::Signalled(_) | How::Idle | How::Stopped => None,
        }
    }

    /// Its limit of memory: `512 MiB of memory`.
    pub(crate) fn memory_limit(&self) -> String {
        format!("{} MiB of memory", self.limits.memory_mib)
    }

    /// Why its end is no fault of what ran in it: it was given too little time
    /// by us, or too little memory by the machine.
    pub(crate) fn not_its_fault(&self) -> Option<String> {
        match self.ended.how {
            How::TimedOut | How::Signalled(SIGXCPU) => {
                let limit = self.limit().unwrap_or_default();
                Some(format!("it took more than {limit}"))
            }
            How::Idle => {
                let seconds = self.limits.idle_seconds.unwrap_or_default();
                Some(format!(
                    "the simulation is stuck, it did nothing at all for {seconds} seconds; this is a \
                     fault of the grader's, please report it"
                ))
            }
            How::Signalled(SIGKILL) => Some("the system killed it".to_owned()),
            How::Exited(_)
            | How::Signalled(_)
            | How::OutputLimit
            | How::MemoryLimit
            | How::ProcessLimit
            | How::Stopped => None,
        }
    }

    /// Whether it was ended from here, and not for a limit.
    pub(crate) fn was_stopped(&self) -> bool {
        self.ended.how == How::Stopped
    }

    /// Whether it came to the end that an overflow of the stack leads to.
    pub(crate) fn overflowed(&self) -> bool {
        self.ended.how == How::Signalled(SIGSEGV)
    }

    /// Why its end says nothing about what it was given to work on: the machine
    /// had no time or no memory for it.
    pub(crate) fn starved(&self) -> Option<String> {
        match self.ended.how {
            How::TimedOut | How::Signalled(SIGKILL) => self.not_its_fault(),
            How::Exited(_)
            | How::Signalled(_)
            | How::Idle
            | How::OutputLimit
            | How::MemoryLimit
            | How::ProcessLimit
            | How::Stopped => None,
        }
    }

    /// What it wrote to standard output.
    pub(crate) fn stdout(&self) -> String {
        self.ended.stdout.text()
    }

    /// The same, byte for byte, if all of it was kept.
    pub(crate) fn bytes(&self) -> Option<Vec<u8>> {
        self.ended.stdout.whole()
    }

    /// What it wrote to standard error.
    pub(crate) fn stderr(&self) -> String {
        self.ended.stderr.text()
    }

    /// The last lines of standard error.
    pub(crate) fn last_words(&self) -> String {
        const LINES: usize = 5;
        const BYTES: usize = 1000;
        let text = self.stderr();
        let lines: Vec<&str> = text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect();
        let words = lines[lines.len().saturating_sub(LINES)..].join("\n");
        words[words.ceil_char_boundary(words.len().saturating_sub(BYTES))..].to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn shell(script: &str) -> Confined {
        let mut command = Confined::new(Path::new("/bin/sh"), Path::new("/"), Limits::JUDGE);
        command.args(["-c", script]);
        command
    }

    #[test]
    fn the_end_of_a_process_is_told_in_words() {
        let finished = shell("echo out; echo 1 >&2; echo >&2; echo 2 >&2; exit 3")
            .run()
            .unwrap();
        assert_eq!(finished.stdout(), "out\n");
        assert_eq!(
            (finished.code(), finished.succeeded(), finished.limit()),
            (Some(3), false, None)
        );
        assert_eq!(finished.last_words(), "1\n2");
        assert_eq!(finished.how(), "ended with exit code 3");
    }

    #[test]
    fn want_of_memory_and_time_are_limits_and_other_signals_are_none() {
        let limit = |script| shell(script).run().unwrap().limit();
        let aborted = limit("echo memory allocation of 9 bytes failed >&2; kill -ABRT $$");
        assert_eq!(aborted.as_deref(), Some("1024 MiB of memory"));
        assert_eq!(
            limit("kill -XCPU $$").as_deref(),
            Some("900 seconds of processor time")
        );
        assert_eq!(limit("kill -SEGV $$"), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_process_that_is_stuck_is_told_as_the_graders_fault() {
        let limits = Limits {
            idle_seconds: Some(1),
            ..Limits::JUDGE
        };
        let mut command = Confined::new(Path::new("/bin/sleep"), Path::new("/"), limits);
        let finished = command.arg("1000").run().unwrap();
        let why = finished.not_its_fault().unwrap();
        assert!(why.contains("did nothing at all for 1 seconds"), "{why}");
        assert_eq!(finished.limit(), None);
    }

    #[test]
    fn a_process_is_used_again_until_a_part_of_its_limits_is_used_up() {
        let mut allowance = Allowance::default();
        allowance.used(Duration::from_secs(20), 1 << 20);
        assert!(allowance.is_left());
        allowance.used(Duration::from_secs(20), 0);
        assert!(!allowance.is_left());
        let mut allowance = Allowance::default();
        allowance.used(Duration::ZERO, 64 << 20);
        assert!(!allowance.is_left());
    }

    #[test]
    fn a_process_can_be_stopped_from_elsewhere() {
        let mut running = shell("read line; sleep 1000").start().unwrap();
        let (_stdin, mut stdout) = running.pipes().unwrap();
        let stopper = running.stopper();
        let stopping = std::thread::spawn(move || stopper.stop());
        let mut said = String::new();
        stdout.read_to_string(&mut said).unwrap();
        assert_eq!(said, "");
        assert!(!running.wait().unwrap().succeeded());
        stopping.join().unwrap();
    }
}
