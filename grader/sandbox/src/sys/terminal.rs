//! Starting a process at a pseudo-terminal, with the crate `rexpect`.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::{AsRawFd as _, OwnedFd, RawFd};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Command, ExitStatus};

use rexpect::process::{PtyProcess, WaitStatus};

/// A process at a terminal of its own, to be waited for before it is dropped.
pub(crate) struct AtTerminal {
    process: PtyProcess,
    pid: u32,
}

impl AtTerminal {
    /// Starts the command, and gives what is on the other side of its terminal.
    pub(crate) fn start(mut command: Command) -> io::Result<(AtTerminal, OwnedFd)> {
        // Whether the process could become the program is not told after the
        // fork, so what usually prevents that is looked for before.
        std::fs::metadata(command.get_program())?;
        command
            .get_current_dir()
            .map(std::fs::metadata)
            .transpose()?;
        // The process tells its number, which the crate keeps to itself, when it
        // is ready.
        let (mut told, tell) = io::pipe()?;
        let ready = tell.as_raw_fd();
        // SAFETY: `getpid` and `write` are safe in a signal handler, and what is
        // read was prepared before the fork.
        unsafe { command.pre_exec(move || write(ready, &std::process::id().to_ne_bytes())) };
        // Made before the fork, as the crate looks at it after that.
        let _ = io::stdin();

        let own = std::process::id();
        let process = PtyProcess::new(command);
        if std::process::id() != own {
            // The crate comes back in the new process, too, where that has
            // failed. It must not go on as a second grader.
            // SAFETY: the call takes a number, and nothing of this process is
            // needed after it.
            unsafe { libc::_exit(127) };
        }
        drop(tell);
        let process = process.map_err(io::Error::other)?;
        let mut said = Vec::new();
        let read = told.read_to_end(&mut said);
        let pid = said.first_chunk().map(|pid| u32::from_ne_bytes(*pid));
        let (Ok(4), Some(pid)) = (read, pid) else {
            let _ = process.wait();
            return Err(io::Error::other("it could not be started at a terminal"));
        };
        let terminal: File = process.get_file_handle().map_err(io::Error::other)?;
        Ok((AtTerminal { process, pid }, terminal.into()))
    }

    /// Its number.
    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// Waits for its end, and reaps it.
    pub(crate) fn wait(&mut self) -> io::Result<ExitStatus> {
        loop {
            match self.process.wait().map_err(io::Error::other)? {
                WaitStatus::Exited(_, code) => return Ok(ExitStatus::from_raw(code << 8)),
                WaitStatus::Signaled(_, signal, _) => {
                    return Ok(ExitStatus::from_raw(signal as i32));
                }
                // It was stopped or goes on: not an end.
                _ => {}
            }
        }
    }
}

fn write(to: RawFd, bytes: &[u8]) -> io::Result<()> {
    // SAFETY: the pointer and the length are those of the slice, which outlives
    // the call.
    let written = unsafe { libc::write(to, bytes.as_ptr().cast(), bytes.len()) };
    match usize::try_from(written) {
        Ok(written) if written == bytes.len() => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}
