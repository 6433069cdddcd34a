//! The processes that the grader works with, each with its limits; what starts
//! them is the sandbox.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::ChildStdout;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use sandbox::{How, Job};

/// Standard input of a running process; dropping it is the end of input.
pub(crate) type Stdin = sandbox::Input;
/// Standard output of a running process.
pub(crate) type Stdout = sandbox::Output<ChildStdout>;

/// The limits of a kind of process. A verdict does not depend on those of time
/// but where a submission goes on for ever, out of the simulation's reach: they
/// are far above what anything else needs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    wall_seconds: u64,
    cpu_seconds: u64,
    memory_mib: u64,
    output_mib: u64,
    open_files: u64,
}

impl Limits {
    /// rustc with its linker.
    pub(crate) const COMPILER: Limits = Limits {
        wall_seconds: 240,
        cpu_seconds: 120,
        memory_mib: 2048,
        output_mib: 16,
        open_files: 1024,
    };
    /// Cargo, building the grader's own libraries from nothing.
    pub(crate) const LIBRARIES: Limits = Limits {
        wall_seconds: 3600,
        cpu_seconds: 3600,
        memory_mib: 8192,
        output_mib: 256,
        open_files: 4096,
    };
    /// An examined program, for all the scenarios that it runs. The simulation
    /// itself ends a thread that takes no step, and bounds the memory of an
    /// execution; the stacks of its threads count as memory although hardly any
    /// of it is ever used.
    pub(crate) const EXAMINED: Limits = Limits {
        wall_seconds: 900,
        cpu_seconds: 300,
        memory_mib: 2048,
        output_mib: 2048,
        open_files: 256,
    };
    /// A judge. It also waits for the examined program.
    pub(crate) const JUDGE: Limits = Limits {
        wall_seconds: 3600,
        cpu_seconds: 300,
        memory_mib: 1024,
        output_mib: 1,
        open_files: 64,
    };

    fn of_the_sandbox(self) -> sandbox::Limits {
        const MIB: u64 = 1 << 20;
        sandbox::Limits {
            wall: Duration::from_secs(self.wall_seconds),
            cpu_seconds: self.cpu_seconds,
            memory_bytes: self.memory_mib * MIB,
            output_bytes: self.output_mib * MIB,
            kept_bytes: 32 << 20,
            open_files: self.open_files,
            file_bytes: 1024 * MIB,
            processes: None,
        }
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
            How::Signalled(_) | How::TimedOut | How::OutputLimit | How::Stopped => None,
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
            memory_mib,
            output_mib,
            ..
        } = self.limits;
        match self.ended.how {
            How::TimedOut => Some(format!("{wall_seconds} seconds of time")),
            How::Signalled(SIGXCPU) => Some(format!("{cpu_seconds} seconds of processor time")),
            How::OutputLimit => Some(format!("{output_mib} MiB of output")),
            // What Rust's runtime says before it aborts for want of memory.
            How::Signalled(_) if self.last_words().contains("memory allocation of") => {
                Some(format!("{memory_mib} MiB of memory"))
            }
            How::Exited(_) | How::Signalled(_) | How::Stopped => None,
        }
    }

    /// Why its end is no fault of what ran in it: it was given too little time
    /// by us, or too little memory by the machine.
    pub(crate) fn not_its_fault(&self) -> Option<String> {
        match self.ended.how {
            How::TimedOut | How::Signalled(SIGXCPU) => {
                let limit = self.limit().unwrap_or_default();
                Some(format!("it took more than {limit}"))
            }
            How::Signalled(SIGKILL) => Some("the system killed it".to_owned()),
            How::Exited(_) | How::Signalled(_) | How::OutputLimit | How::Stopped => None,
        }
    }

    /// What it wrote to standard output.
    pub(crate) fn stdout(&self) -> String {
        self.ended.stdout.text()
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
            Some("300 seconds of processor time")
        );
        assert_eq!(limit("kill -SEGV $$"), None);
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
