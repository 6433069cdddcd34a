//! A filter of system calls that refuses to start processes, and lets threads
//! be started.
//!
//! A process that can start others can have them leave its group, and such ones
//! outlive it. Sweeping them up is a race that can be lost; not to let them
//! begin is not.

#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod filter {
    use libc::sock_filter;

    /// The machine whose calls the filter knows; those of others end the process.
    #[cfg(target_arch = "x86_64")]
    const MACHINE: u32 = 0xc000_003e;
    #[cfg(target_arch = "aarch64")]
    const MACHINE: u32 = 0xc000_00b7;
    /// From here on are the calls of x86-64's other form, which nobody needs.
    const OTHER_FORM: u32 = 0x4000_0000;

    /// Where a call's number, the machine and the lower half of the first
    /// argument are in what a filter looks at (`struct seccomp_data`, both
    /// machines have the lower half first).
    const NUMBER: u32 = 0;
    const ARCH: u32 = 4;
    const FLAGS: u32 = 16;

    const LOAD: u16 = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
    const EQUAL: u16 = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
    const AT_LEAST: u16 = (libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K) as u16;
    const HAS: u16 = (libc::BPF_JMP | libc::BPF_JSET | libc::BPF_K) as u16;
    const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;

    /// The calls that do nothing but start a process.
    #[cfg(target_arch = "x86_64")]
    const FORKS: [libc::c_long; 2] = [libc::SYS_fork, libc::SYS_vfork];
    #[cfg(target_arch = "aarch64")]
    const FORKS: [libc::c_long; 0] = [];

    /// The instructions.
    #[derive(Debug)]
    pub(crate) struct Alone(Vec<sock_filter>);

    fn plain(code: u16, k: u32) -> sock_filter {
        sock_filter {
            code,
            jt: 0,
            jf: 0,
            k,
        }
    }

    /// Skips the instruction after it unless the condition holds.
    fn only_if(code: u16, k: u32) -> sock_filter {
        sock_filter {
            code,
            jt: 0,
            jf: 1,
            k,
        }
    }

    fn refuse(error: i32) -> sock_filter {
        plain(RETURN, libc::SECCOMP_RET_ERRNO | error.unsigned_abs())
    }

    impl Alone {
        pub(crate) fn new() -> Alone {
            // The numbers of calls are small and not negative.
            let number = |call: libc::c_long| call as u32;
            let mut filter = vec![
                plain(LOAD, ARCH),
                sock_filter {
                    jt: 1,
                    jf: 0,
                    ..plain(EQUAL, MACHINE)
                },
                plain(RETURN, libc::SECCOMP_RET_KILL_PROCESS),
                plain(LOAD, NUMBER),
                only_if(AT_LEAST, OTHER_FORM),
                refuse(libc::EPERM),
            ];
            for fork in FORKS {
                filter.extend([only_if(EQUAL, number(fork)), refuse(libc::EPERM)]);
            }
            filter.extend([
                // Its flags lie in memory, which a filter does not see. Told
                // that there is no such call, libc takes the older one.
                only_if(EQUAL, number(libc::SYS_clone3)),
                refuse(libc::ENOSYS),
                sock_filter {
                    jt: 0,
                    jf: 3,
                    ..plain(EQUAL, number(libc::SYS_clone))
                },
                plain(LOAD, FLAGS),
                sock_filter {
                    jt: 1,
                    jf: 0,
                    ..plain(HAS, libc::CLONE_THREAD.unsigned_abs())
                },
                refuse(libc::EPERM),
                plain(RETURN, libc::SECCOMP_RET_ALLOW),
            ]);
            Alone(filter)
        }

        /// Sets the filter, for good. A system without filters is no reason not
        /// to run: the group is ended all the same.
        pub(crate) fn apply(&self) {
            let program = libc::sock_fprog {
                // A dozen instructions.
                len: self.0.len() as libc::c_ushort,
                filter: self.0.as_ptr().cast_mut(),
            };
            // SAFETY: the call reads the program and its instructions, which
            // outlive it.
            unsafe {
                libc::prctl(
                    libc::PR_SET_SECCOMP,
                    libc::SECCOMP_MODE_FILTER as libc::c_ulong,
                    &raw const program,
                );
            }
        }
    }
}

#[cfg(not(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
mod filter {
    /// There is no filter here.
    #[derive(Debug)]
    pub(crate) struct Alone;

    impl Alone {
        pub(crate) fn new() -> Alone {
            Alone
        }

        pub(crate) fn apply(&self) {}
    }
}

pub(crate) use filter::Alone;
