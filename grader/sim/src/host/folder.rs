//! The folders that a submission may use: the one that it runs in, which it
//! sees as `/scratch`, and the one for temporary files, `/tmp`.
//!
//! Both lie in the folder that its process was started in, and are empty at the
//! beginning of every execution that uses files. Nothing outside of them can be
//! named: no absolute path elsewhere, no `..` that leads out, no symbolic link
//! that could. Where they really are, a submission does not see, since that
//! differs from run to run.

use std::ffi::{CStr, CString};
use std::io::{Error, Result};
use std::path::PathBuf;
use std::sync::atomic::{AtomicPtr, Ordering};

use libc::c_int;

use crate::arena::Outside;
use crate::entry;
use crate::kernel;

/// The folder that a submission runs in, as it sees it.
pub(super) const CURRENT: &CStr = c"/scratch";
/// The folder for temporary files, as a submission sees it: what
/// `std::env::temp_dir` gives in an empty environment.
const TEMPORARY: &CStr = c"/tmp";
/// Their names in the folder of the process.
const CURRENT_NAME: &CStr = c"scratch";
const TEMPORARY_NAME: &CStr = c"tmp";

/// What is remembered from one execution to the next, on the system's heap.
static HOST: AtomicPtr<Host> = AtomicPtr::new(std::ptr::null_mut());

struct Host {
    /// A descriptor of the process's folder.
    top: c_int,
    /// A descriptor of the folder that a submission runs in, once an execution
    /// has used it.
    current: Option<c_int>,
    /// Whether there is a folder for temporary files.
    temporary: bool,
    /// Whether the system lets the rights to a file be changed: some sets of the
    /// sandbox's layers do not.
    rights_change: bool,
}

/// Takes the current directory as the folder. Called once, before the first
/// execution.
///
/// # Errors
/// When there is no such folder.
pub(crate) fn install() -> Result<()> {
    let host = Box::new(Host {
        top: open(libc::AT_FDCWD, c".")?,
        current: None,
        temporary: false,
        rights_change: true,
    });
    HOST.store(Box::into_raw(host), Ordering::Relaxed);
    Ok(())
}

fn open(folder: c_int, name: &CStr) -> Result<c_int> {
    // SAFETY: the name is a C string.
    let descriptor = unsafe {
        libc::syscall(
            libc::SYS_openat,
            folder,
            name.as_ptr(),
            libc::O_RDONLY | libc::O_DIRECTORY | libc::O_NOFOLLOW | libc::O_CLOEXEC,
        )
    };
    if descriptor < 0 {
        return Err(Error::last_os_error());
    }
    Ok(descriptor as c_int)
}

fn make(folder: c_int, name: &CStr) -> Result<()> {
    // SAFETY: the name is a C string.
    match unsafe { libc::syscall(libc::SYS_mkdirat, folder, name.as_ptr(), 0o700) } {
        0 => Ok(()),
        _ => Err(Error::last_os_error()),
    }
}

fn with<R>(f: impl FnOnce(&mut Host) -> R) -> R {
    let host = HOST.load(Ordering::Relaxed);
    assert!(!host.is_null(), "the folder is known before any execution");
    // SAFETY: the box is never freed, the simulation has one thread, and no
    // `f` here comes back to this function.
    f(unsafe { &mut *host })
}

/// Makes sure that this execution began with empty folders.
pub(super) fn begin() {
    if !kernel::has_emptied() {
        empty_all();
    }
}

/// Empties the folders, and makes the one that programs run in current.
pub(super) fn empty_all() {
    let _outside = Outside::enter();
    or_lost(with(|host| match host.current {
        Some(current) => {
            // What an execution left open when it ended.
            close_from(current + 1);
            // They are there where they could not be taken away.
            let _ = let_use(current);
            empty(current)?;
            if std::mem::take(&mut host.temporary) {
                remove_all(host.top, TEMPORARY_NAME)?;
            }
            Ok(())
        }
        None if entries(host.top)?.is_empty() => {
            make(host.top, CURRENT_NAME)?;
            let current = open(host.top, CURRENT_NAME)?;
            // SAFETY: fchdir has no preconditions.
            if unsafe { libc::syscall(libc::SYS_fchdir, current) } < 0 {
                return Err(Error::last_os_error());
            }
            host.current = Some(current);
            host.rights_change = let_use(current);
            Ok(())
        }
        // Somebody started the program by hand in a folder of theirs.
        None => Err(Error::other("it is not empty")),
    }));
}

