//! What has a path. Each is a step, and then the real system call.

use std::convert;
use std::ffi::CStr;
use std::io::Error;

use libc::{c_char, c_int, c_long, c_uint, mode_t, size_t, ssize_t};

use super::descriptors::{self, Thing};
use super::folder::{self, Leads};
use super::{disk, here, identity, refused, streams};
use crate::kernel;

/// Makes a call fail with this error.
pub(super) fn fail(error: c_int) -> c_long {
    // SAFETY: the place of this thread's error number is always there.
    unsafe { *libc::__errno_location() = error };
    -1
}

/// Where a path begins, and the path from there, for the system.
#[derive(Clone, Copy)]
pub(super) struct At {
    pub(super) folder: c_int,
    pub(super) path: *const c_char,
}

impl At {
    /// From the current directory.
    pub(super) fn here(path: *const c_char) -> At {
        At {
            folder: libc::AT_FDCWD,
            path,
        }
    }

    /// What is open as this.
    pub(super) fn open(descriptor: c_int) -> At {
        At {
            folder: descriptor,
            path: c"".as_ptr(),
        }
    }
}

/// Takes the step of a call with a path; then does it, with the path that the
/// system is to be given.
///
/// # Safety
/// The path must be a C string.
pub(super) unsafe fn on_path(
    call: &'static str,
    verb: &'static str,
    path: At,
    then: impl FnOnce(At) -> c_long,
) -> c_long {
    // SAFETY: the caller's promise.
    unsafe { on_paths(call, verb, [path], |[path]| then(path)) }
}

/// The same for a call that may have several paths.
///
/// # Safety
/// The paths must be C strings.
unsafe fn on_paths<const N: usize>(
    call: &'static str,
    verb: &'static str,
    given: [At; N],
    then: impl FnOnce([At; N]) -> c_long,
) -> c_long {
    if !kernel::is_simulated() {
        return then(given);
    }
    // SAFETY: the caller's promise.
    let paths = given.map(|at| unsafe { CStr::from_ptr(at.path) });
    let mut real = given;
    // Hold the text of the real paths.
    let mut texts = [const { None }; N];
    for (index, path) in paths.into_iter().enumerate() {
        match folder::leads(given[index].folder, path) {
            Leads::Inside(folder, path) => {
                let text = texts[index].insert(path);
                real[index] = At {
                    folder,
                    path: text.as_ptr(),
                };
            }
            Leads::Nowhere => {
                // What the last execution left open is closed first.
                folder::begin();
                return then(given);
            }
            Leads::System | Leads::Stream(_) => return fail(libc::EACCES),
            Leads::Outside => folder::refuse(path),
        }
    }
    folder::begin();
    here::step(call, verb);
    let result = then(real);
    let error = (result < 0).then(Error::last_os_error);
    kernel::value(|| {
        let mut text: Vec<_> = paths.into_iter().map(folder::shown).collect();
        text.extend(error.as_ref().map(|error| format!("fails: {error}")));
        text.join(", ")
    });
    if let Some(number) = error.and_then(|error| error.raw_os_error()) {
        disk::has_descriptors_left(number);
        return fail(number);
    }
    result
}

/// The standard stream that a path names, if it does.
///
/// # Safety
/// The path must be a C string.
unsafe fn stream(path: *const c_char) -> Option<Thing> {
    if !kernel::is_simulated() {
        return None;
    }
    // SAFETY: the caller's promise.
    match folder::leads(libc::AT_FDCWD, unsafe { CStr::from_ptr(path) }) {
        Leads::Stream(stream) => Some(Thing::Stream(stream)),
        _ => None,
    }
}

/// Defines functions of libc that take a path, as a step and a system call.
macro_rules! paths {
    ($($(#[doc = $doc:literal])* $name:ident($at:ident $(, $argument:ident: $Type:ty)*)
        = $call:literal, $verb:expr, $then:path, $system:ident($($given:expr),*);)*) => {
        $(
            $(#[doc = $doc])*
            ///
            /// # Safety
            /// As for the function of libc.
            #[unsafe(no_mangle)]
            pub(crate) unsafe extern "C" fn $name(path: *const c_char $(, $argument: $Type)*) -> c_int {
                // SAFETY: the caller's promise.
                unsafe {
                    on_path($call, $verb, At::here(path), |$at| {
                        $then(libc::syscall(libc::$system, $at.folder, $at.path $(, $given)*))
                    }) as c_int
                }
            }
        )*
    };
}

/// Changes the owner of what is at a path.
///
/// # Safety
/// The path must be a C string.
unsafe fn change_owner(
    call: &'static str,
    path: *const c_char,
    (owner, group): (libc::uid_t, libc::gid_t),
    flags: c_int,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe {
        on_path(
            call,
            "changes the owner of",
            At::here(path),
            |at| match kernel::is_simulated() {
                true if !disk::has(at) => fail(libc::ENOENT),
                true => identity::gives(owner, group),
                false => libc::syscall(libc::SYS_fchownat, at.folder, at.path, owner, group, flags),
            },
        ) as c_int
    }
}

/// `chown`.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn chown(
    path: *const c_char,
    owner: libc::uid_t,
    group: libc::gid_t,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { change_owner("fs::chown", path, (owner, group), 0) }
}

/// `lchown`.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn lchown(
    path: *const c_char,
    owner: libc::uid_t,
    group: libc::gid_t,
) -> c_int {
    let flags = libc::AT_SYMLINK_NOFOLLOW;
    // SAFETY: the caller's promise.
    unsafe { change_owner("fs::lchown", path, (owner, group), flags) }
}

