//! The net under everything else: a thread that waits for ever in the system.
//!
//! std has locks of its own inside, which are real. All simulated threads live
//! on one thread of the system: one that waits for a lock which another holds
//! could never be woken. Nothing that is known gets there; should it happen
//! all the same, the process says so and ends instead of hanging.

use libc::{c_int, c_long};

use crate::{entry, kernel};

/// `syscall`, with as many arguments as a system call can have; through it std
/// waits for its own locks.
///
/// # Safety
/// As for the function of libc.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn syscall(
    number: c_long,
    a: c_long,
    b: c_long,
    c: c_long,
    d: c_long,
    e: c_long,
    f: c_long,
) -> c_long {
    if number == libc::SYS_futex && waits(b as c_int) && kernel::is_simulated() {
        lost();
    }
    // SAFETY: the caller's promise.
    let result = unsafe { raw(number, [a, b, c, d, e, f]) };
    // The last page of numbers are errors (`syscall(2)`).
    if (-4095..0).contains(&result) {
        return super::files::fail(-result as c_int);
    }
    result
}

fn waits(operation: c_int) -> bool {
    let command = operation & !(libc::FUTEX_PRIVATE_FLAG | libc::FUTEX_CLOCK_REALTIME);
    matches!(command, libc::FUTEX_WAIT | libc::FUTEX_WAIT_BITSET)
}

fn lost() -> ! {
    let words = b"a simulated thread waits in the system, where nobody can wake it: a lock inside \
                  of std is held by another one\n";
    // SAFETY: the bytes are there, and descriptor 2 is the process's own.
    unsafe {
        raw(
            libc::SYS_write,
            [2, words.as_ptr() as c_long, words.len() as c_long, 0, 0, 0],
        )
    };
    entry::leave(entry::LOST)
}

/// The system call itself.
///
/// # Safety
/// As for the call.
#[cfg(target_arch = "x86_64")]
unsafe fn raw(number: c_long, [a, b, c, d, e, f]: [c_long; 6]) -> c_long {
    let result;
    // SAFETY: the kernel's calling convention on this architecture; what the
    // call does to memory is the caller's promise.
    unsafe {
        std::arch::asm!(
            "syscall",
            inlateout("rax") number => result,
            in("rdi") a, in("rsi") b, in("rdx") c, in("r10") d, in("r8") e, in("r9") f,
            lateout("rcx") _, lateout("r11") _,
            options(nostack),
        );
    }
    result
}

/// The system call itself.
///
/// # Safety
/// As for the call.
#[cfg(target_arch = "aarch64")]
unsafe fn raw(number: c_long, [a, b, c, d, e, f]: [c_long; 6]) -> c_long {
    let result;
    // SAFETY: the kernel's calling convention on this architecture; what the
    // call does to memory is the caller's promise.
    unsafe {
        std::arch::asm!(
            "svc 0",
            in("x8") number,
            inlateout("x0") a => result,
            in("x1") b, in("x2") c, in("x3") d, in("x4") e, in("x5") f,
            options(nostack),
        );
    }
    result
}

#[cfg(test)]
mod tests {
    use libc::{c_int, c_long};

    use crate::{arena, entry};

    /// Waits for a futex that holds 1 to hold anything but `expected`.
    fn wait(expected: c_long) -> c_long {
        let word = 1u32;
        let now = libc::timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        // SAFETY: the word and the time are there for as long as the call.
        unsafe {
            libc::syscall(
                libc::SYS_futex,
                &raw const word,
                libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG,
                expected,
                &raw const now,
            )
        }
    }

    #[test]
    fn system_calls_do_what_they_do_and_tell_their_errors() {
        let error = |expected| {
            assert_eq!(wait(expected), -1);
            std::io::Error::last_os_error().raw_os_error()
        };
        assert_eq!(error(2), Some(libc::EAGAIN));
        assert_eq!(error(1), Some(libc::ETIMEDOUT));
        // SAFETY: the call has no preconditions.
        let number = unsafe { libc::syscall(libc::SYS_getpid) };
        assert_eq!(u32::try_from(number).ok(), Some(std::process::id()));
    }

    #[test]
    fn a_simulated_thread_that_would_wait_for_ever_ends_the_process() {
        // SAFETY: the child has one thread, and calls nothing but the system.
        let child = unsafe { libc::syscall(libc::SYS_clone, libc::SIGCHLD, 0, 0, 0, 0) };
        if child == 0 {
            arena::set_inside(true);
            wait(1);
            entry::leave(0);
        }
        let mut status: c_int = 0;
        // SAFETY: the place for the status is there.
        let waited = unsafe { libc::waitpid(child as libc::pid_t, &raw mut status, 0) };
        assert_eq!(c_long::from(waited), child);
        assert_eq!(
            (libc::WIFEXITED(status), libc::WEXITSTATUS(status)),
            (true, entry::LOST)
        );
    }
}