/// Gives the rights to a folder back, which a program has perhaps taken from itself;
/// `false` where the system does not let that be done.
fn let_use(folder: c_int) -> bool {
    // SAFETY: fchmod has no preconditions.
    unsafe { libc::syscall(libc::SYS_fchmod, folder, 0o700) == 0 }
}

/// Whether a file that is made with these rights is in truth made with one more, that
/// to read it: where rights never change, nobody could give it back to look at what is
/// left and to remove it. To enter a folder and to change it are not needed for that, as
/// without them it stays empty.
pub(super) fn is_made_readable(mode: libc::mode_t) -> bool {
    kernel::is_simulated()
        && mode & libc::S_IRUSR == 0
        && with(|host| host.current.is_some() && !host.rights_change)
}

/// Has the folder that programs run in be one that can be looked into: with none of
/// its rights not even its own name leads there.
pub(super) fn open_up() {
    with(|host| host.current.map(let_use));
}

/// The folder for temporary files, as the folder and the name that it is
/// reached by.
fn temporary() -> c_int {
    begin();
    let _outside = Outside::enter();
    or_lost(with(|host| {
        if !std::mem::replace(&mut host.temporary, true) {
            make(host.top, TEMPORARY_NAME)?;
        }
        Ok(host.top)
    }))
}

/// What came of an attempt to use the folders, which must work.
pub(super) fn or_lost<T>(ready: Result<T>) -> T {
    ready.unwrap_or_else(|error| {
        use std::io::Write as _;
        // The grader reads this; it is no fault of the submission.
        let _ = writeln!(
            std::io::stderr(),
            "the scratch folder cannot be used: {error}"
        );
        entry::leave(entry::LOST)
    })
}

/// The folder, empty at the beginning of this execution, as a path that is the
/// same in every process: it is the current directory.
pub(crate) fn scratch() -> PathBuf {
    begin();
    PathBuf::from(".")
}

/// Closes what the programs of this execution have left open, none of which runs any
/// more.
pub(super) fn close_rest() {
    if let Some(current) = with(|host| host.current) {
        close_from(current + 1);
    }
}

/// Closes every descriptor from this one on.
fn close_from(first: c_int) {
    /// The highest one that a process can have: see `Limit::OpenFiles`.
    const LAST: libc::c_int = 2047;
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
///
/// However deep its folders lie in one another, this has one of them open at a
/// time, and goes back up by its parent: nobody moves folders meanwhile.
fn empty(folder: c_int) -> Result<()> {
    // The folders on the way down: what is still in each, and the next one's name.
    let mut above: Vec<(Vec<CString>, CString)> = Vec::new();
    let mut here = folder;
    let mut names = entries(folder)?;
    let done = loop {
        let next = match names.pop() {
            Some(name) => match remove_one(here, &name) {
                Ok(()) => continue,
                Err(_) => {
                    // SAFETY: the name is a C string.
                    unsafe { libc::syscall(libc::SYS_fchmodat, here, name.as_ptr(), 0o700) };
                    let inner = open(here, &name);
                    above.push((std::mem::take(&mut names), name));
                    inner.and_then(|inner| Ok((inner, entries(inner)?)))
                }
            },
            None => match above.pop() {
                Some((rest, name)) => open(here, c"..").and_then(|parent| {
                    remove(parent, &name, libc::AT_REMOVEDIR)?;
                    Ok((parent, rest))
                }),
                None => break Ok(()),
            },
        };
        if here != folder {
            // SAFETY: it was opened here and nobody else knows it.
            unsafe { libc::syscall(libc::SYS_close, here) };
        }
        match next {
            Ok((folder, inside)) => (here, names) = (folder, inside),
            Err(error) => return Err(error),
        }
    };
    if here != folder {
        // SAFETY: as above.
        unsafe { libc::syscall(libc::SYS_close, here) };
    }
    done
}

/// Removes something, with everything in it, if it is there.
fn remove_all(folder: c_int, name: &CStr) -> Result<()> {
    if remove_one(folder, name).is_ok() {
        return Ok(());
    }
    // SAFETY: the name is a C string.
    unsafe { libc::syscall(libc::SYS_fchmodat, folder, name.as_ptr(), 0o700) };
    let inner = open(folder, name)?;
    let emptied = empty(inner);
    // SAFETY: it was opened here and nobody else knows it.
    unsafe { libc::syscall(libc::SYS_close, inner) };
    emptied?;
    remove(folder, name, libc::AT_REMOVEDIR)
}

/// Removes what has nothing in it, if it is there. Nobody needs a right to a folder for
/// that.
fn remove_one(folder: c_int, name: &CStr) -> Result<()> {
    match remove(folder, name, 0) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(_) => remove(folder, name, libc::AT_REMOVEDIR),
        Ok(()) => Ok(()),
    }
}

