//! All that is decided, opened and allocated before a process is cloned.

use std::ffi::{CStr, CString, OsStr};
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::filter::{self, Files, Program};
use super::mounts::Mounts;
use super::privileges::User;
use super::{Held, LayerFailed};
use crate::sys::attacks::Targets;
use crate::sys::cgroup::Cgroup;
use crate::sys::confine::Confinement;
use crate::{Job, Keep, Layers, Neighbours, Network, Streams};

/// What the process becomes.
#[derive(Debug)]
pub(crate) enum Runs {
    /// The job's program.
    Program,
    /// Attacks of our own, which a preflight tries from inside.
    Attacks(Targets),
}

/// How a process is started.
pub(super) struct Plan {
    pub(super) runs: Runs,
    /// Whether it tells when it has done what.
    pub(super) tells_times: bool,
    /// Whether its standard streams are a terminal.
    pub(super) at_terminal: bool,
    pub(super) program: CString,
    pub(super) args: Strings,
    pub(super) env: Strings,
    pub(super) folder: CString,
    pub(super) confinement: Confinement,
    pub(super) user: User,
    pub(super) namespaces: Option<Namespaces>,
    pub(super) landlock: Option<OwnedFd>,
    /// In the order in which they are installed.
    pub(super) filters: [&'static Program; 2],
    /// Where its sockets are made and connected by the grader ([`super::sockets`]):
    /// whom they may reach.
    pub(super) neighbours: Option<Neighbours>,
    /// Whether the program that it becomes is the only one.
    pub(super) becomes_no_other: bool,
    /// Whether signals may only be sent to the process itself.
    pub(super) signals_itself_only: bool,
    /// What it has to itself as long as it is there.
    pub(super) held: Held,
}

/// The namespaces that a process is born into.
pub(super) struct Namespaces {
    /// The flags of the clone.
    pub(super) flags: libc::c_int,
    /// What to write to the maps of a user namespace, where there is one.
    pub(super) maps: Option<(CString, CString)>,
    pub(super) loopback: bool,
    pub(super) mounts: Mounts,
}

impl Plan {
    pub(super) fn new(job: &Job, runs: Runs) -> io::Result<Plan> {
        let mut plan = Plan::without_cgroup(job, runs)?;
        plan.held.cgroup = Cgroup::new(job);
        Ok(plan)
    }

