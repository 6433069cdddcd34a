//! A process that outlives the grader by a moment, and removes what the system
//! does not remove with it.
//!
//! A process dies with the thread that started it; what it has started itself,
//! and the control groups, would stay when the grader is killed. The janitor is
//! cloned before anything else is started, is this program and no other one, and
//! does nothing but to wait until a pipe ends whose other end only the grader
//! has.

use std::ffi::{CStr, CString};
use std::io::{self, PipeWriter};
use std::os::fd::AsRawFd as _;
use std::sync::OnceLock;

use super::cgroup::{self, Place};
use super::interrupt;

/// How often and how long what is still dying is waited for, in milliseconds:
/// five seconds in sum.
const TRIES: u32 = 2500;
const PAUSE: u32 = 2;

/// Has a janitor be there, from the first call on. Where there can be none, the
/// grader does without: it removes everything itself, unless it is killed.
pub(crate) fn be_there() {
    static ALIVE: OnceLock<Option<PipeWriter>> = OnceLock::new();
    ALIVE.get_or_init(|| start(cgroup::place()).ok());
}

fn start(place: &Place) -> io::Result<PipeWriter> {
    let folders = place
        .folders
        .iter()
        .map(|folder| CString::new(folder.as_os_str().as_encoded_bytes()))
        .collect::<Result<Vec<_>, _>>()?;
    interrupt::share();
    let (gone, alive) = io::pipe()?;
    // Signals are for the grader; this ends in its own time.
    let blocked = super::layers::Blocked::all();
    // SAFETY: no memory is shared, so this is a fork, and the child makes system
    // calls only, until it ends. No signal is asked for at its end.
    let pid = unsafe {
        let none: libc::c_ulong = 0;
        libc::syscall(libc::SYS_clone, none, none, none, none, none)
    };
    match pid {
        -1 => Err(io::Error::last_os_error()),
        0 => work(gone.as_raw_fd(), &folders),
        _ => {
            drop(blocked);
            Ok(alive)
        }
    }
}

/// All that the janitor does. Nothing of it may allocate or lock.
fn work(gone: libc::c_int, folders: &[CString]) -> ! {
    // SAFETY: the calls take numbers, and strings that outlive them; the read
    // writes to a buffer of the length that is said.
    unsafe {
        libc::setsid();
        libc::chdir(c"/".as_ptr());
        libc::prctl(libc::PR_SET_NAME, c"lockstep-sweep".as_ptr());
        let (no, unused): (libc::c_ulong, libc::c_ulong) = (0, 0);
        libc::prctl(libc::PR_SET_DUMPABLE, no, unused, unused, unused);
        // Above all the other end of the pipe, and what others wait to be closed.
        libc::syscall(libc::SYS_dup3, gone, 0, libc::O_CLOEXEC);
        libc::syscall(libc::SYS_close_range, 1, libc::c_uint::MAX, 0);
        let mut byte = 0u8;
        while libc::read(0, (&raw mut byte).cast(), 1) == -1 {
            if *libc::__errno_location() != libc::EINTR {
                break;
            }
        }
    }
    interrupt::end_all();
    for folder in folders {
        // Mostly nothing is left in it.
        // SAFETY: the call reads a string that outlives it.
        if unsafe { libc::rmdir(folder.as_ptr()) } == 0 {
            continue;
        }
        for number in 0..cgroup::MOST {
            remove(Path::new(folder, number).as_c_str());
        }
        remove(folder);
    }
    // SAFETY: the call takes a number and runs nothing of this process's.
    unsafe { libc::_exit(0) }
}

