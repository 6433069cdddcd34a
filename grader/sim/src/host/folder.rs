//! The folder that a submission may use: the one that its process was started
//! in.
//!
//! It was empty then, and is empty again at the beginning of every execution
//! that uses files. Nothing outside of it can be named: no absolute path
//! elsewhere, no `..` that leads out, no symbolic link that could.

use std::ffi::{CStr, OsStr};
use std::io::{Error, Result};
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicPtr, Ordering};

use crate::arena::Outside;
use crate::entry;
use crate::kernel;
use crate::sync::Cell;

/// What is remembered from one execution to the next, on the system's heap.
static HOST: AtomicPtr<Host> = AtomicPtr::new(std::ptr::null_mut());

/// Whether this execution has found the folder empty. A static, and so false
/// again in the next execution.
static EMPTIED: Cell<bool> = Cell::new(false);

struct Host {
    /// The folder's path, without a slash at its end.
    path: PathBuf,
    /// A descriptor of the folder.
    descriptor: libc::c_int,
    /// Whether an execution has used the folder.
    used: bool,
}

/// Takes the current directory as the folder. Called once, before the first
/// execution.
///
/// # Errors
/// When there is no such folder.
pub(crate) fn install() -> Result<()> {
    let path = std::env::current_dir()?;
    // SAFETY: the path is a C string.
    let descriptor = unsafe {
        libc::syscall(
            libc::SYS_openat,
            libc::AT_FDCWD,
            c".".as_ptr(),
            libc::O_RDONLY | libc::O_DIRECTORY | libc::O_CLOEXEC,
        )
    };
    if descriptor < 0 {
        return Err(Error::last_os_error());
    }
    let host = Box::new(Host {
        path,
        descriptor: descriptor as libc::c_int,
        used: false,
    });
    HOST.store(Box::into_raw(host), Ordering::Relaxed);
    Ok(())
}

fn with<R>(f: impl FnOnce(&mut Host) -> R) -> R {
    let host = HOST.load(Ordering::Relaxed);
    assert!(!host.is_null(), "the folder is known before any execution");
    // SAFETY: the box is never freed, the simulation has one thread, and no
    // `f` here comes back to this function.
    f(unsafe { &mut *host })
}

/// Makes sure that this execution began with an empty folder.
pub(super) fn begin() {
    if EMPTIED.replace(true) {
        return;
    }
    let _outside = Outside::enter();
    let ready = with(|host| {
        if host.used {
            // What an execution left open when it ended.
            close_from(host.descriptor + 1);
            empty(host.descriptor)
        } else if entries(host.descriptor)?.is_empty() {
            host.used = true;
            Ok(())
        } else {
            // Somebody started the program by hand in a folder of theirs.
            Err(Error::other("it is not empty"))
        }
    });
    if let Err(error) = ready {
        use std::io::Write as _;
        // The grader reads this; it is no fault of the submission.
        let _ = writeln!(
            std::io::stderr(),
            "the scratch folder cannot be used: {error}"
        );
        entry::leave(entry::LOST);
    }
}

/// The folder, empty at the beginning of this execution, as a path that is the
/// same in every process: it is the current directory.
pub(crate) fn scratch() -> PathBuf {
    begin();
    PathBuf::from(".")
}

/// Closes every descriptor from this one on.
fn close_from(first: libc::c_int) {
    /// The highest one that a process has by default.
    const LAST: libc::c_int = 1023;
    // SAFETY: nothing that still runs owns one of these descriptors: those of
    // the simulation itself are lower.
    let closed = unsafe { libc::syscall(libc::SYS_close_range, first, libc::c_uint::MAX, 0) };
    if closed < 0 {
        // Some containers do not know that call.
        for descriptor in first..=LAST {
            // SAFETY: as above; most of them are not open at all.
            unsafe { libc::syscall(libc::SYS_close, descriptor) };
        }
    }
}

/// Removes everything in a folder. Follows no links.
fn empty(folder: libc::c_int) -> Result<()> {
    for name in entries(folder)? {
        if remove(folder, &name, 0).is_ok() {
            continue;
        }
        // SAFETY: the name is a C string.
        let inner = unsafe {
            libc::syscall(libc::SYS_fchmodat, folder, name.as_ptr(), 0o700);
            libc::syscall(
                libc::SYS_openat,
                folder,
                name.as_ptr(),
                libc::O_RDONLY | libc::O_DIRECTORY | libc::O_NOFOLLOW | libc::O_CLOEXEC,
            )
        };
        if inner < 0 {
            return Err(Error::last_os_error());
        }
        let emptied = empty(inner as libc::c_int);
        // SAFETY: it was opened here and nobody else knows it.
        unsafe { libc::syscall(libc::SYS_close, inner) };
        emptied?;
        remove(folder, &name, libc::AT_REMOVEDIR)?;
    }
    Ok(())
}

