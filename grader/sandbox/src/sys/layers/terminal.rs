//! A pseudo-terminal for a process in layers.
//!
//! The crate that makes the other ones (`rexpect`) starts the process itself, by
//! a fork of its own; here the process comes from a clone.

use std::io;
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd};

/// Both sides of a terminal without an echo: ours, and the process's.
pub(super) fn open() -> io::Result<(OwnedFd, OwnedFd)> {
    let flags = libc::O_RDWR | libc::O_NOCTTY | libc::O_CLOEXEC;
    // SAFETY: the call takes a number and touches no memory.
    let ours = owned(unsafe { libc::posix_openpt(flags) })?;
    // SAFETY: the calls take a number and touch no memory.
    let unlocked =
        unsafe { libc::grantpt(ours.as_raw_fd()) == 0 && libc::unlockpt(ours.as_raw_fd()) == 0 };
    if !unlocked {
        return Err(io::Error::last_os_error());
    }
    let mut name: [libc::c_char; 128] = [0; 128];
    // SAFETY: the call writes no more than there is room for.
    let named = unsafe { libc::ptsname_r(ours.as_raw_fd(), name.as_mut_ptr(), name.len()) };
    if named != 0 {
        return Err(io::Error::from_raw_os_error(named));
    }
    // SAFETY: the call before has put a string with its end there.
    let theirs = owned(unsafe { libc::open(name.as_ptr(), flags) })?;
    // SAFETY: a `termios` is plain data, for which zeros are a valid value.
    let mut settings: libc::termios = unsafe { std::mem::zeroed() };
    // SAFETY: the calls read and write the settings, which outlive them.
    let set = unsafe {
        libc::tcgetattr(theirs.as_raw_fd(), &raw mut settings) == 0 && {
            settings.c_lflag &= !libc::ECHO;
            libc::tcsetattr(theirs.as_raw_fd(), libc::TCSANOW, &raw const settings) == 0
        }
    };
    match set {
        true => Ok((ours, theirs)),
        false => Err(io::Error::last_os_error()),
    }
}

fn owned(descriptor: libc::c_int) -> io::Result<OwnedFd> {
    match descriptor {
        -1 => Err(io::Error::last_os_error()),
        // SAFETY: the caller's call has opened it, and it belongs to nobody yet.
        descriptor => Ok(unsafe { OwnedFd::from_raw_fd(descriptor) }),
    }
}
