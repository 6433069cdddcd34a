//! The entries of a folder.
//!
//! The order in which a file system gives them is its own affair and differs
//! from machine to machine. Here it is a fixed one that looks arbitrary, so
//! that nobody comes to rely on an order of names.

use std::ffi::{CStr, CString};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{Error, Result};

use super::files::{At, fail, on_path};
use super::{folder, here, identity};
use crate::kernel;

/// One entry, as the system tells of it.
pub(super) struct Entry<'a> {
    pub(super) name: &'a CStr,
    number: u64,
    kind: u8,
}

/// Calls `f` with each entry of a folder, from where its descriptor stands.
pub(super) fn each(descriptor: libc::c_int, mut f: impl FnMut(Entry<'_>)) -> Result<()> {
    /// Where the parts of a `linux_dirent64` are.
    const LENGTH: usize = 16;
    const KIND: usize = 18;
    const NAME: usize = 19;
    let mut buffer = [0u8; 4096];
    loop {
        // SAFETY: the buffer is writable for its whole length.
        let got = unsafe {
            libc::syscall(
                libc::SYS_getdents64,
                descriptor,
                buffer.as_mut_ptr(),
                buffer.len(),
            )
        };
        let got = usize::try_from(got).map_err(|_| Error::last_os_error())?;
        if got == 0 {
            return Ok(());
        }
        let mut rest = &buffer[..got];
        while rest.len() > NAME {
            let length = usize::from(u16::from_ne_bytes([rest[LENGTH], rest[LENGTH + 1]]));
            let (record, after) = rest.split_at(length.clamp(NAME, rest.len()));
            rest = after;
            let number = record
                .first_chunk()
                .map_or(0, |bytes| u64::from_ne_bytes(*bytes));
            if let Ok(name) = CStr::from_bytes_until_nul(&record[NAME..]) {
                f(Entry {
                    name,
                    number,
                    kind: record[KIND],
                });
            }
        }
    }
}

/// What stands for libc's `DIR`.
pub(crate) struct Listing {
    descriptor: libc::c_int,
    entries: std::vec::IntoIter<(CString, u64, u8)>,
    /// The entry that was given out last.
    entry: libc::dirent64,
}

impl Listing {
    fn open(descriptor: libc::c_int) -> Result<*mut Listing> {
        let mut entries = Vec::new();
        each(descriptor, |entry| {
            if entry.name != c"." && entry.name != c".." {
                entries.push((entry.name.to_owned(), entry.number, entry.kind));
            }
        })?;
        entries.sort_by_cached_key(|(name, ..)| {
            let mut hasher = DefaultHasher::new();
            name.hash(&mut hasher);
            hasher.finish()
        });
        if kernel::is_simulated() {
            for (name, number, _) in &mut entries {
                *number = identity::number(At {
                    folder: descriptor,
                    path: name.as_ptr(),
                });
            }
        }
        let listing = Box::new(Listing {
            descriptor,
            entries: entries.into_iter(),
            // SAFETY: all parts of it are numbers, for which zero is a value.
            entry: unsafe { std::mem::zeroed() },
        });
        Ok(Box::into_raw(listing))
    }
}

fn opened(descriptor: libc::c_int) -> *mut Listing {
    match Listing::open(descriptor) {
        Ok(listing) => listing,
        Err(error) => {
            fail(error.raw_os_error().unwrap_or(libc::EIO));
            std::ptr::null_mut()
        }
    }
}

/// `opendir`.
///
/// # Safety
/// As for the function of libc.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn opendir(path: *const libc::c_char) -> *mut Listing {
    // SAFETY: the caller's promise.
    let got = unsafe {
        on_path("fs::read_dir", "lists", At::here(path), |at| {
            if identity::is_unreadable(at) {
                return fail(libc::EACCES);
            }
            libc::syscall(
                libc::SYS_openat,
                at.folder,
                at.path,
                libc::O_RDONLY | libc::O_DIRECTORY | libc::O_CLOEXEC,
            )
        })
    };
    if got < 0 {
        return std::ptr::null_mut();
    }
    opened(got as libc::c_int)
}

/// `fdopendir`.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn fdopendir(descriptor: libc::c_int) -> *mut Listing {
    if kernel::is_simulated() {
        folder::begin();
        here::step("fs::read_dir", "lists a folder");
    }
    opened(descriptor)
}

/// `readdir64`.
///
/// # Safety
/// The listing must come from one of the functions here and not be closed.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn readdir64(listing: *mut Listing) -> *mut libc::dirent64 {
    // SAFETY: the caller's promise.
    let listing = unsafe { &mut *listing };
    let Some((name, number, kind)) = listing.entries.next() else {
        return std::ptr::null_mut();
    };
    listing.entry.d_ino = number;
    listing.entry.d_type = kind;
    let bytes = name.as_bytes_with_nul();
    for (place, byte) in listing.entry.d_name.iter_mut().zip(bytes) {
        *place = *byte as libc::c_char;
    }
    &raw mut listing.entry
}

/// `closedir`.
///
/// # Safety
/// The listing must come from one of the functions here and not be closed.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn closedir(listing: *mut Listing) -> libc::c_int {
    // SAFETY: the caller's promise; it was a box.
    let listing = unsafe { Box::from_raw(listing) };
    // SAFETY: the listing owned its descriptor.
    unsafe { libc::syscall(libc::SYS_close, listing.descriptor) as libc::c_int }
}

/// `dirfd`.
///
/// # Safety
/// The listing must come from one of the functions here and not be closed.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn dirfd(listing: *mut Listing) -> libc::c_int {
    // SAFETY: the caller's promise.
    unsafe { (*listing).descriptor }
}
