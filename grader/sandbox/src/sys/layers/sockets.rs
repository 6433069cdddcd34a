//! Sockets for a process that shares the machine's network and may reach nothing
//! there but its [`Neighbours`]: the sockets of the same run.
//!
//! Such a process makes no socket itself, connects none, and sends no datagram to
//! an address. The kernel tells these calls to the grader
//! (`SECCOMP_RET_USER_NOTIF`), which makes them in its place: on the very socket
//! that the process has, with the address that it has read once. So nothing can
//! be changed between the look and the deed. What has no neighbour at its end
//! ends as if nobody were there.
//!
//! A socket is bound to the interface `lo`, too, and stays so. To bind it elsewhere
//! takes a capability that the process has not, or a call that its filter denies, as
//! it does those that would name an address in another way. A socket of UDP that is
//! disconnected would be free of its interface, and one of version 6 that is bound to
//! an address of another interface's would be at that: so the grader disconnects
//! none, and binds in place of the process, too, to an address without an interface.

mod address;
mod deeds;
mod program;

use std::io;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::sync::OnceLock;
use std::time::Instant;

use super::privileges::User;
use crate::Neighbours;
use crate::neighbours::Protocol;
use address::Wanted;
use deeds::Connecting;
use program::Program;

/// Answers the calls of a process, which has this number, as long as there is
/// one, on a thread of its own.
pub(super) fn serve(listener: OwnedFd, pid: u32, neighbours: Neighbours) -> io::Result<()> {
    neighbours.keep();
    let mut server = Server {
        listener,
        program: Program::new(pid),
        neighbours,
        pending: Vec::new(),
    };
    std::thread::Builder::new()
        .name("sandbox sockets".to_owned())
        .spawn(move || while server.serves() {})
        .map(drop)
}

/// Whether the grader may do on this machine what it takes to answer the calls of a
/// process of this user, found out with one that does nothing.
pub(super) fn can_be_served(user: &User) -> io::Result<()> {
    static FOUND: [OnceLock<Result<(), String>>; 2] = [const { OnceLock::new() }; 2];
    let found = FOUND[usize::from(user.spare().is_some())].get_or_init(|| {
        static BYTE: u8 = 1;
        let tried = super::start::try_with(user, |pid| {
            let program = Program::new(pid);
            program.descriptor(0)?;
            // It was cloned from this one, and has it at the same place.
            program.memory((&raw const BYTE) as u64, &mut [0])
        });
        tried.map_err(|error| {
            format!(
                "the grader may not look into the processes that it starts ({error}), as it has \
                 to for their connections; in a container, give it `--cap-add SYS_PTRACE`"
            )
        })
    });
    found.clone().map_err(io::Error::other)
}

/// What the kernel's calls for this are (`linux/seccomp.h`); the sizes of the
/// structures are in them.
const RECEIVE: libc::c_ulong = 0xc050_2100;
const SEND: libc::c_ulong = 0xc018_2101;
const IS_VALID: libc::c_ulong = 0x4008_2102;
const ADD: libc::c_ulong = 0x4018_2103;

/// Who answers the calls of a process.
struct Server {
    listener: OwnedFd,
    program: Program,
    neighbours: Neighbours,
    /// The calls that wait for a connection, of which a thread has one at most.
    pending: Vec<Pending>,
}

/// A call that waits for a connection.
struct Pending {
    id: u64,
    socket: OwnedFd,
    until: Option<Instant>,
}

/// What a call gives, or how it fails.
type Answer = io::Result<usize>;

impl Server {
    /// Answers what there is to answer; `false` when nobody is left to call.
    fn serves(&mut self) -> bool {
        /// How often is looked whether those who wait are still there.
        const LOOK: libc::c_int = 100;
        let request = |socket: &OwnedFd, events| libc::pollfd {
            fd: socket.as_raw_fd(),
            events,
            revents: 0,
        };
        let mut requests = vec![request(&self.listener, libc::POLLIN)];
        let sockets = self.pending.iter().map(|pending| &pending.socket);
        requests.extend(sockets.map(|socket| request(socket, libc::POLLOUT)));
        let time = if self.pending.is_empty() { -1 } else { LOOK };
        // SAFETY: the call reads and writes the requests, which outlive it.
        let polled =
            unsafe { libc::poll(requests.as_mut_ptr(), requests.len() as libc::nfds_t, time) };
        if polled == -1 {
            return io::Error::last_os_error().kind() == io::ErrorKind::Interrupted;
        }
        self.ends_what_waits(&requests[1..]);
        match requests[0].revents {
            0 => true,
            events if events & libc::POLLIN != 0 => self.answers(),
            _ => false,
        }
    }

