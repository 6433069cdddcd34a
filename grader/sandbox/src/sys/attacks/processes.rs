//! Attacks on other processes, the grader's first of all, and on the limits, the user
//! and the program that a process was given.

use super::{Attack, Outcome, attack, open};

pub(super) const ATTACKS: &[Attack] = &[
    attack("read the grader's memory in /proc", |targets| {
        open(&targets.memory, libc::O_RDONLY)
    }),
    attack("use a descriptor of the grader's", |_| {
        for descriptor in 3..4096 {
            // SAFETY: the call takes numbers and touches no memory.
            if unsafe { libc::fcntl(descriptor, libc::F_GETFD) } != -1 {
                return Outcome::Through;
            }
        }
        Outcome::Denied(libc::EBADF)
    }),
    attack("start another process", |_| {
        let none: libc::c_ulong = 0;
        // SAFETY: a fork; the child ends at once.
        let child =
            unsafe { libc::syscall(libc::SYS_clone, libc::SIGCHLD, none, none, none, none) };
        if child == 0 {
            // SAFETY: the call takes a number and runs nothing.
            unsafe { libc::_exit(0) };
        }
        Outcome::of(child)
    }),
    attack("make a user namespace", |_| {
        // SAFETY: the call takes a number and touches no memory of ours.
        Outcome::of(unsafe { libc::unshare(libc::CLONE_NEWUSER) }.into())
    }),
    attack("start a process in a user namespace", |_| {
        let flags = libc::CLONE_NEWUSER | libc::SIGCHLD;
        let none: libc::c_ulong = 0;
        // SAFETY: a fork; the child ends at once.
        let child = unsafe { libc::syscall(libc::SYS_clone, flags, none, none, none, none) };
        if child == 0 {
            // SAFETY: the call takes a number and runs nothing.
            unsafe { libc::_exit(0) };
        }
        Outcome::of(child)
    }),
    attack("send a signal to the grader", |targets| {
        // SAFETY: the call takes numbers, and sends nothing with the number 0.
        Outcome::of(unsafe { libc::kill(targets.grader, 0) }.into())
    }),
    attack("trace the grader", |targets| {
        const SEIZE: libc::c_ulong = 0x4206;
        let none: libc::c_ulong = 0;
        let grader = targets.grader;
        // SAFETY: the call takes numbers and touches no memory.
        Outcome::of(unsafe { libc::syscall(libc::SYS_ptrace, SEIZE, grader, none, none) })
    }),
    attack("read the grader's memory", |targets| {
        let mut byte = 0u8;
        let here = libc::iovec {
            iov_base: (&raw mut byte).cast(),
            iov_len: 1,
        };
        // The same address: this process was cloned from the grader.
        let there = here;
        let grader = targets.grader;
        // SAFETY: the call writes one byte at most, to `byte`.
        Outcome::of(
            unsafe { libc::process_vm_readv(grader, &here, 1, &there, 1, 0) } as libc::c_long,
        )
    }),
    attack("get hold of the grader's process", |targets| {
        let none: libc::c_uint = 0;
        // SAFETY: the call takes numbers and touches no memory.
        Outcome::of(unsafe { libc::syscall(libc::SYS_pidfd_open, targets.grader, none) })
    }),
    attack("end as if the machine had ended it", |_| {
        // A number that no thread has: it fails in any case, and the error tells why.
        const NOBODY: libc::pid_t = libc::pid_t::MAX;
        // SAFETY: the calls take numbers and touch no memory.
        let sent =
            unsafe { libc::syscall(libc::SYS_tgkill, libc::getpid(), NOBODY, libc::SIGKILL) };
        match Outcome::of(sent) {
            Outcome::Denied(libc::ESRCH) => Outcome::Through,
            outcome => outcome,
        }
    }),
    attack("change the grader's limits", |targets| {
        // SAFETY: a limit is plain data; the call writes to it, and changes none.
        unsafe {
            let mut limit: libc::rlimit64 = std::mem::zeroed();
            Outcome::of(libc::syscall(
                libc::SYS_prlimit64,
                targets.grader,
                libc::RLIMIT_CORE,
                std::ptr::null::<libc::rlimit64>(),
                &raw mut limit,
            ))
        }
    }),
    attack("outlive the grader", |_| {
        let none: libc::c_ulong = 0;
        // SAFETY: the call takes numbers and touches no memory.
        Outcome::of(unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, none) }.into())
    }),
    attack("change the priorities of all processes of its user", |_| {
        const USER: libc::c_int = 3;
        let own: libc::c_int = 0;
        // SAFETY: the calls take numbers and touch no memory. Where the second one
        // works, it gives them the highest priority that one of them has had.
        unsafe {
            match libc::syscall(libc::SYS_ioprio_get, USER, own) {
                -1 => Outcome::last(),
                priority => Outcome::of(libc::syscall(libc::SYS_ioprio_set, USER, own, priority)),
            }
        }
    }),
    attack("raise its own limits", |_| {
        let much = libc::rlimit {
            rlim_cur: 4096,
            rlim_max: 4096,
        };
        // SAFETY: the call reads the limit, which outlives it.
        Outcome::of(unsafe { libc::setrlimit(libc::RLIMIT_CORE, &raw const much) }.into())
    }),
    attack("become root", |_| {
        // SAFETY: the call takes numbers and touches no memory.
        Outcome::of(unsafe { libc::syscall(libc::SYS_setresuid, 0, 0, 0) })
    }),
    attack("become another program", |_| {
        // Where the first one is not, the second one is.
        let loaders = [
            c"/lib64/ld-linux-x86-64.so.2",
            c"/lib/ld-linux-aarch64.so.1",
        ];
        let mut outcome = Outcome::Denied(0);
        for loader in loaders {
            let args = [loader.as_ptr(), c"--version".as_ptr(), std::ptr::null()];
            let no_variables = [std::ptr::null()];
            // SAFETY: the call reads strings and lists that outlive it, with a null at
            // the end of each list.
            outcome = Outcome::of(
                unsafe { libc::execve(loader.as_ptr(), args.as_ptr(), no_variables.as_ptr()) }
                    .into(),
            );
        }
        outcome
    }),
];
