//! How the processes on their way to becoming the program tell the grader how
//! they get on: a pair of sockets, of which the program itself gets neither.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::time::Duration;

use super::LayerFailed;

/// What was being done when something failed, as a number on the channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Stage {
    Streams,
    Namespaces,
    UserNamespace,
    Loopback,
    Mounts,
    Session,
    User,
    Limits,
    Folder,
    Landlock,
    Filter,
    Sockets,
    Program,
    Cgroup,
}

impl Stage {
    const ALL: [Stage; 14] = [
        Stage::Streams,
        Stage::Namespaces,
        Stage::UserNamespace,
        Stage::Loopback,
        Stage::Mounts,
        Stage::Session,
        Stage::User,
        Stage::Limits,
        Stage::Folder,
        Stage::Landlock,
        Stage::Filter,
        Stage::Sockets,
        Stage::Program,
        Stage::Cgroup,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Stage::Streams => "descriptors",
            Stage::Namespaces => "namespaces",
            Stage::UserNamespace => "user namespace",
            Stage::Loopback => "network namespace",
            Stage::Mounts => "mount namespace",
            Stage::Session => "session",
            Stage::User => "user and capabilities",
            Stage::Limits => "limits",
            Stage::Folder => "folder",
            Stage::Landlock => "Landlock",
            Stage::Filter => "seccomp",
            Stage::Sockets => "sockets of the grader's",
            Stage::Program => "program",
            Stage::Cgroup => "control group",
        }
    }

    /// The error that a failure at this stage is to a caller.
    pub(super) fn error(self, source: io::Error) -> io::Error {
        match self {
            // These are about the job and not about a layer.
            Stage::Program | Stage::Folder => source,
            stage => LayerFailed::error(stage.name(), source),
        }
    }
}

/// A stage that failed, with the system's reason. It holds no memory, so that
/// it can be passed on after a fork.
pub(super) struct Failed {
    pub(super) stage: Stage,
    pub(super) number: i32,
}

/// The result of something that is done after a fork.
pub(super) type Step = Result<(), Failed>;

