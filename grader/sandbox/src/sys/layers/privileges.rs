//! Who a process is, and what that lets it do: nothing but itself.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::OnceLock;

use super::channel::{Stage, Step, check};
use super::users::Lease;
use crate::{Job, Keep, Layers};

/// The capability to make namespaces and mounts (capabilities(7)).
const CAP_SYS_ADMIN: u32 = 21;
/// The capability to read files and enter folders whoever they belong to.
const CAP_DAC_READ_SEARCH: u32 = 2;

/// The user that a process runs as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum User {
    /// The grader's own.
    Same { id: u32, group: u32 },
    /// Another one, which owns nothing but scratch folders: the grader is root.
    Spare {
        id: u32,
        /// Whether it may read what belongs to others. Landlock says which of
        /// it; without this, what lies in a folder of root's could not be
        /// reached at all.
        reads: bool,
    },
}

impl User {
    /// Who runs a job, and what keeps that user to it.
    pub(super) fn choose(job: &Job) -> io::Result<(User, Option<Lease>)> {
        // SAFETY: the calls take nothing and touch no memory.
        let (id, group) = unsafe { (libc::geteuid(), libc::getegid()) };
        // Root in a container may have lost what makes it root; with namespaces
        // it is then a user like any other.
        if id != 0 || (job.policy.layers == Layers::Full && !has(CAP_SYS_ADMIN)) {
            return Ok((User::Same { id, group }, None));
        }
        let kept = job.policy.scratch.as_ref();
        let kept = kept.filter(|scratch| scratch.keep == Keep::All);
        let lease = Lease::take(kept.map(|scratch| scratch.folder.as_path()))?;
        let user = User::Spare {
            id: lease.id(),
            reads: job.policy.layers == Layers::Bare && !all_within_reach(job),
        };
        Ok((user, Some(lease)))
    }

    /// How many processes this user may have, for a job to have as many as it
    /// may; `None` where the system would count others, too.
    pub(super) fn processes(&self, job: &Job) -> Option<u64> {
        match (self, job.policy.layers) {
            (User::Spare { .. }, _) => job.limits.processes,
            // The first process of the namespaces is the same user, and those
            // outside of the namespace are not counted in it.
            (User::Same { .. }, Layers::Full) => job.limits.processes?.checked_add(1),
            (User::Same { .. }, Layers::None | Layers::Bare) => None,
        }
    }

    /// Its number, if it is not the grader's.
    pub(super) fn spare(&self) -> Option<u32> {
        match self {
            User::Same { .. } => None,
            User::Spare { id, .. } => Some(*id),
        }
    }

    /// Runs in the child: becomes this user.
    pub(super) fn become_it(&self) -> Step {
        let User::Spare { id, reads } = *self else {
            return drop_capabilities(None);
        };
        if reads {
            // Else the change of user would take what is to be kept, and so would
            // `access(2)` for as long as it looks, by which linkers are found.
            let bits = libc::SECBIT_NO_SETUID_FIXUP | libc::SECBIT_NO_SETUID_FIXUP_LOCKED;
            let (bits, unused) = (bits as libc::c_ulong, 0 as libc::c_ulong);
            // SAFETY: the call takes numbers and touches no memory.
            let kept =
                unsafe { libc::prctl(libc::PR_SET_SECUREBITS, bits, unused, unused, unused) };
            check(Stage::User, kept.into())?;
        }
        // By number: libc's own functions would have all threads do it, of which
        // there is one, by way of locks that another one may have held.
        // SAFETY: the call reads no list, as it is said to be empty.
        let groups = unsafe { libc::syscall(libc::SYS_setgroups, 0, std::ptr::null::<u32>()) };
        check(Stage::User, groups)?;
        // SAFETY: these calls take numbers and touch no memory.
        unsafe {
            check(Stage::User, libc::syscall(libc::SYS_setresgid, id, id, id))?;
            check(Stage::User, libc::syscall(libc::SYS_setresuid, id, id, id))?;
        }
        drop_capabilities(reads.then_some(CAP_DAC_READ_SEARCH))
    }
}

