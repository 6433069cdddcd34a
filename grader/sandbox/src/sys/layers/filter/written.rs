//! The programs that are written by hand.

use std::os::fd::RawFd;

use seccompiler::sock_filter;

use super::super::channel::{Failed, Stage, Step, check};
use super::calls::FIRST_UNKNOWN;
use super::{Program, install_instructions, install_with};

const LOAD: u16 = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
const EQUALS: u16 = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
const AT_LEAST: u16 = (libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K) as u16;
const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;
/// Where a call's number and its first argument's lower half are in what a
/// filter sees (`struct seccomp_data`); both architectures are little-endian.
const NUMBER: u32 = 0;
const FIRST_ARGUMENT: u32 = 16;

const fn statement(code: u16, k: u32) -> sock_filter {
    sock_filter {
        code,
        jt: 0,
        jf: 0,
        k,
    }
}

/// Answers with `k` where the value loaded compares so, and goes on else.
const fn answer_if(comparison: u16, value: u32, answer: u32) -> [sock_filter; 2] {
    [
        sock_filter {
            code: comparison,
            jt: 0,
            jf: 1,
            k: value,
        },
        statement(RETURN, answer),
    ]
}

/// The program that comes first: it answers these calls as if they had worked.
pub(super) fn guard(changes: &[libc::c_long]) -> Program {
    /// The bit of the calls of the x32 ABI, which are those of x86-64 otherwise.
    const X32: u32 = 0x4000_0000;
    let mut program = vec![statement(LOAD, NUMBER)];
    // Numbers below zero (no call) are as large as unsigned ones.
    program.extend(answer_if(AT_LEAST, X32, libc::SECCOMP_RET_KILL_PROCESS));
    let not_there = libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32;
    program.extend(answer_if(AT_LEAST, FIRST_UNKNOWN, not_there));
    // Its flags lie in memory, where no filter sees them. Where it is not there,
    // every libc uses `clone`.
    program.extend(answer_if(EQUALS, libc::SYS_clone3 as u32, not_there));
    for call in changes {
        // The error number 0: it has worked.
        program.extend(answer_if(EQUALS, *call as u32, libc::SECCOMP_RET_ERRNO));
    }
    program.push(statement(RETURN, libc::SECCOMP_RET_ALLOW));
    program
}

/// Runs in the child: has signals be for itself only, which is no matter of
/// lists, as its number is known only now. (The kernel's own way, scopes of
/// Landlock, is newer than what is asked of it.)
pub(in super::super) fn install_signals_to_itself(pid: RawFd) -> Step {
    let denied = libc::SECCOMP_RET_ERRNO | libc::EPERM as u32;
    let allowed = libc::SECCOMP_RET_ALLOW;
    const SIGNALS: [libc::c_long; 3] = [libc::SYS_kill, libc::SYS_tgkill, libc::SYS_tkill];
    let to = |jt, jf, k| sock_filter {
        code: EQUALS,
        jt,
        jf,
        k,
    };
    let program = [
        statement(LOAD, NUMBER),
        to(3, 0, SIGNALS[0] as u32),
        to(2, 0, SIGNALS[1] as u32),
        // Of a single thread, the first one: its number is the process's.
        to(1, 0, SIGNALS[2] as u32),
        statement(RETURN, allowed),
        statement(LOAD, FIRST_ARGUMENT),
        to(0, 1, pid as u32),
        statement(RETURN, allowed),
        statement(RETURN, denied),
    ];
    install_instructions(program.as_ptr(), program.len())
}

/// Runs in the child: has it become the program whose path lies here, and nothing else
/// afterwards. That is told by the place in memory, which only this process has it at:
/// where the program is, none of its memory is left. (A loader in a folder that may be
/// read would run whatever it is given, from a place that may be written to.)
pub(in super::super) fn install_one_program(path: &std::ffi::CStr) -> Step {
    let denied = libc::SECCOMP_RET_ERRNO | libc::EPERM as u32;
    let place = path.as_ptr() as u64;
    let (low, high) = (place as u32, (place >> 32) as u32);
    let to = |jt, jf, k| sock_filter {
        code: EQUALS,
        jt,
        jf,
        k,
    };
    let program = [
        statement(LOAD, NUMBER),
        to(6, 0, libc::SYS_execveat as u32),
        to(0, 4, libc::SYS_execve as u32),
        statement(LOAD, FIRST_ARGUMENT),
        to(0, 3, low),
        statement(LOAD, FIRST_ARGUMENT + 4),
        to(0, 1, high),
        statement(RETURN, libc::SECCOMP_RET_ALLOW),
        statement(RETURN, denied),
    ];
    install_instructions(program.as_ptr(), program.len())
}

/// Runs in the child: has its sockets be made, bound and connected by the grader, and
/// what it sends to an address be sent by it. What is given is the descriptor that
/// tells of these calls.
pub(in super::super) fn install_sockets_of_the_grader() -> Result<RawFd, Failed> {
    const CALLS: [libc::c_long; 3] = [libc::SYS_socket, libc::SYS_bind, libc::SYS_connect];
    /// The address of `sendto(2)`: both halves of its fifth argument.
    const ADDRESS: u32 = FIRST_ARGUMENT + 4 * 8;
    let to = |jt, jf, k| sock_filter {
        code: EQUALS,
        jt,
        jf,
        k,
    };
    let program = [
        statement(LOAD, NUMBER),
        to(7, 0, CALLS[0] as u32),
        to(6, 0, CALLS[1] as u32),
        to(5, 0, CALLS[2] as u32),
        to(0, 5, libc::SYS_sendto as u32),
        statement(LOAD, ADDRESS),
        to(0, 2, 0),
        statement(LOAD, ADDRESS + 4),
        to(1, 0, 0),
        statement(RETURN, libc::SECCOMP_RET_USER_NOTIF),
        statement(RETURN, libc::SECCOMP_RET_ALLOW),
    ];
    let flags = libc::SECCOMP_FILTER_FLAG_NEW_LISTENER as libc::c_uint;
    let installed = install_with(program.as_ptr(), program.len(), flags);
    check(Stage::Sockets, installed)?;
    Ok(installed as RawFd)
}
