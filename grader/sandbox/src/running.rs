//! Starting a process and watching it to its end.

use std::io::{self, PipeReader, PipeWriter, Write};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use crate::group::Group;
use crate::{Captured, Ended, Error, How, Input, Job, Output, sys};

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
/// output while it runs; standard error is captured.
pub fn spawn(job: &Job) -> Result<Running, Error> {
    let program = job.program.display().to_string();
    let current_dir = job.current_dir.display().to_string();
    start(job).map_err(|source| Error::Start { program, current_dir, source })
}

/// A process that was started. Dropping it ends the process.
#[derive(Debug)]
pub struct Running {
    /// Standard input; taking and dropping it is the end of input.
    pub stdin: Option<Input>,
    /// Standard output. What is not taken here is captured by [`Running::wait`].
    pub stdout: Option<Output<ChildStdout>>,
    stderr: Option<JoinHandle<io::Result<Captured>>>,
    watcher: Option<JoinHandle<io::Result<ExitStatus>>>,
    group: Arc<Group>,
    job: Job,
}

impl Running {
    /// Ends the process and its whole group now.
    pub fn kill(&self) {
        self.group.stop(How::Stopped);
    }

    /// Closes standard input, and waits for the end of the process.
    ///
    /// A caller that took standard output reads it to its end, or drops it,
    /// before: a process that nobody listens to may wait until its time is up.
    pub fn wait(mut self) -> Result<Ended, Error> {
        self.finish().map_err(|source| {
            Error::Watch { program: self.job.program.display().to_string(), source }
        })
    }

    fn finish(&mut self) -> io::Result<Ended> {
        drop(self.stdin.take());
        let stdout = match self.stdout.take() {
            Some(stdout) => Captured::read(stdout, self.job.limits.kept_bytes)?,
            None => Captured::default(),
        };
        let stderr = join(self.stderr.take())?;
        let status = join(self.watcher.take())?;
        // The reasons of this crate first: a process that was ended for one of
        // them may have come to another end at the same moment.
        let how = self.group.why().unwrap_or_else(|| How::from_status(status));
        Ok(Ended { how, stdout, stderr })
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
    let limits = job.limits;
    let (gone, alive) = io::pipe()?;
    let gone = Arc::new(gone);
    let (tell, told) = mpsc::sync_channel(1);
    let command = command(job);
    // The process is started by the thread that watches it, because it is to
    // die with whoever started it, and the system means the thread by that
    // (`PR_SET_PDEATHSIG`). This one lives exactly as long as the process.
    let watcher = thread::Builder::new()
        .name("sandbox watcher".to_owned())
        .spawn(move || watch(command, Instant::now().checked_add(limits.wall), &tell, alive))?;
    let (mut child, group) = told.recv().map_err(io::Error::other)??;

    let mut running = Running {
        stdin: None,
        stdout: None,
        stderr: None,
        watcher: Some(watcher),
        group: Arc::clone(&group),
        job: job.clone(),
    };
    // From here on an error drops `running`, which ends the process.
    running.attach(&mut child, &gone)?;
    Ok(running)
}
