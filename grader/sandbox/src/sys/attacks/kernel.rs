//! Attacks by calls of the kernel's that no submission needs: memory that no limit
//! counts, what outlives a process, and ways around the other layers.

use super::{Attack, Outcome, attack};

pub(super) const ATTACKS: &[Attack] = &[
    attack("call what is newer than what the filter knows", |targets| {
        const SETXATTRAT: libc::c_long = 463;
        let (value, name) = (c"x".as_ptr(), c"user.lockstep".as_ptr());
        // The value's place and its length, and no flags.
        let given: [u64; 2] = [value as u64, 1];
        let no_flags: libc::c_uint = 0;
        // SAFETY: the call reads strings and the arguments, which outlive it.
        Outcome::of(unsafe {
            libc::syscall(
                SETXATTRAT,
                libc::AT_FDCWD,
                targets.secret.as_ptr(),
                no_flags,
                name,
                given.as_ptr(),
                size_of_val(&given),
            )
        })
    }),
    attack("make memory that no limit counts", |_| {
        let no_flags: libc::c_uint = 0;
        // SAFETY: the call reads a string that outlives it.
        Outcome::of(unsafe { libc::syscall(libc::SYS_memfd_create, c"x".as_ptr(), no_flags) })
    }),
    attack("map memory that counts as nobody's", |_| {
        let (access, flags) = (
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_SHARED | libc::MAP_ANONYMOUS,
        );
        // SAFETY: the call is given no address, and so takes none that is used.
        let memory = unsafe { libc::mmap(std::ptr::null_mut(), 4096, access, flags, -1, 0) };
        match memory {
            libc::MAP_FAILED => Outcome::last(),
            _ => Outcome::Through,
        }
    }),
    attack("make System V shared memory", |_| {
        // SAFETY: the call takes numbers and touches no memory of ours.
        Outcome::of(unsafe { libc::shmget(libc::IPC_PRIVATE, 4096, 0o600) }.into())
    }),
    attack("make a message queue", |_| {
        let flags = libc::O_RDWR | libc::O_CREAT;
        let mode: libc::mode_t = 0o600;
        let defaults = std::ptr::null::<libc::c_void>();
        // SAFETY: the call reads a string that outlives it.
        Outcome::of(unsafe {
            libc::syscall(
                libc::SYS_mq_open,
                c"lockstep".as_ptr(),
                flags,
                mode,
                defaults,
            )
        })
    }),
    attack("add a key to a keyring", |_| {
        const PROCESS_KEYRING: libc::c_int = -2;
        let (kind, name) = (c"user".as_ptr(), c"lockstep".as_ptr());
        // SAFETY: the call reads two strings and one byte, which outlive it.
        Outcome::of(unsafe {
            libc::syscall(libc::SYS_add_key, kind, name, name, 1usize, PROCESS_KEYRING)
        })
    }),
    attack("have the kernel make calls by io_uring", |_| {
        let mut parameters = [0u64; 32];
        let entries: libc::c_uint = 1;
        // SAFETY: the call writes less than there is room for.
        Outcome::of(unsafe {
            libc::syscall(libc::SYS_io_uring_setup, entries, parameters.as_mut_ptr())
        })
    }),
    attack("load a program into the kernel", |_| {
        let attributes = [0u64; 16];
        let (command, size): (libc::c_int, libc::c_uint) = (0, 128);
        // SAFETY: the call reads as many bytes as are said.
        match Outcome::of(unsafe {
            libc::syscall(libc::SYS_bpf, command, attributes.as_ptr(), size)
        }) {
            // It came as far as to look at what it was given.
            Outcome::Denied(libc::EINVAL | libc::EFAULT) => Outcome::Through,
            outcome => outcome,
        }
    }),
    attack("count what the processor does", |_| {
        let attributes = [0u64; 16];
        let (this, any, none): (libc::c_int, libc::c_int, libc::c_int) = (0, -1, -1);
        let no_flags: libc::c_ulong = 0;
        // SAFETY: the call reads the attributes, which outlive it.
        match Outcome::of(unsafe {
            libc::syscall(
                libc::SYS_perf_event_open,
                attributes.as_ptr(),
                this,
                any,
                none,
                no_flags,
            )
        }) {
            Outcome::Denied(libc::EINVAL | libc::ENOENT) => Outcome::Through,
            outcome => outcome,
        }
    }),
    attack("handle page faults itself", |_| {
        /// Only for faults in user mode, which needs no privilege.
        const USER_MODE_ONLY: libc::c_int = 1;
        // SAFETY: the call takes a number and touches no memory.
        Outcome::of(unsafe { libc::syscall(libc::SYS_userfaultfd, USER_MODE_ONLY) })
    }),
    attack("mount a file system", |_| {
        let kind = c"tmpfs".as_ptr();
        let none = std::ptr::null();
        // SAFETY: the call reads strings that outlive it.
        Outcome::of(unsafe { libc::mount(kind, c"/".as_ptr(), kind, 0, none) }.into())
    }),
    attack("map memory that grows by itself", |_| {
        let access = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_GROWSDOWN;
        // SAFETY: the call is given no address, and so takes none that is used.
        let memory = unsafe { libc::mmap(std::ptr::null_mut(), 4096, access, flags, -1, 0) };
        match memory {
            libc::MAP_FAILED => Outcome::last(),
            _ => Outcome::Through,
        }
    }),
];