fn remove(folder: c_int, name: &CStr, flags: c_int) -> Result<()> {
    // SAFETY: the name is a C string.
    match unsafe { libc::syscall(libc::SYS_unlinkat, folder, name.as_ptr(), flags) } {
        0 => Ok(()),
        _ => Err(Error::last_os_error()),
    }
}

/// The names in a folder, from its beginning.
pub(super) fn entries(folder: c_int) -> Result<Vec<CString>> {
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Leads {
    /// Into one of the folders: the descriptor to begin at, and the path from
    /// there.
    Inside(c_int, CString),
    /// To the device that swallows everything.
    Nowhere,
    /// To a standard stream, by its descriptor.
    Stream(c_int),
    /// To what the system tells about itself, which std looks at on its own.
    System,
    /// To somebody else's files.
    Outside,
}

/// Where a path leads that is relative to this folder.
pub(super) fn leads(folder: c_int, path: &CStr) -> Leads {
    let text = path.to_bytes();
    if !text.starts_with(b"/") {
        return match leaves(text) {
            true => Leads::Outside,
            false => Leads::Inside(folder, path.to_owned()),
        };
    }
    if let Some(inner) = relative(CURRENT.to_bytes(), text) {
        return match leaves(inner) {
            true => Leads::Outside,
            false => Leads::Inside(libc::AT_FDCWD, joined(b".", inner)),
        };
    }
    if let Some(inner) = relative(TEMPORARY.to_bytes(), text) {
        return match leaves(inner) {
            true => Leads::Outside,
            false => Leads::Inside(temporary(), joined(TEMPORARY_NAME.to_bytes(), inner)),
        };
    }
    match text {
        b"/dev/null" => Leads::Nowhere,
        b"/dev/stdin" | b"/dev/fd/0" | b"/proc/self/fd/0" => Leads::Stream(0),
        b"/dev/stdout" | b"/dev/fd/1" | b"/proc/self/fd/1" => Leads::Stream(1),
        b"/dev/stderr" | b"/dev/fd/2" | b"/proc/self/fd/2" => Leads::Stream(2),
        _ if text.starts_with(b"/proc/") || text.starts_with(b"/sys/") => Leads::System,
        _ => Leads::Outside,
    }
}

/// A path in a folder; parts of a C string, so there is no NUL in it.
fn joined(folder: &[u8], inner: &[u8]) -> CString {
    let path = match inner {
        [] => folder.to_vec(),
        inner => [folder, inner].join(&b'/'),
    };
    CString::new(path).unwrap_or_default()
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

/// Where a symbolic link at a path to this target leads.
pub(super) fn link_leads(path: &CStr, target: &CStr) -> Leads {
    let (path, to) = (path.to_bytes(), target.to_bytes());
    if to.starts_with(b"/") {
        return leads(libc::AT_FDCWD, target);
    }
    let parent = match path.iter().rposition(|byte| *byte == b'/') {
        None => &b"."[..],
        Some(0) => b"/",
        Some(end) => &path[..end],
    };
    leads(libc::AT_FDCWD, &joined(parent, to))
}

/// A path as a person would write it: from the folder.
pub(super) fn shown(path: &CStr) -> String {
    let path = path.to_bytes();
    let inner = relative(CURRENT.to_bytes(), path).unwrap_or(path);
    format!("{:?}", String::from_utf8_lossy(inner))
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