    /// Answers those whose connection came to be or failed, whose time is up, or
    /// who are there no more.
    fn ends_what_waits(&mut self, requests: &[libc::pollfd]) {
        let now = Instant::now();
        let pending = std::mem::take(&mut self.pending);
        for (pending, request) in pending.into_iter().zip(requests) {
            let is_late = pending.until.is_some_and(|until| until <= now);
            if request.revents != 0 {
                let answer = deeds::connected(&pending.socket).map(|()| 0);
                drop(pending.socket);
                self.tell(pending.id, answer);
            } else if is_late {
                drop(pending.socket);
                self.tell(pending.id, error(libc::EINPROGRESS));
            } else if self.still_waits(pending.id) {
                self.pending.push(pending);
            }
        }
    }

    /// Answers a call; `false` when nobody is left to make one.
    fn answers(&mut self) -> bool {
        // SAFETY: plain data, for which zeros are a valid value; the kernel wants them.
        let mut call: libc::seccomp_notif = unsafe { std::mem::zeroed() };
        // SAFETY: the call writes to `call`, which outlives it.
        let received =
            unsafe { libc::ioctl(self.listener.as_raw_fd(), RECEIVE as _, &raw mut call) };
        if received == -1 {
            // The caller has gone meanwhile, or a signal came.
            let error = io::Error::last_os_error().raw_os_error();
            return matches!(error, Some(libc::ENOENT | libc::EINTR));
        }
        let args = call.data.args;
        match libc::c_long::from(call.data.nr) {
            libc::SYS_socket => {
                let [family, kind, protocol, ..] = args;
                let answer = deeds::socket(family, kind, protocol).and_then(|socket| {
                    self.neighbours.admit(&socket)?;
                    self.gives(call.id, &socket, kind)
                });
                self.tell(call.id, answer);
            }
            libc::SYS_bind => {
                let answer = self.binds(call.id, args).map(|()| 0);
                self.tell(call.id, answer);
            }
            libc::SYS_connect => self.connects(call.id, args),
            libc::SYS_sendto => {
                let answer = self.sends(call.id, args);
                self.tell(call.id, answer);
            }
            _ => self.tell(call.id, error(libc::ENOSYS)),
        }
        true
    }

    /// Answers `bind(socket, address, length)`.
    fn binds(&self, id: u64, [socket, at, length, ..]: [u64; 6]) -> io::Result<()> {
        let socket = self.program.descriptor(socket)?;
        // Those of other families there are in pairs only, which have no names.
        let protocol = deeds::protocol(&socket)?;
        let wanted = self.wanted(id, at, length, Wanted::written)?;
        // The grader may have more rights than the process.
        if (1..first_port_of_all()).contains(&wanted.address().port()) {
            return Err(io::Error::from_raw_os_error(libc::EACCES));
        }
        deeds::bind(&socket, protocol, wanted)
    }

    /// Answers `connect(socket, address, length)`.
    fn connects(&mut self, id: u64, [socket, at, length, ..]: [u64; 6]) {
        let answer = self.program.descriptor(socket).and_then(|socket| {
            let time = match self.connected(id, &socket, at, length)? {
                Connecting::Done => return Ok(Some(0)),
                Connecting::GoesOn(time) => time,
            };
            self.pending.push(Pending {
                id,
                socket,
                until: time.and_then(|time| Instant::now().checked_add(time)),
            });
            Ok(None)
        });
        if let Some(answer) = answer.transpose() {
            self.tell(id, answer);
        }
    }

    fn connected(&self, id: u64, socket: &OwnedFd, at: u64, length: u64) -> io::Result<Connecting> {
        let protocol = deeds::protocol(socket)?;
        let wanted = self.wanted(id, at, length, Wanted::meant)?;
        let to = wanted.address();
        let mut known = self.neighbours.known();
        let to = match protocol {
            // Which address it would have, a resolver asks: outside, none.
            Protocol::Udp if to.port() == 0 => match to.ip().is_loopback() {
                true => wanted,
                false => return Err(io::Error::from_raw_os_error(libc::ENETUNREACH)),
            },
            _ if known.reaches(protocol, to)? => wanted,
            Protocol::Udp => Wanted(known.grave(to.is_ipv6())?),
            Protocol::Tcp => return Err(refused()),
        };
        deeds::connect(socket, to)
    }

