//! The system calls that std does not offer, each behind a safe function.
//!
//! All `unsafe` of the project is here. The calls take numbers, and pointers to
//! local variables that outlive them.

mod alone;
#[cfg(target_os = "linux")]
pub(crate) mod attacks;
#[cfg(target_os = "linux")]
pub(crate) mod cgroup;
mod confine;
mod interrupt;
#[cfg(target_os = "linux")]
pub(crate) mod janitor;
#[cfg(target_os = "linux")]
pub(crate) mod layers;
#[cfg(not(target_os = "linux"))]
#[path = "sys/no_layers.rs"]
pub(crate) mod layers;
#[cfg(target_os = "linux")]
pub(crate) mod machine;
mod terminal;
mod wait;

pub(crate) use confine::confine;
pub use interrupt::{end_all_on_interrupt, interrupted, say_on_interrupt};
pub(crate) use interrupt::{end_on_interrupt, forget};
pub(crate) use terminal::AtTerminal;
#[cfg(target_os = "linux")]
use wait::open_process;
pub(crate) use wait::{
    Waited, available, processor_time, set_nonblocking, threads, wait_for_end, wait_readable,
    wait_writable, wants_a_processor,
};

/// Sends `SIGKILL` to every process of a group. That none is left is no error.
pub(crate) fn kill_group(group: u32) {
    let Ok(group) = libc::pid_t::try_from(group) else {
        return;
    };
    // SAFETY: the call takes two numbers and touches no memory.
    unsafe { libc::kill(-group, libc::SIGKILL) };
}

/// The error of the system call before.
#[cfg(target_os = "linux")]
fn last_error() -> libc::c_int {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

/// What the kernel is asked by which sockets there are (sock_diag(7)).
#[cfg(target_os = "linux")]
pub(crate) fn diagnoses() -> std::io::Result<std::fs::File> {
    use std::os::fd::FromRawFd as _;

    /// `NETLINK_SOCK_DIAG`
    const SOCKETS: libc::c_int = 4;
    let kind = libc::SOCK_DGRAM | libc::SOCK_CLOEXEC;
    // SAFETY: the call takes numbers and touches no memory.
    let socket = unsafe { libc::socket(libc::AF_NETLINK, kind, SOCKETS) };
    if socket == -1 {
        return Err(std::io::Error::last_os_error());
    }
    // SAFETY: the call above has opened it, and it belongs to nobody yet.
    Ok(unsafe { std::fs::File::from_raw_fd(socket) })
}

/// Sends `SIGKILL` to a child that was not reaped.
#[cfg(target_os = "linux")]
fn kill(pid: u32) {
    // SAFETY: the call takes two numbers and touches no memory.
    unsafe { libc::kill(pid as libc::pid_t, libc::SIGKILL) };
}