fn remove(folder: libc::c_int, name: &CStr, flags: libc::c_int) -> Result<()> {
    // SAFETY: the name is a C string.
    match unsafe { libc::syscall(libc::SYS_unlinkat, folder, name.as_ptr(), flags) } {
        0 => Ok(()),
        _ => Err(Error::last_os_error()),
    }
}

/// The names in a folder, from its beginning.
pub(super) fn entries(folder: libc::c_int) -> Result<Vec<std::ffi::CString>> {
    // SAFETY: seeking a descriptor of a folder has no preconditions.
    unsafe { libc::syscall(libc::SYS_lseek, folder, 0, libc::SEEK_SET) };
    let mut names = Vec::new();
    super::listing::each(folder, |entry| {
        if entry.name != c"." && entry.name != c".." {
            names.push(entry.name.to_owned());
        }
    })?;
    Ok(names)
}

/// Where a path leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leads {
    /// Into the folder.
    Inside,
    /// To the device that swallows everything.
    Nowhere,
    /// To what the system tells about itself, which std looks at on its own.
    System,
    /// To somebody else's files.
    Outside,
}

/// Where a path leads.
pub(super) fn leads(path: &CStr) -> Leads {
    let path = path.to_bytes();
    let inner = match path.first() {
        Some(b'/') => match with(|host| relative(host.path.as_os_str().as_bytes(), path)) {
            Some(inner) => inner,
            None if path == b"/dev/null" => return Leads::Nowhere,
            None if [&b"/proc/"[..], b"/sys/"]
                .iter()
                .any(|top| path.starts_with(top)) =>
            {
                return Leads::System;
            }
            None => return Leads::Outside,
        },
        _ => path,
    };
    if leaves(inner) {
        Leads::Outside
    } else {
        Leads::Inside
    }
}

/// What follows a folder in a path, if it begins with it.
fn relative<'a>(folder: &[u8], path: &'a [u8]) -> Option<&'a [u8]> {
    let rest = path.strip_prefix(folder.strip_suffix(b"/").unwrap_or(folder))?;
    match rest.first() {
        None => Some(rest),
        Some(b'/') => rest
            .iter()
            .position(|byte| *byte != b'/')
            .map_or(Some(&[][..]), |start| Some(&rest[start..])),
        Some(_) => None,
    }
}

/// Whether a relative path leads out of where it begins. Links cannot make a
/// difference: each leads to something below the folder that it is in (see
/// [`is_harmless_link`]), so no path leads to less depth than its text says.
fn leaves(path: &[u8]) -> bool {
    let mut depth = 0i64;
    for part in path.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => depth -= 1,
            _ => depth += 1,
        }
        if depth < 0 {
            return true;
        }
    }
    false
}

/// Whether a symbolic link to this target leads to something below the folder
/// that it is in.
pub(super) fn is_harmless_link(target: &CStr) -> bool {
    let target = target.to_bytes();
    let mut parts = target
        .split(|byte| *byte == b'/')
        .filter(|part| !part.is_empty() && *part != b".")
        .peekable();
    !target.starts_with(b"/") && parts.peek().is_some() && parts.all(|part| part != b"..")
}

/// A path as a person would write it: from the folder.
pub(super) fn shown(path: &CStr) -> String {
    let path = path.to_bytes();
    let inner = with(|host| relative(host.path.as_os_str().as_bytes(), path));
    format!("{:?}", OsStr::from_bytes(inner.unwrap_or(path)))
}

/// Ends the execution of a program that uses a path outside of its folder.
pub(super) fn refuse(path: &CStr) -> ! {
    kernel::unsupported(format!(
        "it uses `{}`, which is outside of the folder that it runs in",
        path.to_string_lossy()
    ))
}

#[cfg(test)]
mod tests {
    use super::{is_harmless_link, leaves, relative};

    #[test]
    fn a_path_may_go_up_only_as_far_as_it_went_down() {
        assert!(!leaves(b"a/../b"));
        assert!(!leaves(b""));
        assert!(!leaves(b"./a//b/../.."));
        assert!(leaves(b".."));
        assert!(leaves(b"a/../../b"));
    }

    #[test]
    fn an_absolute_path_is_inside_when_it_begins_with_the_whole_folder() {
        assert_eq!(relative(b"/s/x", b"/s/x/a"), Some(&b"a"[..]));
        assert_eq!(relative(b"/s/x", b"/s/x"), Some(&b""[..]));
        assert_eq!(relative(b"/s/x", b"/s/xy"), None);
        assert_eq!(relative(b"/", b"/a"), Some(&b"a"[..]));
    }

    #[test]
    fn a_link_must_lead_down() {
        assert!(is_harmless_link(c"a/b"));
        for target in [c"..", c".", c"", c"/a", c"a/../.."] {
            assert!(!is_harmless_link(target), "{target:?}");
        }
    }
}
