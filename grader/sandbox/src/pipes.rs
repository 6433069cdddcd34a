//! The pipes to and from a process.
//!
//! A pipe ends for its reader when the last process that holds its other end
//! has closed it. A process that left the group may hold it for ever, so both
//! kinds of pipe also end when the group did: the watcher then drops the other
//! end of a pipe of its own, `gone`, and all that is waited for here is waited
//! for together with that.

use std::fs::File;
use std::io::{self, PipeReader, Read, Write};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;

use crate::group::Group;
use crate::sys::Waited;
use crate::{How, sys};

/// The standard input of a running process; dropping it is the end of input.
#[derive(Debug)]
pub struct Input {
    pipe: File,
    gone: Arc<PipeReader>,
}

impl Input {
    pub(crate) fn new(pipe: impl Into<OwnedFd>, gone: Arc<PipeReader>) -> io::Result<Input> {
        let pipe = File::from(pipe.into());
        // A write that blocked could not be woken when the group has ended.
        sys::set_nonblocking(&pipe)?;
        Ok(Input { pipe, gone })
    }
}

impl Write for Input {
    /// Waits until the process has read enough; fails with `BrokenPipe` when it
    /// will not.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match self.pipe.write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if !sys::wait_writable(&self.pipe, &*self.gone)? {
                        return Err(io::ErrorKind::BrokenPipe.into());
                    }
                }
                done => return done,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.pipe.flush()
    }
}

/// An output stream of a running process. It ends when the process does, and
/// when it has printed more than it may, which ends the process.
#[derive(Debug)]
pub struct Output {
    pipe: File,
    gone: Arc<PipeReader>,
    group: Arc<Group>,
    /// Bytes that may still come before the limit is passed.
    allowed: u64,
    /// Bytes that are still to be read although the group is gone.
    rest: Option<usize>,
    /// How long the process may do nothing while this is read.
    idle: Option<Duration>,
}

impl Output {
    pub(crate) fn new(
        pipe: impl Into<OwnedFd>,
        gone: Arc<PipeReader>,
        group: Arc<Group>,
        allowed: u64,
    ) -> Self {
        Output {
            pipe: File::from(pipe.into()),
            gone,
            group,
            allowed,
            rest: None,
            idle: None,
        }
    }

    /// Ends the process when it does nothing for this long while this is read.
    pub(crate) fn ending_idlers(self, idle: Option<Duration>) -> Self {
        Output { idle, ..self }
    }

    /// Waits until there is something to read; `false` when the group is gone.
    fn wait(&self) -> io::Result<bool> {
        let mut before = self.idle.and_then(|_| self.group.processor_time());
        loop {
            match sys::wait_readable(&self.pipe, &*self.gone, before.and(self.idle))? {
                Waited::Ready => return Ok(true),
                Waited::Gone => return Ok(false),
                Waited::TimedOut => {
                    let now = self.group.processor_time();
                    if now == before && !self.group.wants_a_processor() {
                        self.group.stop(How::Idle);
                    }
                    before = now;
                }
            }
        }
    }
}

impl Read for Output {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        if self.rest.is_none() && !self.wait()? {
            // What a process outside the group writes from now on is not read.
            self.rest = Some(sys::available(&self.pipe)?);
        }
        let most = buffer.len().min(self.rest.unwrap_or(usize::MAX));
        let length = match self.pipe.read(&mut buffer[..most]) {
            // A terminal says so when the last process at it is gone.
            Err(error) if error.raw_os_error() == Some(libc::EIO) => 0,
            // The terminal is one thing for both directions, and does not block:
            // somebody else may have read what was there.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                return Err(io::ErrorKind::Interrupted.into());
            }
            read => read?,
        };
        if let Some(rest) = &mut self.rest {
            *rest -= length;
        }
        let allowed = usize::try_from(self.allowed).unwrap_or(usize::MAX);
        if length > allowed {
            self.group.stop(How::OutputLimit);
            self.rest = Some(0);
        }
        let length = length.min(allowed);
        self.allowed -= length as u64;
        Ok(length)
    }
}