    /// A plan that lacks a control group.
    pub(super) fn without_cgroup(job: &Job, runs: Runs) -> io::Result<Plan> {
        let policy = &job.policy;
        let (user, lease) = User::choose(job)
            .map_err(|source| LayerFailed::error("user and capabilities", source))?;
        if let (Some(scratch), Some(id)) = (&policy.scratch, user.spare())
            && (scratch.keep == Keep::All || policy.layers == Layers::Bare)
        {
            give(&scratch.folder, id, DEPTH)
                .map_err(|source| LayerFailed::error("user and capabilities", source))?;
        }
        let namespaces = match policy.layers {
            Layers::Full => Some(Namespaces::new(job, &user)?),
            Layers::None | Layers::Bare => None,
        };
        if policy.layers == Layers::Bare && policy.network == Network::Loopback {
            // Without a network of its own a process could reach any address.
            return Err(LayerFailed::error(
                "loopback network",
                io::Error::other("it takes a network namespace, which this set of layers has not"),
            ));
        }
        if policy.starts_programs && matches!(policy.network, Network::SharedLoopback(_)) {
            // Whose call it is must be known without a doubt.
            return Err(LayerFailed::error(
                "sockets of the grader's",
                io::Error::other("they are for what is a single process"),
            ));
        }
        if let Network::SharedLoopback(_) = policy.network {
            super::sockets::can_be_served(&user)
                .map_err(|source| LayerFailed::error("sockets of the grader's", source))?;
        }
        let files = match (policy.layers, user) {
            (Layers::Bare, User::Same { .. }) => Files::OfTheGrader,
            _ => Files::OfOthers,
        };
        Ok(Plan {
            runs,
            tells_times: false,
            at_terminal: job.streams == Streams::Terminal,
            program: string(&job.program)?,
            args: Strings::new(
                std::iter::once(job.called.as_deref().unwrap_or(job.program.as_os_str()))
                    .chain(job.args.iter().map(|arg| arg.as_os_str()))
                    .map(string),
            )?,
            env: Strings::new(job.env.iter().map(|(name, value)| {
                let mut both = name.clone();
                both.push("=");
                both.push(value);
                string(both)
            }))?,
            folder: string(policy.seen(&job.current_dir))?,
            confinement: Confinement::new(job, user.processes(job)),
            user,
            namespaces,
            landlock: super::landlock::ruleset(job)?,
            filters: [filter::guard(policy, files), filter::denied(policy, files)?],
            neighbours: match &policy.network {
                Network::SharedLoopback(neighbours) => Some(neighbours.clone()),
                Network::None | Network::Loopback => None,
            },
            becomes_no_other: !policy.starts_programs,
            signals_itself_only: policy.layers == Layers::Bare,
            held: Held {
                cgroup: None,
                _user: lease,
            },
        })
    }
}

/// How many folders deep something may lie that is given: each is held meanwhile.
const DEPTH: usize = 64;

/// Gives a folder with all that is in it, down to so many folders deep, to a user.
/// Nothing is followed that leads elsewhere, also where somebody changes it meanwhile:
/// each thing is taken hold of first, and what is held is given.
fn give(path: &Path, id: u32, depth: usize) -> io::Result<()> {
    let place = File::options()
        .read(true)
        .custom_flags(libc::O_PATH | libc::O_NOFOLLOW | libc::O_CLOEXEC)
        .open(path)?;
    // SAFETY: the call reads an empty string: it is about the descriptor.
    let given =
        unsafe { libc::fchownat(place.as_raw_fd(), c"".as_ptr(), id, id, libc::AT_EMPTY_PATH) };
    if given == -1 {
        return Err(io::Error::last_os_error());
    }
    if depth > 0 && place.metadata()?.is_dir() {
        // What is held is a folder, and no link, by this name.
        let held = PathBuf::from(format!("/proc/self/fd/{}", place.as_raw_fd()));
        for entry in held.read_dir()? {
            match give(&entry?.path(), id, depth - 1) {
                // Others who work in the folder may have removed it meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                given => given?,
            }
        }
    }
    Ok(())
}

impl Namespaces {
    fn new(job: &Job, user: &User) -> io::Result<Namespaces> {
        let mut flags =
            libc::CLONE_NEWNS | libc::CLONE_NEWPID | libc::CLONE_NEWIPC | libc::CLONE_NEWUTS;
        if !matches!(job.policy.network, Network::SharedLoopback(_)) {
            flags |= libc::CLONE_NEWNET;
        }
        let maps = match user {
            User::Spare { .. } => None,
            User::Same { id, group } => {
                flags |= libc::CLONE_NEWUSER;
                // The same numbers inside as outside.
                let map = |id: u32| string(format!("{id} {id} 1"));
                Some((map(*id)?, map(*group)?))
            }
        };
        Ok(Namespaces {
            flags,
            maps,
            loopback: job.policy.network == Network::Loopback,
            mounts: Mounts::new(job, user)?,
        })
    }
}

/// Strings as a system call wants them: a list of pointers with a null at its
/// end.
pub(super) struct Strings {
    /// What the pointers point to.
    _owned: Vec<CString>,
    pointers: Vec<*const libc::c_char>,
}

impl Strings {
    fn new(strings: impl Iterator<Item = io::Result<CString>>) -> io::Result<Strings> {
        let owned: Vec<CString> = strings.collect::<io::Result<_>>()?;
        let pointers = owned
            .iter()
            .map(|string| string.as_ptr())
            .chain([std::ptr::null()])
            .collect();
        Ok(Strings {
            _owned: owned,
            pointers,
        })
    }

    pub(super) fn as_ptr(&self) -> *const *const libc::c_char {
        self.pointers.as_ptr()
    }
}

/// A string for the system.
pub(super) fn string(text: impl AsRef<OsStr>) -> io::Result<CString> {
    CString::new(text.as_ref().as_bytes())
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "it has a zero byte in it"))
}

/// The folders of a system that programs and their libraries are found in.
/// `/usr/local`, `/usr/share` and the like are not among them: a course may lie
/// there.
pub(super) const LIBRARIES: [&CStr; 8] = [
    c"/lib",
    c"/lib32",
    c"/lib64",
    c"/libx32",
    c"/usr/lib",
    c"/usr/lib32",
    c"/usr/lib64",
    c"/nix/store",
];

/// What the system's programs need besides.
pub(super) const PROGRAMS: [&CStr; 6] = [
    c"/bin",
    c"/usr/bin",
    c"/usr/libexec",
    // A linker reads the headers' folder only where a toolchain lies in it.
    c"/usr/x86_64-linux-gnu",
    c"/usr/aarch64-linux-gnu",
    c"/etc/alternatives",
];

/// What the loader and the resolver read.
pub(super) const FILES: [&CStr; 2] = [c"/etc/ld.so.cache", c"/etc/ld.so.conf"];

/// What the resolver of names reads, where there are sockets.
pub(super) const NAMES: [&CStr; 3] = [c"/etc/hosts", c"/etc/nsswitch.conf", c"/etc/host.conf"];

/// The path that a string holds.
pub(super) fn path(string: &CStr) -> &Path {
    Path::new(OsStr::from_bytes(string.to_bytes()))
}

/// Those paths of the system's that a job may read and that are there.
pub(super) fn of_the_system(job: &Job) -> impl Iterator<Item = &'static Path> + use<> {
    let programs = job.policy.starts_programs;
    let names = job.policy.network != Network::None;
    LIBRARIES
        .iter()
        .chain(PROGRAMS.iter().filter(move |_| programs))
        .chain(&FILES)
        .chain(NAMES.iter().filter(move |_| names))
        .map(|string| path(string))
        .filter(|path| path.symlink_metadata().is_ok())
}