/// `mkdir`.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn mkdir(path: *const c_char, mode: mode_t) -> c_int {
    // SAFETY: the caller's promise.
    unsafe {
        on_path("fs::create_dir", "creates a folder", At::here(path), |at| {
            let (readable, mode) = rights(mode);
            let result = libc::syscall(libc::SYS_mkdirat, at.folder, at.path, mode);
            disk::made(identity::made_with(result, at, readable))
        }) as c_int
    }
}

/// The rights that something new really gets, and whether they are one more than those
/// that it is said to have.
fn rights(mode: mode_t) -> (bool, mode_t) {
    match folder::is_made_readable(mode) {
        true => (true, mode | libc::S_IRUSR),
        false => (false, mode),
    }
}

/// What `open` does, by its flags.
fn opening(flags: c_int) -> &'static str {
    let has = |flag| flags & flag == flag;
    if has(libc::O_CREAT | libc::O_EXCL) {
        "creates a new file"
    } else if has(libc::O_CREAT | libc::O_TRUNC) {
        "creates or empties a file"
    } else if has(libc::O_CREAT) {
        "opens or creates a file"
    } else if has(libc::O_TRUNC) {
        "empties a file"
    } else {
        "opens a file"
    }
}

paths! {
    /// `rmdir`.
    rmdir(at) = "fs::remove_dir", "removes a folder", disk::removed, SYS_unlinkat(libc::AT_REMOVEDIR);
    /// `unlink`.
    unlink(at) = "fs::remove_file", "removes a file", disk::removed, SYS_unlinkat(0);
    /// `chmod`.
    chmod(at, mode: mode_t) = "fs::set_permissions", "changes permissions of", convert::identity, SYS_fchmodat(mode);
    /// `stat64`, where there is no `statx`.
    stat64(at, told: *mut libc::stat64) = "fs::metadata", "looks at", convert::identity, SYS_newfstatat(told, 0);
    /// `lstat64`, where there is no `statx`.
    lstat64(at, told: *mut libc::stat64)
        = "fs::symlink_metadata", "looks at", convert::identity, SYS_newfstatat(told, libc::AT_SYMLINK_NOFOLLOW);
}

/// `open64`, with the third argument that it does not always have.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn open64(path: *const c_char, flags: c_int, mode: mode_t) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { openat64(libc::AT_FDCWD, path, flags, mode) }
}

/// `openat64`.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn openat64(
    folder: c_int,
    path: *const c_char,
    flags: c_int,
    mode: mode_t,
) -> c_int {
    // SAFETY: the caller's promise.
    if let Some(stream) = unsafe { stream(path) } {
        return descriptors::open(stream);
    }
    // SAFETY: the caller's promise.
    unsafe {
        on_path("File::open", opening(flags), At { folder, path }, |at| {
            let nameless = flags & libc::O_TMPFILE == libc::O_TMPFILE;
            let is_new = nameless || (flags & libc::O_CREAT != 0 && !disk::leads(at));
            let reads = flags & libc::O_ACCMODE != libc::O_WRONLY;
            if !is_new && reads && identity::is_unreadable(at) {
                return fail(libc::EACCES);
            }
            let (readable, mode) = rights(mode);
            let opened = libc::syscall(libc::SYS_openat, at.folder, at.path, flags, mode);
            let made = At::open(opened as c_int);
            match is_new {
                true => disk::made(identity::made_with(opened, made, readable)),
                false => opened,
            }
        }) as c_int
    }
}

