//! How many files an execution has at once, and how many bytes it has written to
//! them: each has a limit, past which the execution ends.
//!
//! The bytes are those that were written, not those that lie there, since the
//! latter depend on the file system. A folder counts as a file.

use libc::{c_int, c_long};

use super::files::At;
use super::identity;
use crate::kernel;
use verdict::Limit;

/// Whether there is something at a path already, be it a link.
pub(super) fn has(at: At) -> bool {
    exists(at, libc::AT_SYMLINK_NOFOLLOW)
}

/// Whether a path leads to something, by way of links where it has any.
pub(super) fn leads(at: At) -> bool {
    exists(at, 0)
}

fn exists(at: At, flags: c_int) -> bool {
    let mode = libc::F_OK;
    // SAFETY: the path is a C string, which who makes an `At` has promised.
    unsafe { libc::syscall(libc::SYS_faccessat2, at.folder, at.path, mode, flags) == 0 }
}

/// Whether two paths lead to the same file, be it a link, or to two names of it.
pub(super) fn are_one(one: At, other: At) -> bool {
    identity::inode_of(one).is_some_and(|inode| identity::inode_of(other) == Some(inode))
}

/// Takes the result of a call that makes a file where it works and there was
/// none.
pub(super) fn made(result: c_long) -> c_long {
    if result >= 0
        && kernel::with(|kernel| {
            kernel.run.files += 1;
            kernel.run.files > kernel.plan.world.limits.files
        }) == Some(true)
    {
        kernel::too_much(Limit::Files);
    }
    result
}

/// Takes the result of a call that removes a file where it works.
pub(super) fn removed(result: c_long) -> c_long {
    if result >= 0 {
        // Files that the scenario gives were never counted.
        kernel::with(|kernel| kernel.run.files = kernel.run.files.saturating_sub(1));
    }
    result
}

/// Takes the result of a call that writes to a file, or sets its length. One
/// that the system refuses for its size was too much, too.
pub(super) fn wrote(result: c_long) -> c_long {
    let bytes = match u64::try_from(result) {
        Ok(bytes) => bytes,
        Err(_) if last_error() == libc::EFBIG && kernel::is_simulated() => u64::MAX,
        Err(_) => return result,
    };
    if kernel::with(|kernel| {
        kernel.run.written = kernel.run.written.saturating_add(bytes);
        kernel.run.written > kernel.plan.world.limits.disk_mib << 20
    }) == Some(true)
    {
        kernel::too_much(Limit::Disk);
    }
    result
}

/// Ends an execution that wants a file to be longer than all files may be.
pub(super) fn holds(length: libc::off64_t) {
    if u64::try_from(length).is_ok_and(|length| length > kernel::limits().disk_mib << 20) {
        kernel::too_much(Limit::Disk);
    }
}

/// Ends an execution whose call failed since it has too many open descriptors.
pub(super) fn has_descriptors_left(error: c_int) {
    if error == libc::EMFILE && kernel::is_simulated() {
        kernel::too_much(Limit::OpenFiles);
    }
}

/// The error number of the last call that failed.
pub(super) fn last_error() -> c_int {
    // SAFETY: the place of this thread's error number is always there.
    unsafe { *libc::__errno_location() }
}
