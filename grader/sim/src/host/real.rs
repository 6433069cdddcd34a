//! The real path of a file, as a submission sees it: `getcwd` and `realpath`.

use std::collections::VecDeque;
use std::ffi::CStr;

use libc::{c_char, c_int, size_t};

use super::files::{At, fail, on_path};
use super::folder::{self, Leads};
use crate::kernel;

/// As many links as Linux follows in one path.
const MOST_LINKS: usize = 40;

/// `getcwd`.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn getcwd(buffer: *mut c_char, length: size_t) -> *mut c_char {
    if !kernel::is_simulated() {
        // SAFETY: the caller's promise.
        let got = unsafe { libc::syscall(libc::SYS_getcwd, buffer, length) };
        return if got < 0 {
            std::ptr::null_mut()
        } else {
            buffer
        };
    }
    let path = folder::CURRENT.to_bytes_with_nul();
    if length < path.len() {
        fail(libc::ERANGE);
        return std::ptr::null_mut();
    }
    // SAFETY: the caller gives room for that many bytes.
    unsafe { buffer.copy_from_nonoverlapping(path.as_ptr().cast(), path.len()) };
    buffer
}

/// `realpath`, which `fs::canonicalize` calls with no place for the answer.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn realpath(path: *const c_char, place: *mut c_char) -> *mut c_char {
    if !kernel::is_simulated() {
        // Nothing of the simulation's own asks.
        fail(libc::ENOSYS);
        return std::ptr::null_mut();
    }
    let mut real = Vec::new();
    // SAFETY: the caller's promise.
    let given = unsafe { CStr::from_ptr(path) };
    // SAFETY: the caller's promise.
    let found = unsafe {
        on_path(
            "fs::canonicalize",
            "looks at",
            At::here(path),
            |_| match resolve(given.to_bytes()) {
                Ok(path) => {
                    real = path;
                    0
                }
                Err(error) => fail(error),
            },
        )
    };
    if found < 0 {
        return std::ptr::null_mut();
    }
    real.push(0);
    let place = if place.is_null() {
        // SAFETY: malloc has no preconditions; the caller frees it.
        unsafe { libc::malloc(real.len()) }.cast()
    } else {
        place
    };
    if !place.is_null() {
        // SAFETY: there is room for it: it was just made, or is PATH_MAX long,
        // which no path that the system knows passes.
        unsafe { place.copy_from_nonoverlapping(real.as_ptr().cast(), real.len()) };
    }
    place
}

/// An absolute path without links, `.` or `..`.
///
/// # Errors
/// The number of the error, where there is no such file.
fn resolve(path: &[u8]) -> Result<Vec<u8>, c_int> {
    let parts = |path: &[u8]| -> Vec<Vec<u8>> {
        path.split(|byte| *byte == b'/')
            .filter(|part| !part.is_empty() && *part != b".")
            .map(<[u8]>::to_vec)
            .collect()
    };
    let mut done = match path.first() {
        None => return Err(libc::ENOENT),
        Some(b'/') => Vec::new(),
        Some(_) => parts(folder::CURRENT.to_bytes()),
    };
    let mut rest = VecDeque::from(parts(path));
    let mut links = 0;
    while let Some(part) = rest.pop_front() {
        if part == b".." {
            done.pop();
            continue;
        }
        done.push(part);
        let Some(target) = link(&absolute(&done))? else {
            continue;
        };
        links += 1;
        if links > MOST_LINKS {
            return Err(libc::ELOOP);
        }
        // No link leads to an absolute path.
        done.pop();
        for part in parts(&target).into_iter().rev() {
            rest.push_front(part);
        }
    }
    Ok(absolute(&done))
}

fn absolute(parts: &[Vec<u8>]) -> Vec<u8> {
    [b"/", parts.join(&b'/').as_slice()].concat()
}

/// What a symbolic link holds; `None` for a file of another kind.
fn link(path: &[u8]) -> Result<Option<Vec<u8>>, c_int> {
    let mut text = path.to_vec();
    text.push(0);
    let path = CStr::from_bytes_until_nul(&text).map_err(|_| libc::EINVAL)?;
    let Leads::Inside(folder, path) = folder::leads(libc::AT_FDCWD, path) else {
        return Err(libc::EACCES);
    };
    let mut target = vec![0u8; libc::PATH_MAX as usize];
    // SAFETY: the path is a C string and the buffer is writable.
    let length = unsafe {
        libc::syscall(
            libc::SYS_readlinkat,
            folder,
            path.as_ptr(),
            target.as_mut_ptr(),
            target.len(),
        )
    };
    if let Ok(length) = usize::try_from(length) {
        target.truncate(length);
        return Ok(Some(target));
    }
    match std::io::Error::last_os_error().raw_os_error() {
        // It is there, and no link.
        Some(libc::EINVAL) => Ok(None),
        other => Err(other.unwrap_or(libc::EIO)),
    }
}