/// `readlink`.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn readlink(
    path: *const c_char,
    buffer: *mut c_char,
    length: size_t,
) -> ssize_t {
    // SAFETY: the caller's promise.
    if kernel::is_simulated() && unsafe { CStr::from_ptr(path) } == c"/proc/self/cwd" {
        let text = folder::CURRENT.to_bytes();
        let length = text.len().min(length);
        // SAFETY: the caller gives room for that many bytes.
        unsafe { buffer.copy_from_nonoverlapping(text.as_ptr().cast(), length) };
        return length as ssize_t;
    }
    // SAFETY: the caller's promise.
    unsafe {
        on_path("fs::read_link", "looks at the link", At::here(path), |at| {
            libc::syscall(libc::SYS_readlinkat, at.folder, at.path, buffer, length)
        }) as ssize_t
    }
}

/// `unlinkat`.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn unlinkat(
    folder: c_int,
    path: *const c_char,
    flags: c_int,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe {
        on_path("fs::remove_dir_all", "removes", At { folder, path }, |at| {
            disk::removed(libc::syscall(libc::SYS_unlinkat, at.folder, at.path, flags))
        }) as c_int
    }
}

/// `rename`.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn rename(from: *const c_char, to: *const c_char) -> c_int {
    // SAFETY: the caller's promise.
    unsafe {
        on_paths(
            "fs::rename",
            "renames",
            [from, to].map(At::here),
            |[from, to]| {
                // Of two names of one file both stay.
                let replaces = disk::has(to) && !disk::are_one(from, to);
                let renamed = libc::syscall(
                    libc::SYS_renameat2,
                    from.folder,
                    from.path,
                    to.folder,
                    to.path,
                    0,
                );
                match replaces {
                    true => disk::removed(renamed),
                    false => renamed,
                }
            },
        ) as c_int
    }
}

/// `linkat`.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn linkat(
    from_folder: c_int,
    from: *const c_char,
    to_folder: c_int,
    to: *const c_char,
    flags: c_int,
) -> c_int {
    let from = At {
        folder: from_folder,
        path: from,
    };
    let to = At {
        folder: to_folder,
        path: to,
    };
    // SAFETY: the caller's promise.
    unsafe {
        on_paths("fs::hard_link", "links", [from, to], |[from, to]| {
            disk::made(libc::syscall(
                libc::SYS_linkat,
                from.folder,
                from.path,
                to.folder,
                to.path,
                flags,
            ))
        }) as c_int
    }
}

/// `symlink`. What a link leads to is below the folder that it is in.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn symlink(target: *const c_char, path: *const c_char) -> c_int {
    // SAFETY: the caller's promise.
    let (leads_to, from) = unsafe { (CStr::from_ptr(target), CStr::from_ptr(path)) };
    if kernel::is_simulated() && !folder::is_harmless_link(leads_to) {
        let shown = leads_to.to_string_lossy();
        if folder::link_leads(from, leads_to) == Leads::Outside {
            kernel::unsupported(format!(
                "it makes a symbolic link to `{shown}`, which is outside of the folder that it \
                 runs in"
            ));
        }
        refused::not_simulated(format!(
            "symbolic links such as to `{shown}`, which is not below the link's own folder"
        ));
    }
    // SAFETY: the caller's promise.
    unsafe {
        on_path(
            "fs::symlink",
            "makes the symbolic link",
            At::here(path),
            |at| {
                let result = libc::syscall(libc::SYS_symlinkat, target, at.folder, at.path);
                disk::made(identity::made(result, at))
            },
        ) as c_int
    }
}

/// `statx`.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn statx(
    folder: c_int,
    path: *const c_char,
    flags: c_int,
    mask: c_uint,
    told: *mut libc::statx,
) -> c_int {
    let look = |at: At| {
        // SAFETY: the caller's promise.
        unsafe { libc::syscall(libc::SYS_statx, at.folder, at.path, flags, mask, told) }
    };
    // SAFETY: the caller's promise; std asks with no path whether there is such
    // a call at all.
    let unnamed = path.is_null() || unsafe { *path } == 0;
    let thing = match unnamed {
        true => descriptors::thing(folder),
        // SAFETY: the caller's promise.
        false => unsafe { stream(path) },
    };
    if thing.is_some() && !told.is_null() {
        // SAFETY: the caller gives a place.
        descriptors::told(unsafe { &mut *told });
        return 0;
    }
    let at = At { folder, path };
    let result = if unnamed {
        if kernel::is_simulated() && !told.is_null() {
            streams::looks("File::metadata", "looks at a file");
        }
        look(at)
    } else {
        // SAFETY: the caller's promise.
        unsafe { on_path("fs::metadata", "looks at", at, look) }
    };
    if result == 0 && kernel::is_simulated() && !told.is_null() {
        // SAFETY: the caller gives a place, which the system has filled.
        identity::hide(unsafe { &mut *told });
    }
    result as c_int
}
