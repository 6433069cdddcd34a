//! What a graded program may not do (start another one), and what it may but is
//! not simulated (Unix-domain sockets). Each ends the execution. Outside of a simulated
//! thread, where nothing uses these, they fail.

use libc::{c_char, c_int, c_void};

use super::files::fail;
use super::here;
use crate::kernel;

const PROGRAMS: &str = "it starts another program, which a graded program may not";
const ROOT: &str = "it changes its root directory, which a graded program may not";

fn refuse(what: &'static str) -> c_int {
    if kernel::is_simulated() {
        kernel::unsupported(what);
    }
    fail(libc::ENOSYS) as c_int
}

/// Says that something that a right program may use is not there.
pub(super) fn not_simulated(what: impl Into<String>) -> ! {
    kernel::not_simulated(what, here::place())
}

fn lack(what: &'static str) -> c_int {
    if kernel::is_simulated() {
        not_simulated(what);
    }
    fail(libc::ENOSYS) as c_int
}

/// Defines functions of libc that are refused, or lacking.
macro_rules! without {
    ($($how:ident: $name:ident($($argument:ident: $Type:ty),*) = $what:expr;)*) => {
        $(
            #[doc = concat!("`", stringify!($name), "`: not there.")]
            #[unsafe(no_mangle)]
            pub(crate) extern "C" fn $name($(_: $Type),*) -> c_int {
                $how($what)
            }
        )*
    };
}

without! {
    refuse: fork() = PROGRAMS;
    refuse: execvp(file: *const c_char, arguments: *const *const c_char) = PROGRAMS;
    refuse: posix_spawnp(pid: *mut libc::pid_t, file: *const c_char, actions: *const c_void,
        attributes: *const c_void, arguments: *const *mut c_char, environment: *const *mut c_char) = PROGRAMS;
    refuse: pidfd_spawnp(pid: *mut c_int, file: *const c_char, actions: *const c_void,
        attributes: *const c_void, arguments: *const *mut c_char, environment: *const *mut c_char) = PROGRAMS;
    refuse: posix_spawnattr_init(attributes: *mut c_void) = PROGRAMS;
    refuse: posix_spawn_file_actions_init(actions: *mut c_void) = PROGRAMS;
    refuse: chroot(path: *const c_char) = ROOT;
    lack: socketpair(domain: c_int, kind: c_int, protocol: c_int, descriptors: *mut c_int) = "Unix-domain sockets";
    lack: chdir(path: *const c_char) = "a change of the current directory";
}
