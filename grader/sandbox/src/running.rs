//! Starting a process and watching it to its end.

use std::io::{self, PipeWriter, Write};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{self, SyncSender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::group::Group;
use crate::sys::AtTerminal;
use crate::sys::layers::Reaped;
use crate::{Captured, Ended, Error, How, Input, Job, Layers, Output, Streams, sys};

/// Runs a command with this on its standard input, and waits for its end.
pub fn run(job: &Job, stdin: &[u8]) -> Result<Ended, Error> {
    let mut running = spawn(job)?;
    let input = running.stdin.take();
    thread::scope(|scope| {
        if let Some(mut input) = input
            && !stdin.is_empty()
        {
            // A thread of its own: the process may print before it has read all,
            // and it need not read any, so that a failure here means nothing.
            scope.spawn(move || input.write_all(stdin).ok());
        }
        running.wait()
    })
}

/// Starts a command. The caller writes its standard input and reads its standard
/// output while it runs; standard error is captured, unless the job says
/// otherwise.
pub fn spawn(job: &Job) -> Result<Running, Error> {
    let program = job.program.display().to_string();
    let current_dir = job.current_dir.display().to_string();
    start(job).map_err(|source| Error::Start {
        program,
        current_dir,
        source,
    })
}

/// Starts a command in its layers and ends it at once, and gives the time that each
/// part of that took, in the order in which they were done: for benchmarks.
pub fn times(job: &Job) -> Result<Vec<(&'static str, Duration)>, Error> {
    sys::layers::times(job).map_err(|source| Error::Start {
        program: job.program.display().to_string(),
        current_dir: job.current_dir.display().to_string(),
        source,
    })
}

/// A process that was started. Dropping it ends the process.
#[derive(Debug)]
pub struct Running {
    /// Standard input; taking and dropping it is the end of input.
    pub stdin: Option<Input>,
    /// Standard output. What is not taken here is captured by [`Running::wait`].
    pub stdout: Option<Output>,
    /// Standard error, where the caller reads it ([`Streams::Read`]).
    pub stderr: Option<Output>,
    captured: Option<JoinHandle<io::Result<Captured>>>,
    watcher: Option<JoinHandle<io::Result<ExitStatus>>>,
    group: Arc<Group>,
    job: Job,
}

impl Running {
    /// Ends the process and its whole group now.
    pub fn kill(&self) {
        self.group.stop(How::Stopped);
    }

    /// What ends it from elsewhere, while somebody waits for its end.
    pub fn stopper(&self) -> Stopper {
        Stopper(Arc::clone(&self.group))
    }

    /// Its number, as long as it was not waited for: that of the process that
    /// runs the program.
    pub fn pid(&self) -> u32 {
        self.group.worker()
    }

    /// Closes standard input, and waits for the end of the process.
    ///
    /// A caller that took standard output reads it to its end, or drops it,
    /// before: a process that nobody listens to may wait until its time is up.
    pub fn wait(mut self) -> Result<Ended, Error> {
        self.finish().map_err(|source| Error::Watch {
            program: self.job.program.display().to_string(),
            source,
        })
    }

    fn finish(&mut self) -> io::Result<Ended> {
        drop(self.stdin.take());
        let stdout = match self.stdout.take() {
            Some(stdout) => Captured::read(stdout, self.job.limits.kept_bytes)?,
            None => Captured::default(),
        };
        let stderr = match (self.captured.take(), self.stderr.take()) {
            (None, None) => Captured::default(),
            (None, Some(stderr)) => Captured::read(stderr, self.job.limits.kept_bytes)?,
            (captured, _) => join(captured)?,
        };
        let status = join(self.watcher.take())?;
        // The reasons of this crate first: a process that was ended for one of
        // them may have come to another end at the same moment.
        let how = self.group.why().unwrap_or_else(|| How::from_status(status));
        Ok(Ended {
            how,
            stdout,
            stderr,
        })
    }
}

/// Ends a process from wherever this is taken to.
#[derive(Debug, Clone)]
pub struct Stopper(Arc<Group>);

impl Stopper {
    /// Ends the process and its whole group now, if it has not ended.
    pub fn stop(&self) {
        self.0.stop(How::Stopped);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(watcher) = self.watcher.take() {
            self.kill();
            // Nobody is left to be told how it ended.
            let _ = watcher.join();
        }
    }
}

/// The result of a helper thread.
fn join<T>(thread: Option<JoinHandle<io::Result<T>>>) -> io::Result<T> {
    thread
        .and_then(|thread| thread.join().ok())
        .unwrap_or_else(|| Err(io::Error::other("a thread of the sandbox panicked")))
}

fn start(job: &Job) -> io::Result<Running> {
    let Job { limits, .. } = *job;
    let (gone, alive) = io::pipe()?;
    let gone = Arc::new(gone);
    let of_the_watcher = job.clone();
    let deadline = Instant::now().checked_add(limits.wall);
    let (tell, told) = mpsc::sync_channel(1);
    // The process is started by the thread that watches it, because it is to
    // die with whoever started it, and the system means the thread by that
    // (`PR_SET_PDEATHSIG`). This one lives exactly as long as the process.
    let watcher = thread::Builder::new()
        .name("sandbox watcher".to_owned())
        .spawn(move || watch(&of_the_watcher, deadline, &tell, alive))?;
    let Ok(Started {
        group,
        stdin,
        stdout,
        stderr,
    }) = told.recv()
    else {
        // The watcher gave up without a word here: its result has the reason.
        let status = join(Some(watcher))?;
        return Err(io::Error::other(format!("it was gone at once: {status}")));
    };

    // From here on an error drops `running`, which ends the process.
    let mut running = Running {
        stdin: None,
        stdout: None,
        stderr: None,
        captured: None,
        watcher: Some(watcher),
        group: Arc::clone(&group),
        job: job.clone(),
    };
    running.stdin = stdin
        .map(|pipe| Input::new(pipe, Arc::clone(&gone)))
        .transpose()?;
    running.stdout = stdout.map(|pipe| {
        Output::new(
            pipe,
            Arc::clone(&gone),
            Arc::clone(&group),
            limits.output_bytes,
        )
        .ending_idlers(limits.idle)
    });
    if let Some(pipe) = stderr {
        let stderr = Output::new(pipe, gone, group, limits.output_bytes);
        if job.streams == Streams::Read {
            running.stderr = Some(stderr);
            return Ok(running);
        }
        let reader = thread::Builder::new()
            .name("sandbox stderr".to_owned())
            .spawn(move || Captured::read(stderr, limits.kept_bytes))?;
        running.captured = Some(reader);
    }
    Ok(running)
}

fn command(job: &Job) -> Command {
    let mut command = Command::new(&job.program);
    command
        .args(&job.args)
        .current_dir(&job.current_dir)
        .env_clear()
        .envs(job.env.iter().map(|(key, value)| (key, value)));
    if let Some(name) = &job.called {
        use std::os::unix::process::CommandExt as _;
        command.arg0(name);
    }
    sys::confine(&mut command, job);
    command
}

/// What the watcher tells of a process that it has started.
struct Started {
    group: Arc<Group>,
    stdin: Option<OwnedFd>,
    stdout: Option<OwnedFd>,
    stderr: Option<OwnedFd>,
}

/// A process, to be waited for.
enum Process {
    Piped(Child),
    AtTerminal(AtTerminal),
    Layered(Reaped),
}

impl Process {
    /// Starts it, and gives its number and its streams.
    fn start(job: &Job) -> io::Result<(Process, Started)> {
        #[cfg(target_os = "linux")]
        sys::janitor::be_there();
        if job.policy.layers != Layers::None {
            let layered = sys::layers::spawn(job)?;
            let started = Started {
                group: Arc::new(Group::new(layered.pid, layered.worker)),
                stdin: Some(layered.stdin),
                stdout: Some(layered.stdout),
                stderr: layered.stderr,
            };
            return Ok((Process::Layered(layered.reaped), started));
        }
        let mut command = command(job);
        if job.streams == Streams::Terminal {
            let (process, terminal) = AtTerminal::start(command)?;
            let started = Started {
                group: Arc::new(Group::new(process.pid(), process.pid())),
                stdin: Some(terminal.try_clone()?),
                stdout: Some(terminal),
                stderr: None,
            };
            return Ok((Process::AtTerminal(process), started));
        }
        command.stdin(Stdio::piped());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let started = Started {
            group: Arc::new(Group::new(child.id(), child.id())),
            stdin: child.stdin.take().map(OwnedFd::from),
            stdout: child.stdout.take().map(OwnedFd::from),
            stderr: child.stderr.take().map(OwnedFd::from),
        };
        Ok((Process::Piped(child), started))
    }

    fn wait(&mut self) -> io::Result<ExitStatus> {
        match self {
            Process::Piped(child) => child.wait(),
            Process::AtTerminal(process) => process.wait(),
            Process::Layered(child) => child.reap(),
        }
    }

    fn ran_out_of_memory(&self) -> bool {
        match self {
            Process::Piped(_) | Process::AtTerminal(_) => false,
            Process::Layered(child) => child.ran_out_of_memory(),
        }
    }
}

/// Starts the process, tells of it, and waits for its end or its deadline.
/// `alive` is closed when the group was ended.
fn watch(
    job: &Job,
    deadline: Option<Instant>,
    tell: &SyncSender<Started>,
    alive: PipeWriter,
) -> io::Result<ExitStatus> {
    let (mut process, started) = Process::start(job)?;
    let group = Arc::clone(&started.group);
    if tell.send(started).is_err() {
        group.stop(How::Stopped);
    }
    if let Err(limit) = wait_within_limits(job, &group, deadline) {
        group.stop(limit);
        sys::wait_for_end(group.pid(), None);
    }
    let status = group.reap(|| process.wait());
    if !status.as_ref().is_ok_and(ExitStatus::success) && process.ran_out_of_memory() {
        group.explain(How::MemoryLimit);
    }
    drop(alive);
    status
}

/// Waits for the end of the first process; an error is the limit that it is to be
/// ended for.
fn wait_within_limits(job: &Job, group: &Group, deadline: Option<Instant>) -> Result<(), How> {
    /// How often threads are counted where nobody else does. In that time a
    /// thousand or so can be started.
    const PAUSE: Duration = Duration::from_millis(20);
    let ends = |deadline| sys::wait_for_end(group.pid(), deadline);
    if let Some(most) = job.limits.processes
        && sys::layers::only_we_count(job)
    {
        loop {
            let next = Instant::now().checked_add(PAUSE);
            if ends(next.into_iter().chain(deadline).min()) {
                return Ok(());
            }
            if sys::threads(group.worker()).is_some_and(|threads| threads > most) {
                return Err(How::ProcessLimit);
            }
            if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
                return Err(How::TimedOut);
            }
        }
    }
    match ends(deadline) {
        true => Ok(()),
        false => Err(How::TimedOut),
    }
}