    /// Answers `sendto(socket, bytes, length, flags, address, length)`.
    fn sends(&self, id: u64, [socket, bytes, length, flags, at, of_it]: [u64; 6]) -> Answer {
        /// More than a datagram can be long.
        const MOST: usize = 1 << 16;
        let socket = self.program.descriptor(socket)?;
        if deeds::protocol(&socket)? == Protocol::Tcp {
            // A connection has an address, and needs no other.
            return error(libc::EISCONN);
        }
        let Some(length) = usize::try_from(length).ok().filter(|length| *length < MOST) else {
            return error(libc::EMSGSIZE);
        };
        let mut datagram = vec![0; length];
        self.program.memory(bytes, &mut datagram)?;
        let wanted = self.wanted(id, at, of_it, Wanted::meant)?;
        let known = self.neighbours.known();
        match known.reaches(Protocol::Udp, wanted.address())? {
            true => deeds::send(&socket, &datagram, flags, wanted),
            // Who sends a datagram is not told that nobody is there.
            false => Ok(length),
        }
    }

    /// The address that a call wants, read once.
    fn wanted(
        &self,
        id: u64,
        at: u64,
        length: u64,
        parsed: fn(&[u8]) -> io::Result<Wanted>,
    ) -> io::Result<Wanted> {
        let mut bytes = address::room(length)?;
        self.program.memory(at, &mut bytes)?;
        // Then it was the memory of that process.
        match self.still_waits(id) {
            true => parsed(&bytes),
            false => Err(io::Error::from_raw_os_error(libc::EINTR)),
        }
    }

    /// Whether the caller still waits for an answer.
    fn still_waits(&self, id: u64) -> bool {
        // SAFETY: the call reads the number, which outlives it.
        unsafe { libc::ioctl(self.listener.as_raw_fd(), IS_VALID as _, &raw const id) == 0 }
    }

    /// Gives the process the socket, and its number there.
    fn gives(&self, id: u64, socket: &OwnedFd, kind: u64) -> Answer {
        let close_on_exec = kind as u32 as libc::c_int & libc::SOCK_CLOEXEC != 0;
        let given = libc::seccomp_notif_addfd {
            id,
            // Not answered in the same call: ours is to be closed before that, or
            // the socket would be there for a moment when the process has closed
            // its own.
            flags: 0,
            srcfd: socket.as_raw_fd() as u32,
            newfd: 0,
            newfd_flags: if close_on_exec {
                libc::O_CLOEXEC as u32
            } else {
                0
            },
        };
        // SAFETY: the call reads `given`, which outlives it.
        let added = unsafe { libc::ioctl(self.listener.as_raw_fd(), ADD as _, &raw const given) };
        // The process may have too many open descriptors, say.
        usize::try_from(added).map_err(|_| io::Error::last_os_error())
    }

    /// Has the call return what it gives. No copy of a descriptor of the process's
    /// may be left here by then. That the process has gone is no matter any more.
    fn tell(&self, id: u64, answer: Answer) {
        let (val, error) = match answer {
            // A datagram is short.
            Ok(value) => (value as i64, 0),
            Err(error) => (0, -error.raw_os_error().unwrap_or(libc::EPERM)),
        };
        let answer = libc::seccomp_notif_resp {
            id,
            val,
            error,
            flags: 0,
        };
        // SAFETY: the call reads the answer, which outlives it.
        unsafe { libc::ioctl(self.listener.as_raw_fd(), SEND as _, &raw const answer) };
    }
}

/// The first port that a process without privileges may be at.
fn first_port_of_all() -> u16 {
    static FIRST: OnceLock<u16> = OnceLock::new();
    *FIRST.get_or_init(|| {
        let told = std::fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start");
        let first = told.ok().and_then(|told| told.trim().parse().ok());
        first.unwrap_or(1024)
    })
}

fn error(number: libc::c_int) -> Answer {
    Err(io::Error::from_raw_os_error(number))
}

/// The error of who connects where nobody listens.
fn refused() -> io::Error {
    io::Error::from_raw_os_error(libc::ECONNREFUSED)
}
