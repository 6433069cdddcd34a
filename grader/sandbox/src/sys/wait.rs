//! Waiting for processes and pipes.

use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::time::{Duration, Instant};

/// Waits until a child has ended, and does not reap it; `false` when the
/// deadline came first.
pub(crate) fn wait_for_end(pid: u32, deadline: Option<Instant>) -> bool {
    // Where there is no descriptor for a process (other systems than Linux, a
    // filter that refuses it) it is asked every few milliseconds.
    const PAUSE: Duration = Duration::from_millis(2);
    let descriptor = open_process(pid);
    while !has_ended(pid) {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        if left == Some(Duration::ZERO) {
            return false;
        }
        match &descriptor {
            // An error only brings the next look sooner.
            Some(process) => {
                let _ = poll(&mut [request(process, libc::POLLIN)], left);
            }
            None => std::thread::sleep(left.unwrap_or(PAUSE).min(PAUSE)),
        }
    }
    true
}

/// A descriptor that is readable when the process has ended.
#[cfg(target_os = "linux")]
pub(super) fn open_process(pid: u32) -> Option<OwnedFd> {
    use std::os::fd::FromRawFd;

    // SAFETY: the call takes numbers and touches no memory.
    let descriptor = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
    let descriptor = i32::try_from(descriptor)
        .ok()
        .filter(|descriptor| *descriptor >= 0)?;
    // SAFETY: the descriptor was opened by the call above and belongs to nobody.
    Some(unsafe { OwnedFd::from_raw_fd(descriptor) })
}

#[cfg(not(target_os = "linux"))]
fn open_process(_: u32) -> Option<OwnedFd> {
    None
}

/// Whether a child has ended. It is not reaped: its number stays its own.
fn has_ended(pid: u32) -> bool {
    // SAFETY: a `siginfo_t` is plain data, for which zeros are a valid value.
    let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
    let options = libc::WEXITED | libc::WNOHANG | libc::WNOWAIT;
    // SAFETY: the call writes to `info`, which outlives it.
    let result = unsafe { libc::waitid(libc::P_PID, pid as libc::id_t, &mut info, options) };
    // That there is no such child means that it has ended, and is reaped.
    // SAFETY: `waitid` filled in a child's number, or left the zero there.
    result == -1 || unsafe { info.si_pid() } != 0
}

/// What came of waiting for a pipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Waited {
    /// It can be read or written, or is at its end.
    Ready,
    /// It can not, and the other pipe is at its end.
    Gone,
    /// Neither, for as long as was to be waited.
    TimedOut,
}

/// Waits until a pipe can be read (or is at its end), for this long at most.
pub(crate) fn wait_readable(
    pipe: &impl AsFd,
    gone: &impl AsFd,
    most: Option<Duration>,
) -> io::Result<Waited> {
    wait_either(pipe, libc::POLLIN, gone, most)
}

/// Waits until a pipe can be written (or nobody reads it any more); `false`
/// when it can not, and the other pipe is at its end.
pub(crate) fn wait_writable(pipe: &impl AsFd, gone: &impl AsFd) -> io::Result<bool> {
    Ok(wait_either(pipe, libc::POLLOUT, gone, None)? == Waited::Ready)
}

fn wait_either(
    pipe: &impl AsFd,
    events: libc::c_short,
    gone: &impl AsFd,
    most: Option<Duration>,
) -> io::Result<Waited> {
    let deadline = most.and_then(|most| Instant::now().checked_add(most));
    let mut requests = [request(pipe, events), request(gone, libc::POLLIN)];
    loop {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        poll(&mut requests, left)?;
        if requests[0].revents != 0 {
            return Ok(Waited::Ready);
        }
        if requests[1].revents != 0 {
            // The system looks at one after the other, so the pipe may have become
            // ready in between. Who is gone makes it so no more: now it counts.
            let again = &mut requests[..1];
            while !poll(again, Some(Duration::ZERO))? {}
            return Ok(match again[0].revents {
                0 => Waited::Gone,
                _ => Waited::Ready,
            });
        }
        if left == Some(Duration::ZERO) {
            return Ok(Waited::TimedOut);
        }
    }
}

