//! Attacks on the machine, tried from inside of layers by a process of our own.
//!
//! Each is one system call or two, as a submission could make them, and does no
//! harm where it works: what is attacked was made for it ([`Targets`]). What
//! runs here allocates nothing, since it runs in a process that was cloned and
//! became no program.

mod files;
mod kernel;
mod network;
mod processes;
mod sockets;
mod uses;

use std::ffi::{CStr, CString};

pub(crate) use sockets::share;
pub(crate) use uses::USES;

/// What is there to be attacked, made by the grader outside.
#[derive(Debug)]
pub(crate) struct Targets {
    /// A folder of the grader's that anybody may write to.
    pub(crate) folder: CString,
    /// A file in it that anybody may read and write.
    pub(crate) secret: CString,
    /// One more, to be removed.
    pub(crate) removable: CString,
    /// A file that could be made in it.
    pub(crate) planted: CString,
    /// A Unix socket in it, with somebody who listens.
    pub(crate) socket: CString,
    /// The name of an abstract Unix socket, with somebody who listens.
    pub(crate) name: Vec<u8>,
    /// The port of the machine's loopback that somebody listens at.
    pub(crate) port: u16,
    /// The one that somebody waits for datagrams at.
    pub(crate) datagrams: u16,
    /// The one that a neighbour of the attacker's listens at.
    pub(crate) neighbour: u16,
    /// The grader.
    pub(crate) grader: libc::pid_t,
    /// A file of the grader's process.
    pub(crate) memory: CString,
    /// Whether the attacker may use sockets, on a loopback.
    pub(crate) sockets: bool,
    /// Whether that is the machine's.
    pub(crate) shared: bool,
}

/// What came of an attack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It worked.
    Through,
    /// It failed with this error.
    Denied(i32),
}

/// How many bytes an outcome takes where it is written.
pub(crate) const LENGTH: usize = 5;

impl Outcome {
    fn of(result: libc::c_long) -> Outcome {
        match result {
            -1 => Outcome::last(),
            _ => Outcome::Through,
        }
    }

    fn last() -> Outcome {
        Outcome::Denied(std::io::Error::last_os_error().raw_os_error().unwrap_or(0))
    }

    fn encode(self) -> [u8; LENGTH] {
        match self {
            Outcome::Through => [1, 0, 0, 0, 0],
            Outcome::Denied(number) => {
                let [a, b, c, d] = number.to_le_bytes();
                [0, a, b, c, d]
            }
        }
    }

    pub(crate) fn decode(bytes: [u8; LENGTH]) -> Outcome {
        let [through, a, b, c, d] = bytes;
        match through {
            0 => Outcome::Denied(i32::from_le_bytes([a, b, c, d])),
            _ => Outcome::Through,
        }
    }
}

/// An attack.
#[derive(Clone, Copy)]
pub(crate) struct Attack {
    /// What it does, as in `an attempt to {name}`.
    pub(crate) name: &'static str,
    run: fn(&Targets) -> Outcome,
    /// What shows whether it worked, where the attacker cannot know.
    pub(crate) seen: Option<Seen>,
}

/// What is seen of an attack outside.
#[derive(Clone, Copy)]
pub(crate) enum Seen {
    /// A file in the grader's folder, where the attacker may have a folder of its
    /// own in that place: its name, and whether it is there then.
    File(&'static str, bool),
    /// A datagram that has come.
    Datagram,
}

/// The attacks, by what they are made on, in the order in which they are tried.
const ATTACKS: [&[Attack]; 4] = [
    files::ATTACKS,
    processes::ATTACKS,
    network::ATTACKS,
    kernel::ATTACKS,
];

/// The attacks, in the order in which they are tried.
pub(crate) fn each() -> impl Iterator<Item = &'static Attack> {
    ATTACKS.into_iter().flatten()
}

/// What is tried when all others were: it is denied by ending the process.
pub(crate) const LAST: &str = "call the kernel by other numbers (x32)";

const fn attack(name: &'static str, run: fn(&Targets) -> Outcome) -> Attack {
    Attack {
        name,
        run,
        seen: None,
    }
}

/// Runs in the process that attacks: tries them all, and writes an outcome for
/// each to standard output.
pub(crate) fn all(targets: &Targets) {
    for attack in each().chain(USES) {
        write((attack.run)(targets));
    }
    #[cfg(target_arch = "x86_64")]
    {
        /// `getpid(2)` by its number in the x32 ABI.
        const X32_GETPID: libc::c_long = 0x4000_0000 + libc::SYS_getpid;
        // SAFETY: the call takes nothing and touches no memory.
        write(Outcome::of(unsafe { libc::syscall(X32_GETPID) }));
    }
}

fn write(outcome: Outcome) {
    let bytes = outcome.encode();
    // SAFETY: the call reads as many bytes as there are. What cannot be told is
    // missed by whoever reads.
    unsafe { libc::write(1, bytes.as_ptr().cast(), LENGTH) };
}

fn open(path: &CStr, flags: libc::c_int) -> Outcome {
    // SAFETY: the call reads a string that outlives it.
    let descriptor = unsafe { libc::open(path.as_ptr(), flags | libc::O_CLOEXEC, 0o600) };
    let outcome = Outcome::of(descriptor.into());
    closed(descriptor, outcome)
}

fn closed(descriptor: libc::c_int, outcome: Outcome) -> Outcome {
    if descriptor >= 0 {
        // SAFETY: the descriptor is the caller's, who gives it up.
        unsafe { libc::close(descriptor) };
    }
    outcome
}
