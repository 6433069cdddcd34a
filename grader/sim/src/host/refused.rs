//! What is not simulated. Each ends the execution with a sentence that says
//! so. Outside of a simulated thread, where nothing uses these, they fail.

use libc::{c_char, c_int, c_void};

use super::files::fail;
use crate::kernel;

const PROGRAMS: &str = "it starts another program, which is not simulated";
const SOCKETS: &str = "it opens a real socket, which is not simulated";

fn refuse(what: &'static str) -> c_int {
    if kernel::is_simulated() {
        kernel::unsupported(what);
    }
    fail(libc::ENOSYS) as c_int
}

/// Defines functions of libc that are refused.
macro_rules! refused {
    ($($name:ident($($argument:ident: $Type:ty),*) = $what:expr;)*) => {
        $(
            #[doc = concat!("`", stringify!($name), "`: refused.")]
            #[unsafe(no_mangle)]
            pub(crate) extern "C" fn $name($(_: $Type),*) -> c_int {
                refuse($what)
            }
        )*
    };
}

refused! {
    fork() = PROGRAMS;
    execvp(file: *const c_char, arguments: *const *const c_char) = PROGRAMS;
    posix_spawnp(pid: *mut libc::pid_t, file: *const c_char, actions: *const c_void, attributes: *const c_void,
        arguments: *const *mut c_char, environment: *const *mut c_char) = PROGRAMS;
    pidfd_spawnp(pid: *mut c_int, file: *const c_char, actions: *const c_void, attributes: *const c_void,
        arguments: *const *mut c_char, environment: *const *mut c_char) = PROGRAMS;
    pipe2(descriptors: *mut c_int, flags: c_int)
        = "it makes a pipe or reads what another program prints, neither of which is simulated";
    socket(domain: c_int, kind: c_int, protocol: c_int) = SOCKETS;
    socketpair(domain: c_int, kind: c_int, protocol: c_int, descriptors: *mut c_int) = SOCKETS;
    chdir(path: *const c_char) = "it changes its current directory, which is not simulated";
    chroot(path: *const c_char) = "it changes its root directory, which is not simulated";
}

/// `getaddrinfo`: refused; its errors are of another kind.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn getaddrinfo(
    _: *const c_char,
    _: *const c_char,
    _: *const c_void,
    _: *mut *mut c_void,
) -> c_int {
    if kernel::is_simulated() {
        kernel::unsupported("it asks for the address of a host by name, which is not simulated");
    }
    libc::EAI_FAIL
}