/// The time that a process has spent on the processors.
#[cfg(target_os = "linux")]
pub(crate) fn processor_time(pid: u32) -> Option<Duration> {
    let pid = libc::pid_t::try_from(pid).ok()?;
    let mut clock: libc::clockid_t = 0;
    // SAFETY: the call writes to `clock`, which outlives it.
    if unsafe { libc::clock_getcpuclockid(pid, &mut clock) } != 0 {
        return None;
    }
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the call writes to `time`, which outlives it.
    if unsafe { libc::clock_gettime(clock, &mut time) } != 0 {
        return None;
    }
    let seconds = u64::try_from(time.tv_sec).ok()?;
    Some(Duration::new(seconds, u32::try_from(time.tv_nsec).ok()?))
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn processor_time(_: u32) -> Option<Duration> {
    None
}

/// Whether a thread of a process would go on if it were given a processor, or
/// has one: other processes may keep it waiting for that.
#[cfg(target_os = "linux")]
pub(crate) fn wants_a_processor(pid: u32) -> bool {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{pid}/task")) else {
        return false;
    };
    threads.flatten().any(|thread| {
        let stat = std::fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
        // The state follows the name, which stands in parentheses and may hold any.
        stat.rsplit_once(')')
            .is_some_and(|(_, rest)| rest.trim_start().starts_with('R'))
    })
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn wants_a_processor(_: u32) -> bool {
    false
}

/// How many threads a process has, where the system tells.
#[cfg(target_os = "linux")]
pub(crate) fn threads(pid: u32) -> Option<u64> {
    use std::os::unix::fs::MetadataExt as _;

    // The folder has a folder in it for each, and so a link to it from each, and
    // two as every folder.
    let folder = std::fs::metadata(format!("/proc/{pid}/task")).ok()?;
    folder.nlink().checked_sub(2)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn threads(_: u32) -> Option<u64> {
    None
}

fn request(descriptor: &impl AsFd, events: libc::c_short) -> libc::pollfd {
    libc::pollfd {
        fd: descriptor.as_fd().as_raw_fd(),
        events,
        revents: 0,
    }
}

/// Waits until something of what is asked for happens; `None` waits for ever.
/// `false` when a signal came first.
fn poll(requests: &mut [libc::pollfd], left: Option<Duration>) -> io::Result<bool> {
    // One millisecond more, so that a wait is not over just before its time.
    let left = left.map_or(-1, |left| {
        i32::try_from(left.as_millis().saturating_add(1)).unwrap_or(i32::MAX)
    });
    // SAFETY: the pointer and the number are those of the slice, which outlives
    // the call.
    let result = unsafe { libc::poll(requests.as_mut_ptr(), requests.len() as libc::nfds_t, left) };
    match (result, io::Error::last_os_error()) {
        (-1, error) if error.kind() == io::ErrorKind::Interrupted => {
            requests.iter_mut().for_each(|request| request.revents = 0);
            Ok(false)
        }
        (-1, error) => Err(error),
        _ => Ok(true),
    }
}

/// How many bytes can be read from a pipe now.
pub(crate) fn available(pipe: &impl AsFd) -> io::Result<usize> {
    let mut number: libc::c_int = 0;
    // SAFETY: the call writes to `number`, which outlives it.
    match unsafe { libc::ioctl(pipe.as_fd().as_raw_fd(), libc::FIONREAD, &mut number) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(usize::try_from(number).unwrap_or_default()),
    }
}

/// Has reads and writes fail with `WouldBlock` where they would wait.
pub(crate) fn set_nonblocking(pipe: &impl AsFd) -> io::Result<()> {
    let descriptor = pipe.as_fd().as_raw_fd();
    // SAFETY: the call takes numbers and touches no memory.
    let flags = unsafe { libc::fcntl(descriptor, libc::F_GETFL) };
    // SAFETY: as above.
    match unsafe { libc::fcntl(descriptor, libc::F_SETFL, flags | libc::O_NONBLOCK) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::os::unix::net::UnixStream;
    use std::sync::Barrier;

    use super::*;

    #[test]
    fn what_was_written_before_the_other_was_gone_is_ready() {
        for _ in 0..2_000 {
            let (read, mut write) = UnixStream::pair().unwrap();
            let (gone, alive) = UnixStream::pair().unwrap();
            let start = Barrier::new(2);
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    start.wait();
                    write.write_all(b"x").unwrap();
                    drop(alive);
                });
                start.wait();
                let waited = wait_readable(&read, &gone, None).unwrap();
                assert_eq!(waited, Waited::Ready);
            });
        }
    }

    #[test]
    fn a_pipe_that_stays_empty_is_given_up_when_the_other_is_gone() {
        let (read, _write) = UnixStream::pair().unwrap();
        let (gone, alive) = UnixStream::pair().unwrap();
        let soon = Some(Duration::from_millis(1));
        let waited = || wait_readable(&read, &gone, soon).unwrap();
        assert_eq!(waited(), Waited::TimedOut);
        drop(alive);
        assert_eq!(waited(), Waited::Gone);
    }
}
