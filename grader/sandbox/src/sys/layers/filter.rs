//! Which system calls a process may make: all but those on the lists here.
//!
//! Two programs are installed for all. The first is written by hand, as `seccompiler`
//! has no words for it: it ends what uses the other set of numbers that a
//! processor may have, and answers the calls that are to look as if they were
//! not there, or as if they had worked. The second is the list of calls that
//! fail with `EPERM`.
//!
//! A list of what is allowed would be stronger, and break with the next version
//! of a libc; what stands here is tried against attacks before it is relied on
//! ([`crate::preflight`]). Of the numbers that are newer than the lists
//! ([`calls::FIRST_UNKNOWN`]) none is there: a libc does without, as on an older kernel.

mod calls;
mod internet;
mod rules;
mod written;

use std::io;
use std::sync::OnceLock;

use seccompiler::{BpfProgram, sock_filter};

use super::LayerFailed;
use super::channel::{Stage, Step, check};
use crate::{Network, Policy};
use calls::CHANGES;
pub(super) use written::{
    install_one_program, install_signals_to_itself, install_sockets_of_the_grader,
};

/// A program of the filter's.
pub(super) type Program = BpfProgram;

/// Whose the files of the machine are that a process can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Files {
    /// The grader's, which is the process's own user: it could change them.
    OfTheGrader,
    /// Somebody else's, or there are none but its own.
    OfOthers,
}

/// The calls that a policy denies with `EPERM`, made once for each kind of
/// policy.
pub(super) fn denied(policy: &Policy, files: Files) -> io::Result<&'static Program> {
    static PROGRAMS: [OnceLock<Program>; 12] = [const { OnceLock::new() }; 12];
    let denied = files == Files::OfTheGrader && !policy.starts_programs;
    let sockets = Sockets::of(&policy.network);
    let index =
        usize::from(denied) + 2 * usize::from(policy.starts_programs) + 4 * sockets as usize;
    let place = &PROGRAMS[index];
    if let Some(program) = place.get() {
        return Ok(program);
    }
    let program = rules::compile(denied, sockets, policy.starts_programs)
        .map_err(|error| LayerFailed::error("seccomp", io::Error::other(error.to_string())))?;
    Ok(place.get_or_init(|| program))
}

/// The sockets that a process may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sockets {
    None,
    /// All that it can make where it is.
    Any,
    /// Those that the grader makes and connects.
    OfTheGrader,
}

impl Sockets {
    fn of(network: &Network) -> Sockets {
        match network {
            Network::None => Sockets::None,
            Network::Loopback => Sockets::Any,
            Network::SharedLoopback(_) => Sockets::OfTheGrader,
        }
    }
}

/// The program that comes first.
pub(super) fn guard(policy: &Policy, files: Files) -> &'static Program {
    static GUARDS: [OnceLock<Program>; 2] = [const { OnceLock::new() }; 2];
    let answered = files == Files::OfTheGrader && policy.starts_programs;
    GUARDS[usize::from(answered)].get_or_init(|| {
        let changes = match answered {
            true => CHANGES,
            false => &[],
        };
        written::guard(changes)
    })
}

/// Runs in the child: installs a program.
pub(super) fn install(program: &Program) -> Step {
    install_instructions(program.as_ptr().cast(), program.len())
}

fn install_instructions(instructions: *const sock_filter, number: usize) -> Step {
    check(Stage::Filter, install_with(instructions, number, 0))
}

fn install_with(
    instructions: *const sock_filter,
    number: usize,
    flags: libc::c_uint,
) -> libc::c_long {
    let program = libc::sock_fprog {
        len: number as libc::c_ushort,
        filter: instructions.cast::<libc::sock_filter>().cast_mut(),
    };
    // SAFETY: the kernel reads as many instructions as are said to be there, and
    // both kinds of `sock_filter` are laid out as the kernel's.
    unsafe {
        libc::syscall(
            libc::SYS_seccomp,
            libc::SECCOMP_SET_MODE_FILTER,
            flags,
            &raw const program,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_policy_has_a_filter_and_it_is_made_once() {
        let shared = Network::SharedLoopback(crate::Neighbours::default());
        for network in [Network::None, Network::Loopback, shared] {
            for starts_programs in [false, true] {
                for files in [Files::OfTheGrader, Files::OfOthers] {
                    let policy = Policy {
                        network: network.clone(),
                        starts_programs,
                        ..Policy::default()
                    };
                    let program = denied(&policy, files).unwrap();
                    assert!(program.len() > 100, "{policy:?}");
                    assert!(std::ptr::eq(program, denied(&policy, files).unwrap()));
                }
            }
        }
    }
}