/// The error of the system call before.
pub(super) fn last_error() -> i32 {
    io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

/// A system call's result, at this stage.
pub(super) fn check(stage: Stage, result: libc::c_long) -> Step {
    match result {
        -1 => Err(Failed {
            stage,
            number: last_error(),
        }),
        _ => Ok(()),
    }
}

/// Both ends; the first is the grader's, and is told who sent a message.
pub(super) fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    let mut ends: [libc::c_int; 2] = [-1; 2];
    let kind = libc::SOCK_SEQPACKET | libc::SOCK_CLOEXEC;
    // SAFETY: the call writes to the array, which outlives it.
    if unsafe { libc::socketpair(libc::AF_UNIX, kind, 0, ends.as_mut_ptr()) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call above opened both, and they belong to nobody yet.
    let (ours, theirs) = unsafe { (OwnedFd::from_raw_fd(ends[0]), OwnedFd::from_raw_fd(ends[1])) };
    let on: libc::c_int = 1;
    // SAFETY: the call reads the number, which outlives it.
    let set = unsafe {
        libc::setsockopt(
            ours.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_PASSCRED,
            (&raw const on).cast(),
            size_of::<libc::c_int>() as libc::socklen_t,
        )
    };
    match set {
        0 => Ok((ours, theirs)),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Runs in the child: tells that the sender is the one that becomes the program.
pub(super) fn tell_ready(channel: RawFd) {
    send(channel, [READY, 0, 0, 0, 0]);
}

/// Runs in the child: tells the time at which something was done.
pub(super) fn tell_time(channel: RawFd, stage: Stage) {
    let [a, b, c, d] = (now().as_nanos() as u32).to_le_bytes();
    send(channel, [TIME | stage as u8, a, b, c, d]);
}

/// The bit of a message's first byte that says that it tells a time. The last
/// numbers with it are those of other messages.
const TIME: u8 = 0x80;

/// The time of a clock that all processes have in common.
pub(super) fn now() -> Duration {
    let mut now = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the call writes to `now`, which outlives it.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut now) };
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}

/// Runs in the child: tells what failed.
pub(super) fn tell_failure(channel: RawFd, failed: &Failed) {
    let [a, b, c, d] = failed.number.to_le_bytes();
    send(channel, [failed.stage as u8, a, b, c, d]);
}

fn send(channel: RawFd, message: [u8; 5]) {
    // SAFETY: the call reads the message, which outlives it. Where it cannot be
    // told, the grader sees the end of the channel.
    unsafe { libc::send(channel, message.as_ptr().cast(), 5, libc::MSG_NOSIGNAL) };
}

/// Runs in the child: passes a descriptor on.
pub(super) fn tell_descriptor(channel: RawFd, descriptor: RawFd) -> Step {
    let message = [DESCRIPTOR, 0, 0, 0, 0];
    let mut part = libc::iovec {
        iov_base: message.as_ptr().cast_mut().cast(),
        iov_len: message.len(),
    };
    let mut control = [0u64; 4];
    // SAFETY: a `msghdr` is plain data, for which zeros are a valid value. What
    // it points to outlives the call, and the control message has room in
    // `control`, which is aligned as its header wants it.
    let sent = unsafe {
        let mut header: libc::msghdr = std::mem::zeroed();
        header.msg_iov = &raw mut part;
        header.msg_iovlen = 1;
        header.msg_control = control.as_mut_ptr().cast();
        header.msg_controllen = libc::CMSG_SPACE(size_of::<RawFd>() as u32) as _;
        let first = libc::CMSG_FIRSTHDR(&raw const header);
        (*first).cmsg_level = libc::SOL_SOCKET;
        (*first).cmsg_type = libc::SCM_RIGHTS;
        (*first).cmsg_len = libc::CMSG_LEN(size_of::<RawFd>() as u32) as _;
        libc::CMSG_DATA(first)
            .cast::<RawFd>()
            .write_unaligned(descriptor);
        libc::sendmsg(channel, &raw const header, libc::MSG_NOSIGNAL)
    };
    check(Stage::Sockets, sent as libc::c_long)
}

/// The first byte of a message that its sender is about to become the program.
const READY: u8 = u8::MAX;
/// The first byte of a message that has a descriptor with it.
const DESCRIPTOR: u8 = u8::MAX - 1;

/// What came of a start.
pub(super) struct Begun {
    /// The number of the process that is the program now.
    pub(super) worker: u32,
    /// The descriptor that it passed on, if it did.
    pub(super) passed: Option<OwnedFd>,
    /// When what was done, where that is told: the lower half of nanoseconds.
    pub(super) times: Vec<(Stage, u32)>,
}

/// Listens until the process is the program.
pub(super) fn listen(channel: &OwnedFd) -> io::Result<Begun> {
    let (mut ready, mut passed, mut times) = (None, None, Vec::new());
    while let Some(message) = receive(channel)? {
        let [first, a, b, c, d] = message.bytes;
        let number = i32::from_le_bytes([a, b, c, d]);
        match (first, Stage::ALL.get(usize::from(first & !TIME))) {
            (READY, _) => ready = Some(message.sender),
            (DESCRIPTOR, _) => passed = message.descriptor,
            (first, Some(stage)) if first & TIME != 0 => {
                times.push((*stage, number.cast_unsigned()));
            }
            (_, Some(stage)) => return Err(stage.error(io::Error::from_raw_os_error(number))),
            (_, None) => return Err(io::Error::other("the channel of a start is garbled")),
        }
    }
    let worker =
        ready.ok_or_else(|| io::Error::other("it was gone before it became the program"))?;
    Ok(Begun {
        worker,
        passed,
        times,
    })
}

/// A message as it was received.
struct Message {
    bytes: [u8; 5],
    sender: u32,
    descriptor: Option<OwnedFd>,
}

/// The next message; `None` at the end.
fn receive(channel: &OwnedFd) -> io::Result<Option<Message>> {
    let mut message = [0u8; 5];
    // Room for one set of credentials, aligned as their header wants it.
    let mut control = [0u64; 8];
    let mut part = libc::iovec {
        iov_base: message.as_mut_ptr().cast(),
        iov_len: message.len(),
    };
    // SAFETY: a `msghdr` is plain data, for which zeros are a valid value.
    let mut header: libc::msghdr = unsafe { std::mem::zeroed() };
    header.msg_iov = &raw mut part;
    header.msg_iovlen = 1;
    header.msg_control = control.as_mut_ptr().cast();
    header.msg_controllen = size_of_val(&control) as _;
    let length = loop {
        let flags = libc::MSG_CMSG_CLOEXEC;
        // SAFETY: everything that the header points to outlives the call.
        let length = unsafe { libc::recvmsg(channel.as_raw_fd(), &raw mut header, flags) };
        match io::Error::last_os_error() {
            error if length == -1 && error.kind() == io::ErrorKind::Interrupted => {}
            error if length == -1 => return Err(error),
            _ => break length,
        }
    };
    if length == 0 {
        return Ok(None);
    }
    let mut received = Message {
        bytes: message,
        sender: 0,
        descriptor: None,
    };
    // SAFETY: the header was filled in by `recvmsg`, its control messages lie in
    // `control`, and are followed by what their types say. A descriptor that
    // comes with one belongs to nobody yet.
    unsafe {
        let mut next = libc::CMSG_FIRSTHDR(&raw const header);
        while let Some(control) = next.as_ref() {
            let data = libc::CMSG_DATA(next);
            match control.cmsg_type {
                libc::SCM_CREDENTIALS => {
                    let pid = data.cast::<libc::ucred>().read_unaligned().pid;
                    received.sender = u32::try_from(pid).unwrap_or(0);
                }
                libc::SCM_RIGHTS => {
                    let descriptor = data.cast::<RawFd>().read_unaligned();
                    received.descriptor = Some(OwnedFd::from_raw_fd(descriptor));
                }
                _ => {}
            }
            next = libc::CMSG_NXTHDR(&raw const header, next);
        }
    }
    Ok(Some(received))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_tells_who_is_ready_and_what_failed() {
        let (ours, theirs) = pair().unwrap();
        tell_ready(theirs.as_raw_fd());
        let message = receive(&ours).unwrap().unwrap();
        assert_eq!(message.sender, std::process::id());
        tell_descriptor(theirs.as_raw_fd(), theirs.as_raw_fd())
            .ok()
            .unwrap();
        let message = receive(&ours).unwrap().unwrap();
        assert!(message.descriptor.is_some());
        drop(message);
        tell_failure(
            theirs.as_raw_fd(),
            &Failed {
                stage: Stage::Filter,
                number: libc::EPERM,
            },
        );
        drop(theirs);
        let error = listen(&ours).err().unwrap().to_string();
        assert!(error.contains("`seccomp`"), "{error}");
        let error = listen(&ours).err().unwrap().to_string();
        assert!(error.contains("gone"), "{error}");
    }
}