/// Removes a control group with all the processes in it; `false` when it is
/// still there in the end. That there is none is as good.
pub(super) fn remove(folder: &CStr) -> bool {
    for number in 0..TRIES {
        // SAFETY: the call reads a string that outlives it.
        let removed = unsafe { libc::rmdir(folder.as_ptr()) };
        if removed == 0 {
            return true;
        }
        match super::last_error() {
            libc::EBUSY => {}
            libc::ENOENT => return true,
            _ => return false,
        }
        kill_in(folder);
        if number > 0 {
            let pause = libc::timespec {
                tv_sec: 0,
                tv_nsec: libc::c_long::from(PAUSE) * 1_000_000,
            };
            // SAFETY: the call reads the time, which outlives it.
            unsafe { libc::nanosleep(&raw const pause, std::ptr::null_mut()) };
        }
    }
    false
}

/// Ends what is in a control group: at once in version 2, else one by one.
fn kill_in(folder: &CStr) {
    let file = |name: &CStr, flags| {
        let path = Path::with(folder, name.to_bytes());
        // SAFETY: the call reads a string that outlives it.
        unsafe { libc::open(path.as_c_str().as_ptr(), flags | libc::O_CLOEXEC) }
    };
    let kill = file(c"cgroup.kill", libc::O_WRONLY);
    if kill != -1 {
        // SAFETY: the call reads as many bytes as there are; the descriptor was
        // opened above.
        unsafe {
            libc::write(kill, c"1".as_ptr().cast(), 1);
            libc::close(kill);
        }
        return;
    }
    let list = file(c"cgroup.procs", libc::O_RDONLY);
    if list == -1 {
        return;
    }
    let mut buffer = [0u8; 4096];
    // SAFETY: the call writes no more than there is room for; the descriptor was
    // opened above.
    let length = unsafe { libc::read(list, buffer.as_mut_ptr().cast(), buffer.len()) };
    // SAFETY: as above.
    unsafe { libc::close(list) };
    let listed = buffer.get(..usize::try_from(length).unwrap_or(0));
    let mut number: libc::pid_t = 0;
    for byte in listed.unwrap_or_default() {
        if byte.is_ascii_digit() {
            number = number.wrapping_mul(10).wrapping_add((byte - b'0').into());
            continue;
        }
        // Zero is a process that has no number here, and all of us to `kill`.
        if number > 0 {
            // SAFETY: the call takes numbers and touches no memory. The numbers
            // are of processes in a group that only this crate puts any into.
            unsafe { libc::kill(number, libc::SIGKILL) };
        }
        number = 0;
    }
}

/// A path that is put together without memory from anywhere.
struct Path {
    bytes: [u8; Path::MOST],
}

impl Path {
    const MOST: usize = libc::PATH_MAX as usize;

    /// A folder's group of this number.
    fn new(folder: &CStr, number: usize) -> Path {
        let mut digits = [0u8; 20];
        let mut rest = number;
        let mut first = digits.len();
        while first == digits.len() || rest > 0 {
            first -= 1;
            digits[first] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        Path::with(folder, &digits[first..])
    }

    /// A file in a folder; an empty path where it would be too long.
    fn with(folder: &CStr, name: &[u8]) -> Path {
        let mut path = Path {
            bytes: [0; Path::MOST],
        };
        let folder = folder.to_bytes();
        if folder.len() + 1 + name.len() < Path::MOST {
            let (start, end) = path.bytes.split_at_mut(folder.len());
            start.copy_from_slice(folder);
            end[0] = b'/';
            end[1..=name.len()].copy_from_slice(name);
        }
        path
    }

    fn as_c_str(&self) -> &CStr {
        // The last byte is never written to.
        CStr::from_bytes_until_nul(&self.bytes).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_put_together() {
        let of = |number| Path::new(c"/a/b", number);
        assert_eq!(of(0).as_c_str(), c"/a/b/0");
        assert_eq!(of(107).as_c_str(), c"/a/b/107");
        let long = CString::new("x".repeat(Path::MOST)).unwrap();
        assert_eq!(Path::new(&long, 1).as_c_str(), c"");
    }

    #[test]
    fn what_is_not_there_is_removed() {
        assert!(remove(c"/no/such/group"));
    }
}
