//! What has a path. Each is a step, and then the real system call.

use std::ffi::CStr;
use std::io::Error;

use libc::{c_char, c_int, c_long, c_uint, mode_t, size_t, ssize_t};

use super::folder::{self, Leads};
use super::here;
use crate::kernel;

/// Makes a call fail with this error.
pub(super) fn fail(error: c_int) -> c_long {
    // SAFETY: the place of this thread's error number is always there.
    unsafe { *libc::__errno_location() = error };
    -1
}

/// Takes the step of a call with a path; then does it.
///
/// # Safety
/// The path must be a C string.
pub(super) unsafe fn on_path(
    call: &'static str,
    verb: &'static str,
    path: *const c_char,
    then: impl FnOnce() -> c_long,
) -> c_long {
    // SAFETY: the caller's promise.
    unsafe { on_paths(call, verb, path, None, then) }
}

/// The same for a call that may have a second path.
///
/// # Safety
/// The paths must be C strings.
unsafe fn on_paths(
    call: &'static str,
    verb: &'static str,
    path: *const c_char,
    other: Option<*const c_char>,
    then: impl FnOnce() -> c_long,
) -> c_long {
    if !kernel::is_simulated() {
        return then();
    }
    // SAFETY: the caller's promise.
    let paths = [Some(path), other].map(|path| path.map(|path| unsafe { CStr::from_ptr(path) }));
    for path in paths.into_iter().flatten() {
        match folder::leads(path) {
            Leads::Inside => {}
            Leads::Nowhere => {
                // What the last execution left open is closed first.
                folder::begin();
                return then();
            }
            Leads::System => return fail(libc::EACCES),
            Leads::Outside => folder::refuse(path),
        }
    }
    folder::begin();
    here::step(call, verb);
    let result = then();
    let error = (result < 0).then(Error::last_os_error);
    kernel::value(|| {
        let mut text: Vec<_> = paths.into_iter().flatten().map(folder::shown).collect();
        text.extend(error.as_ref().map(|error| format!("fails: {error}")));
        text.join(", ")
    });
    if let Some(number) = error.and_then(|error| error.raw_os_error()) {
        return fail(number);
    }
    result
}

/// Defines functions of libc that take a path, as a step and a system call.
macro_rules! paths {
    ($($(#[doc = $doc:literal])* $name:ident($path:ident $(, $argument:ident: $Type:ty)*)
        = $call:literal, $verb:expr, $system:ident($($given:expr),*);)*) => {
        $(
            $(#[doc = $doc])*
            ///
            /// # Safety
            /// As for the function of libc.
            #[unsafe(no_mangle)]
            pub(crate) unsafe extern "C" fn $name($path: *const c_char $(, $argument: $Type)*) -> c_int {
                // SAFETY: the caller's promise.
                unsafe { on_path($call, $verb, $path, || libc::syscall(libc::$system, $($given),*)) as c_int }
            }
        )*
    };
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
    /// `open64`, with the third argument that it does not always have.
    open64(path, flags: c_int, mode: mode_t)
        = "File::open", opening(flags), SYS_openat(libc::AT_FDCWD, path, flags, mode);
    /// `rmdir`.
    rmdir(path) = "fs::remove_dir", "removes a folder", SYS_unlinkat(libc::AT_FDCWD, path, libc::AT_REMOVEDIR);
    /// `unlink`.
    unlink(path) = "fs::remove_file", "removes a file", SYS_unlinkat(libc::AT_FDCWD, path, 0);
    /// `mkdir`.
    mkdir(path, mode: mode_t) = "fs::create_dir", "creates a folder", SYS_mkdirat(libc::AT_FDCWD, path, mode);
    /// `chmod`.
    chmod(path, mode: mode_t)
        = "fs::set_permissions", "changes permissions of", SYS_fchmodat(libc::AT_FDCWD, path, mode);
    /// `stat64`, where there is no `statx`.
    stat64(path, told: *mut libc::stat64)
        = "fs::metadata", "looks at", SYS_newfstatat(libc::AT_FDCWD, path, told, 0);
    /// `lstat64`, where there is no `statx`.
    lstat64(path, told: *mut libc::stat64)
        = "fs::symlink_metadata", "looks at",
        SYS_newfstatat(libc::AT_FDCWD, path, told, libc::AT_SYMLINK_NOFOLLOW);
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
    unsafe {
        on_path("File::open", opening(flags), path, || {
            libc::syscall(libc::SYS_openat, folder, path, flags, mode)
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
    unsafe {
        on_path("fs::read_link", "looks at the link", path, || {
            libc::syscall(libc::SYS_readlinkat, libc::AT_FDCWD, path, buffer, length)
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
        on_path("fs::remove_dir_all", "removes", path, || {
            libc::syscall(libc::SYS_unlinkat, folder, path, flags)
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
        on_paths("fs::rename", "renames", from, Some(to), || {
            libc::syscall(
                libc::SYS_renameat2,
                libc::AT_FDCWD,
                from,
                libc::AT_FDCWD,
                to,
                0,
            )
        }) as c_int
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
    // SAFETY: the caller's promise.
    unsafe {
        on_paths("fs::hard_link", "links", from, Some(to), || {
            libc::syscall(libc::SYS_linkat, from_folder, from, to_folder, to, flags)
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
    let leads_to = unsafe { CStr::from_ptr(target) };
    if kernel::is_simulated() && !folder::is_harmless_link(leads_to) {
        kernel::unsupported(format!(
            "it makes a symbolic link to `{}`, which is not below the link's own folder",
            leads_to.to_string_lossy()
        ));
    }
    // SAFETY: the caller's promise.
    unsafe {
        on_path("fs::symlink", "makes the symbolic link", path, || {
            libc::syscall(libc::SYS_symlinkat, target, libc::AT_FDCWD, path)
        }) as c_int
    }
}

/// `statx`. To look at a file that is open is no step.
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
    // SAFETY: the caller's promise.
    let look = || unsafe { libc::syscall(libc::SYS_statx, folder, path, flags, mask, told) };
    // SAFETY: the caller's promise; std asks with no path whether there is such
    // a call at all.
    let unnamed = path.is_null() || unsafe { *path } == 0;
    let result = if unnamed {
        look()
    } else {
        // SAFETY: the caller's promise.
        unsafe { on_path("fs::metadata", "looks at", path, look) }
    };
    if result == 0 && kernel::is_simulated() && !told.is_null() {
        // SAFETY: the caller gives a place, which the system has filled.
        unsafe { virtual_times(&mut *told) };
    }
    result as c_int
}

/// Files were made just now, by the real clock: it must not be seen. Times that
/// were set on purpose stay.
fn virtual_times(told: &mut libc::statx) {
    const DAY: i64 = 24 * 60 * 60;
    let mut real = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the place for the time is writable.
    unsafe { libc::syscall(libc::SYS_clock_gettime, libc::CLOCK_REALTIME, &raw mut real) };
    let epoch = kernel::epoch();
    for time in [
        &mut told.stx_atime,
        &mut told.stx_btime,
        &mut told.stx_ctime,
        &mut told.stx_mtime,
    ] {
        if (time.tv_sec - real.tv_sec).abs() < DAY {
            time.tv_sec = (epoch / 1_000_000_000) as i64;
            time.tv_nsec = (epoch % 1_000_000_000) as u32;
        }
    }
}