/// Whether anybody can come to all that a job needs: a folder on the way that
/// only its owner may enter keeps a spare user out.
fn all_within_reach(job: &Job) -> bool {
    let scratch = job.policy.scratch.iter().map(|scratch| &scratch.folder);
    let mut paths = [&job.program, &job.current_dir]
        .into_iter()
        .chain(&job.policy.readable)
        .chain(scratch.clone());
    let own: Vec<&Path> = scratch.map(|path| path.as_path()).collect();
    let open = |path: &Path| {
        own.contains(&path)
            || path
                .metadata()
                .is_ok_and(|found| found.mode() & 0o005 == 0o005)
    };
    paths.all(|path| match path.canonicalize() {
        Ok(path) => path.ancestors().all(open),
        Err(_) => false,
    })
}

/// Whether what runs without namespaces runs as the grader's user.
pub(super) fn is_no_other_user() -> bool {
    // SAFETY: the call takes nothing and touches no memory.
    unsafe { libc::geteuid() != 0 }
}

/// Whether the grader has a capability.
fn has(capability: u32) -> bool {
    static EFFECTIVE: OnceLock<u64> = OnceLock::new();
    let effective = EFFECTIVE.get_or_init(|| {
        let mut sets = [Set::default(); 2];
        let header = Header::new();
        // SAFETY: the call reads the header and writes both sets, as its version
        // says, and both outlive it.
        unsafe { libc::syscall(libc::SYS_capget, &raw const header, sets.as_mut_ptr()) };
        u64::from(sets[0].effective) | u64::from(sets[1].effective) << 32
    });
    effective & (1 << capability) != 0
}

/// The header of the calls for capabilities (capget(2)).
#[repr(C)]
struct Header {
    version: u32,
    pid: i32,
}

impl Header {
    fn new() -> Header {
        /// `_LINUX_CAPABILITY_VERSION_3`: two sets of 32 bits.
        const VERSION: u32 = 0x2008_0522;
        Header {
            version: VERSION,
            pid: 0,
        }
    }
}

/// The lower or the upper half of a process's capabilities.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Set {
    effective: u32,
    permitted: u32,
    inheritable: u32,
}

/// Runs in the child, while it may still do so: nothing that is started from
/// here on can gain a capability.
pub(super) fn empty_bounding_set(but: Option<u32>) {
    // As many as there could ever be; those that there are not, and those of a
    // process that may not do this, change nothing.
    for capability in 0..64 {
        if Some(capability) != but {
            let capability = libc::c_ulong::from(capability);
            let unused: libc::c_ulong = 0;
            // SAFETY: the call takes numbers and touches no memory.
            unsafe { libc::prctl(libc::PR_CAPBSET_DROP, capability, unused, unused, unused) };
        }
    }
}

/// Runs in the child: gives up all capabilities but this one, which the program
/// gets, too.
pub(super) fn drop_capabilities(but: Option<u32>) -> Step {
    let kept = but.map_or(0, |capability| 1 << capability);
    let sets = [
        Set {
            effective: kept,
            permitted: kept,
            inheritable: kept,
        },
        Set::default(),
    ];
    let header = Header::new();
    // SAFETY: the call reads the header and two sets, which outlive it.
    let set = unsafe { libc::syscall(libc::SYS_capset, &raw const header, sets.as_ptr()) };
    check(Stage::User, set)?;
    let Some(capability) = but else {
        return Ok(());
    };
    let (raise, capability) = (
        libc::PR_CAP_AMBIENT_RAISE as libc::c_ulong,
        libc::c_ulong::from(capability),
    );
    let unused: libc::c_ulong = 0;
    // SAFETY: the call takes numbers and touches no memory.
    let raised = unsafe { libc::prctl(libc::PR_CAP_AMBIENT, raise, capability, unused, unused) };
    check(Stage::User, raised.into())
}

impl User {
    /// The capability that it keeps.
    pub(super) fn keeps(&self) -> Option<u32> {
        match self {
            User::Spare { reads: true, .. } => Some(CAP_DAC_READ_SEARCH),
            User::Spare { .. } | User::Same { .. } => None,
        }
    }
}
