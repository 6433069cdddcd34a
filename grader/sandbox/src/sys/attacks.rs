//! Attacks on the machine, tried from inside of layers by a process of our own.
//!
//! Each is one system call or two, as a submission could make them, and does no
//! harm where it works: what is attacked was made for it ([`Targets`]). What
//! runs here allocates nothing, since it runs in a process that was cloned and
//! became no program.

use std::ffi::{CStr, CString};
use std::os::fd::AsRawFd;

/// What is there to be attacked, made by the grader outside.
#[derive(Debug)]
pub(crate) struct Targets {
    /// A folder of the grader's that anybody may write to.
    pub(crate) folder: CString,
    /// A file in it that anybody may read and write.
    pub(crate) secret: CString,
    /// One more, to be removed.
    pub(crate) removable: CString,
    /// A file that could be made in it.
    pub(crate) planted: CString,
    /// A Unix socket in it, with somebody who listens.
    pub(crate) socket: CString,
    /// The name of an abstract Unix socket, with somebody who listens.
    pub(crate) name: Vec<u8>,
    /// The port of the machine's loopback that somebody listens at.
    pub(crate) port: u16,
    /// The one that somebody waits for datagrams at.
    pub(crate) datagrams: u16,
    /// The one that a neighbour of the attacker's listens at.
    pub(crate) neighbour: u16,
    /// The grader.
    pub(crate) grader: libc::pid_t,
    /// A file of the grader's process.
    pub(crate) memory: CString,
    /// Whether the attacker may use sockets, on a loopback.
    pub(crate) sockets: bool,
    /// Whether that is the machine's.
    pub(crate) shared: bool,
}

/// What came of an attack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It worked.
    Through,
    /// It failed with this error.
    Denied(i32),
}

/// How many bytes an outcome takes where it is written.
pub(crate) const LENGTH: usize = 5;

impl Outcome {
    fn of(result: libc::c_long) -> Outcome {
        match result {
            -1 => Outcome::last(),
            _ => Outcome::Through,
        }
    }

    fn last() -> Outcome {
        Outcome::Denied(std::io::Error::last_os_error().raw_os_error().unwrap_or(0))
    }

    fn encode(self) -> [u8; LENGTH] {
        match self {
            Outcome::Through => [1, 0, 0, 0, 0],
            Outcome::Denied(number) => {
                let [a, b, c, d] = number.to_le_bytes();
                [0, a, b, c, d]
            }
        }
    }

    pub(crate) fn decode(bytes: [u8; LENGTH]) -> Outcome {
        let [through, a, b, c, d] = bytes;
        match through {
            0 => Outcome::Denied(i32::from_le_bytes([a, b, c, d])),
            _ => Outcome::Through,
        }
    }
}

/// An attack.
#[derive(Clone, Copy)]
pub(crate) struct Attack {
    /// What it does, as in `an attempt to {name}`.
    pub(crate) name: &'static str,
    run: fn(&Targets) -> Outcome,
    /// What shows whether it worked, where the attacker cannot know.
    pub(crate) seen: Option<Seen>,
}

/// What is seen of an attack outside.
#[derive(Clone, Copy)]
pub(crate) enum Seen {
    /// A file in the grader's folder, where the attacker may have a folder of its
    /// own in that place: its name, and whether it is there then.
    File(&'static str, bool),
    /// A datagram that has come.
    Datagram,
}

/// The attacks, in the order in which they are tried.
pub(crate) const ALL: &[Attack] = &[
    attack("read /etc/passwd", |_| open(c"/etc/passwd", libc::O_RDONLY)),
    attack("read a file of the grader's", |targets| {
        open(&targets.secret, libc::O_RDONLY)
    }),
    attack("list a folder of the grader's", |targets| {
        let flags = libc::O_RDONLY | libc::O_DIRECTORY | libc::O_CLOEXEC;
        // SAFETY: the calls read strings that outlive them.
        let folder = unsafe { libc::open(targets.folder.as_ptr(), flags) };
        if folder == -1 {
            return Outcome::last();
        }
        // With namespaces there is an empty one on the way to the scratch folder.
        // SAFETY: as above.
        let found = unsafe { libc::openat(folder, c"secret".as_ptr(), libc::O_PATH) };
        closed(folder, closed(found, Outcome::of(found.into())))
    }),
    attack("list the home of root", |_| {
        open(c"/root", libc::O_RDONLY | libc::O_DIRECTORY)
    }),
    attack("write to a file of the grader's", |targets| {
        open(&targets.secret, libc::O_WRONLY)
    }),
    attack("empty a file of the grader's", |targets| {
        // SAFETY: the call reads a string that outlives it.
        Outcome::of(unsafe { libc::truncate(targets.secret.as_ptr(), 0) }.into())
    }),
    Attack {
        seen: Some(Seen::File("planted", true)),
        ..attack("make a file outside of the scratch folder", |targets| {
            open(&targets.planted, libc::O_WRONLY | libc::O_CREAT)
        })
    },
    attack("change the mode of a file of the grader's", |targets| {
        // SAFETY: the call reads a string that outlives it.
        Outcome::of(unsafe { libc::chmod(targets.secret.as_ptr(), 0o666) }.into())
    }),
    Attack {
        seen: Some(Seen::File("removable", false)),
        ..attack("remove a file of the grader's", |targets| {
            // SAFETY: the call reads a string that outlives it.
            Outcome::of(unsafe { libc::unlink(targets.removable.as_ptr()) }.into())
        })
    },
    attack("leave a file in /dev/shm", |_| {
        open(
            c"/dev/shm/lockstep-preflight",
            libc::O_WRONLY | libc::O_CREAT,
        )
    }),
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
    attack("connect to an address outside", |targets| {
        if targets.shared {
            return freed(libc::SOCK_STREAM);
        }
        connect_to([192, 0, 2, 1], 9)
    }),
    attack("send a datagram outside", |targets| {
        if targets.shared {
            return freed(libc::SOCK_DGRAM);
        }
        send_to([192, 0, 2, 1], 9)
    }),
    attack(
        "send a datagram outside on a disconnected socket",
        |targets| disconnected(targets.shared),
    ),
    attack(
        "send one outside on a socket that is connected to port 0",
        |_| sent_connected(address([192, 0, 2, 1], 0)),
    ),
    attack("receive what is sent to another interface", |_| {
        at_another_interface()
    }),
    attack("connect to the machine's own services", |targets| {
        connect_to([127, 0, 0, 1], targets.port)
    }),
    Attack {
        seen: Some(Seen::Datagram),
        ..attack("send a datagram to the machine's own services", |targets| {
            send_to([127, 0, 0, 1], targets.datagrams)
        })
    },
    Attack {
        seen: Some(Seen::Datagram),
        ..attack("send one on a connected socket", |targets| {
            sent_connected(address([127, 0, 0, 1], targets.datagrams))
        })
    },
    Attack {
        seen: Some(Seen::Datagram),
        ..attack("send one with its address beside it", |targets| {
            send_message([127, 0, 0, 1], targets.datagrams)
        })
    },
    attack("connect to a Unix socket by its path", |targets| {
        connect_unix(targets.socket.to_bytes())
    }),
    attack("connect to an abstract Unix socket", |targets| {
        connect_unix(&targets.name)
    }),
    attack("make a socket to the hypervisor", |_| {
        made_socket(libc::AF_VSOCK)
    }),
    attack("make a netlink socket", |_| made_socket(libc::AF_NETLINK)),
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
    attack("watch what others do with files", |targets| {
        // SAFETY: the calls take numbers, and a string that outlives them.
        unsafe {
            let watcher = libc::inotify_init1(libc::IN_CLOEXEC);
            if watcher == -1 {
                return Outcome::last();
            }
            let watch =
                libc::inotify_add_watch(watcher, targets.folder.as_ptr(), libc::IN_ALL_EVENTS);
            closed(watcher, Outcome::of(watch.into()))
        }
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
    attack(
        "write all that the machine has in memory to its disks",
        |_| {
            // SAFETY: the call takes a descriptor of its own and touches no memory.
            Outcome::of(unsafe { libc::syscall(libc::SYS_syncfs, 1) })
        },
    ),
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
    attack("raise its own limits", |_| {
        let much = libc::rlimit {
            rlim_cur: 4096,
            rlim_max: 4096,
        };
        // SAFETY: the call reads the limit, which outlives it.
        Outcome::of(unsafe { libc::setrlimit(libc::RLIMIT_CORE, &raw const much) }.into())
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
    attack("name a file by a handle", |_| {
        let mut handle = [0u32; 64];
        handle[0] = 128;
        let mut mount: libc::c_int = 0;
        let no_flags: libc::c_int = 0;
        // SAFETY: the call reads a string, and writes the handle, whose size is
        // given in its first word, and a number.
        Outcome::of(unsafe {
            libc::syscall(
                libc::SYS_name_to_handle_at,
                libc::AT_FDCWD,
                c"/".as_ptr(),
                handle.as_mut_ptr(),
                &raw mut mount,
                no_flags,
            )
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
    attack("become root", |_| {
        // SAFETY: the call takes numbers and touches no memory.
        Outcome::of(unsafe { libc::syscall(libc::SYS_setresuid, 0, 0, 0) })
    }),
    attack("make a named pipe for the grader to open", |_| {
        // SAFETY: the call reads a string that outlives it.
        Outcome::of(unsafe { libc::mkfifo(c"trap".as_ptr(), 0o600) }.into())
    }),
    attack("make a symbolic link for the grader to follow", |_| {
        // SAFETY: the call reads strings that outlive it.
        Outcome::of(unsafe { libc::symlink(c"/".as_ptr(), c"link".as_ptr()) }.into())
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
    attack("take blocks of the disk that no size tells", |_| {
        let flags = libc::O_RDWR | libc::O_CREAT | libc::O_CLOEXEC;
        // SAFETY: the calls read strings that outlive them, and take numbers.
        unsafe {
            let file = libc::open(c"blocks".as_ptr(), flags, 0o600);
            if file == -1 {
                return Outcome::last();
            }
            let taken = libc::fallocate(file, libc::FALLOC_FL_KEEP_SIZE, 0, 4096);
            let outcome = Outcome::of(taken.into());
            libc::unlink(c"blocks".as_ptr());
            closed(file, outcome)
        }
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
    attack("join a group of the network's", |targets| {
        let Ok(socket) = socket(libc::AF_INET, libc::SOCK_DGRAM) else {
            return Outcome::last();
        };
        if !targets.shared {
            // Nobody else is on its network.
            return closed(socket, Outcome::Denied(libc::ENETUNREACH));
        }
        let group = libc::ip_mreqn {
            imr_multiaddr: libc::in_addr {
                s_addr: u32::from_ne_bytes([239, 255, 77, 77]),
            },
            imr_address: libc::in_addr { s_addr: 0 },
            // The loopback, where nobody is told of it if it works.
            imr_ifindex: 1,
        };
        let (level, option) = (libc::IPPROTO_IP, libc::IP_ADD_MEMBERSHIP);
        let length = size_of::<libc::ip_mreqn>() as libc::socklen_t;
        // SAFETY: the call reads the group, which outlives it.
        let joined =
            unsafe { libc::setsockopt(socket, level, option, (&raw const group).cast(), length) };
        closed(socket, Outcome::of(joined.into()))
    }),
    attack("list the machine's interfaces", |targets| {
        let Ok(socket) = socket(libc::AF_INET, libc::SOCK_DGRAM) else {
            return Outcome::last();
        };
        if !targets.shared {
            return closed(socket, Outcome::Denied(libc::ENODEV));
        }
        // SAFETY: plain data, for which zeros are a valid value: no room for an answer,
        // so that the kernel tells its length only.
        let listed = unsafe {
            let mut list: libc::ifconf = std::mem::zeroed();
            libc::ioctl(socket, libc::SIOCGIFCONF as _, &raw mut list)
        };
        closed(socket, Outcome::of(listed.into()))
    }),
    attack(
        "share a port with one of the machine's services",
        |targets| {
            let Ok(socket) = socket(libc::AF_INET, libc::SOCK_DGRAM) else {
                return Outcome::last();
            };
            let (level, option, yes) = (libc::SOL_SOCKET, libc::SO_REUSEADDR, 1 as libc::c_int);
            let length = size_of::<libc::c_int>() as libc::socklen_t;
            let at = address([127, 0, 0, 1], targets.datagrams);
            let size = size_of::<libc::sockaddr_in>() as libc::socklen_t;
            // SAFETY: the calls read a number and an address, which outlive them.
            let bound = unsafe {
                libc::setsockopt(socket, level, option, (&raw const yes).cast(), length);
                libc::bind(socket, (&raw const at).cast(), size)
            };
            match targets.shared {
                true => closed(socket, Outcome::of(bound.into())),
                false => closed(socket, Outcome::Denied(libc::EADDRINUSE)),
            }
        },
    ),
    attack("type into the grader's terminal", |_| {
        const TIOCSTI: libc::c_ulong = 0x5412;
        // SAFETY: the call reads one byte.
        Outcome::of(unsafe { libc::ioctl(0, TIOCSTI as _, c"x".as_ptr()) }.into())
    }),
];

/// What must work, as a sandbox in which nothing does is of no use.
pub(crate) const USES: &[Attack] = &[
    attack("write to its scratch folder", |_| {
        let made = open(c"own", libc::O_RDWR | libc::O_CREAT);
        // SAFETY: the call reads a string that outlives it.
        unsafe { libc::unlink(c"own".as_ptr()) };
        made
    }),
    attack("throw output away", |_| open(c"/dev/null", libc::O_WRONLY)),
    attack("talk over the loopback, where it may", |targets| {
        if !targets.sockets {
            return Outcome::Through;
        }
        let Ok(listener) = socket(libc::AF_INET, libc::SOCK_STREAM) else {
            return Outcome::last();
        };
        let mut to = address([127, 0, 0, 1], 0);
        let mut length = size_of::<libc::sockaddr_in>() as libc::socklen_t;
        // SAFETY: the calls read and write the address, which outlives them.
        let listening = unsafe {
            libc::bind(listener, (&raw const to).cast(), length) == 0
                && libc::listen(listener, 1) == 0
                && libc::getsockname(listener, (&raw mut to).cast(), &raw mut length) == 0
        };
        let outcome = match listening {
            true => connect_to([127, 0, 0, 1], u16::from_be(to.sin_port)),
            false => Outcome::last(),
        };
        closed(listener, outcome)
    }),
    attack(
        "send a datagram over the loopback, where it may",
        |targets| {
            if !targets.sockets {
                return Outcome::Through;
            }
            let Ok(receiver) = socket(libc::AF_INET, libc::SOCK_DGRAM) else {
                return Outcome::last();
            };
            let mut at = address([127, 0, 0, 1], 0);
            let mut length = size_of::<libc::sockaddr_in>() as libc::socklen_t;
            // SAFETY: the calls read and write the address, which outlives them.
            let bound = unsafe {
                libc::bind(receiver, (&raw const at).cast(), length) == 0
                    && libc::getsockname(receiver, (&raw mut at).cast(), &raw mut length) == 0
            };
            let sent = match bound {
                true => send_to([127, 0, 0, 1], u16::from_be(at.sin_port)),
                false => Outcome::last(),
            };
            let mut byte = 0u8;
            let outcome = match sent {
                // SAFETY: the call writes one byte at most, to `byte`.
                Outcome::Through => Outcome::of(unsafe {
                    libc::recv(receiver, (&raw mut byte).cast(), 1, libc::MSG_DONTWAIT)
                } as libc::c_long),
                denied => denied,
            };
            closed(receiver, outcome)
        },
    ),
    attack(
        "connect to a neighbour, where it may have any",
        |targets| match targets.shared {
            true => connect_to([127, 0, 0, 1], targets.neighbour),
            false => Outcome::Through,
        },
    ),
];

/// What is tried when all others were: it is denied by ending the process.
pub(crate) const LAST: &str = "call the kernel by other numbers (x32)";

const fn attack(name: &'static str, run: fn(&Targets) -> Outcome) -> Attack {
    Attack {
        name,
        run,
        seen: None,
    }
}

/// Has a socket be one that others may share its port with, if they are let.
pub(crate) fn share(socket: &impl AsRawFd) {
    let yes: libc::c_int = 1;
    let length = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: the call reads the number, which outlives it. Where it fails, nobody can.
    unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_REUSEADDR,
            (&raw const yes).cast(),
            length,
        )
    };
}

/// Runs in the process that attacks: tries them all, and writes an outcome for
/// each to standard output.
pub(crate) fn all(targets: &Targets) {
    for attack in ALL.iter().chain(USES) {
        write((attack.run)(targets));
    }
    #[cfg(target_arch = "x86_64")]
    {
        /// `getpid(2)` by its number in the x32 ABI.
        const X32_GETPID: libc::c_long = 0x4000_0000 + libc::SYS_getpid;
        // SAFETY: the call takes nothing and touches no memory.
        write(Outcome::of(unsafe { libc::syscall(X32_GETPID) }));
    }
}

fn write(outcome: Outcome) {
    let bytes = outcome.encode();
    // SAFETY: the call reads as many bytes as there are. What cannot be told is
    // missed by whoever reads.
    unsafe { libc::write(1, bytes.as_ptr().cast(), LENGTH) };
}

fn open(path: &CStr, flags: libc::c_int) -> Outcome {
    // SAFETY: the call reads a string that outlives it.
    let descriptor = unsafe { libc::open(path.as_ptr(), flags | libc::O_CLOEXEC, 0o600) };
    let outcome = Outcome::of(descriptor.into());
    closed(descriptor, outcome)
}

fn closed(descriptor: libc::c_int, outcome: Outcome) -> Outcome {
    if descriptor >= 0 {
        // SAFETY: the descriptor is the caller's, who gives it up.
        unsafe { libc::close(descriptor) };
    }
    outcome
}

fn socket(family: libc::c_int, kind: libc::c_int) -> Result<libc::c_int, ()> {
    // SAFETY: the call takes numbers and touches no memory.
    let socket =
        unsafe { libc::socket(family, kind | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK, 0) };
    if socket == -1 { Err(()) } else { Ok(socket) }
}

fn made_socket(family: libc::c_int) -> Outcome {
    let kind = match family {
        libc::AF_NETLINK => libc::SOCK_RAW,
        _ => libc::SOCK_STREAM,
    };
    match socket(family, kind) {
        Ok(socket) => closed(socket, Outcome::Through),
        Err(()) => Outcome::last(),
    }
}

fn address(address: [u8; 4], port: u16) -> libc::sockaddr_in {
    libc::sockaddr_in {
        sin_family: libc::AF_INET as libc::sa_family_t,
        sin_port: port.to_be(),
        sin_addr: libc::in_addr {
            s_addr: u32::from_ne_bytes(address),
        },
        sin_zero: [0; 8],
    }
}

fn connect_to(to: [u8; 4], port: u16) -> Outcome {
    let Ok(socket) = socket(libc::AF_INET, libc::SOCK_STREAM) else {
        return Outcome::last();
    };
    let outcome = match connected(socket, address(to, port)) {
        Outcome::Denied(libc::EINPROGRESS) => soon(socket),
        outcome => outcome,
    };
    closed(socket, outcome)
}

fn connected(socket: libc::c_int, to: libc::sockaddr_in) -> Outcome {
    let length = size_of::<libc::sockaddr_in>() as libc::socklen_t;
    // SAFETY: the call reads the address, which outlives it.
    Outcome::of(unsafe { libc::connect(socket, (&raw const to).cast(), length) }.into())
}

/// Sends a datagram of one byte.
fn send_to(to: [u8; 4], port: u16) -> Outcome {
    let Ok(socket) = socket(libc::AF_INET, libc::SOCK_DGRAM) else {
        return Outcome::last();
    };
    let to = address(to, port);
    // SAFETY: the call reads one byte and an address, which outlive it.
    let sent = unsafe {
        libc::sendto(
            socket,
            c"x".as_ptr().cast(),
            1,
            libc::MSG_DONTWAIT,
            (&raw const to).cast(),
            size_of::<libc::sockaddr_in>() as libc::socklen_t,
        )
    };
    closed(socket, Outcome::of(sent as libc::c_long))
}

/// The same with a message in memory that has the address.
fn send_message(to: [u8; 4], port: u16) -> Outcome {
    let Ok(socket) = socket(libc::AF_INET, libc::SOCK_DGRAM) else {
        return Outcome::last();
    };
    let mut to = address(to, port);
    let mut part = libc::iovec {
        iov_base: c"x".as_ptr().cast_mut().cast(),
        iov_len: 1,
    };
    // SAFETY: a `msghdr` is plain data, for which zeros are a valid value; the
    // call reads what it points to, which outlives it.
    let sent = unsafe {
        let mut message: libc::msghdr = std::mem::zeroed();
        message.msg_name = (&raw mut to).cast();
        message.msg_namelen = size_of::<libc::sockaddr_in>() as libc::socklen_t;
        message.msg_iov = &raw mut part;
        message.msg_iovlen = 1;
        libc::sendmsg(socket, &raw const message, libc::MSG_DONTWAIT)
    };
    closed(socket, Outcome::of(sent as libc::c_long))
}

/// Sends a datagram of one byte on a socket that is connected to this address.
fn sent_connected(to: libc::sockaddr_in) -> Outcome {
    let Ok(socket) = socket(libc::AF_INET, libc::SOCK_DGRAM) else {
        return Outcome::last();
    };
    let outcome =
        match connected(socket, to) {
            // SAFETY: the call reads one byte.
            Outcome::Through => Outcome::of(unsafe {
                libc::send(socket, c"x".as_ptr().cast(), 1, libc::MSG_DONTWAIT)
            } as libc::c_long),
            denied => denied,
        };
    closed(socket, outcome)
}

/// Disconnects a socket of UDP, with which it forgets its interface, and sends
/// outside, or shows that it could where an interface is all that keeps it.
fn disconnected(shared: bool) -> Outcome {
    let Ok(socket) = socket(libc::AF_INET, libc::SOCK_DGRAM) else {
        return Outcome::last();
    };
    let mut nothing = address([0, 0, 0, 0], 0);
    nothing.sin_family = libc::AF_UNSPEC as libc::sa_family_t;
    let free = connected(socket, nothing);
    let outcome = match shared {
        true if !is_on_loopback(socket) => Outcome::Through,
        true => free,
        false => match connected(socket, address([192, 0, 2, 1], 9)) {
            // SAFETY: the call reads one byte.
            Outcome::Through => Outcome::of(unsafe {
                libc::send(socket, c"x".as_ptr().cast(), 1, libc::MSG_DONTWAIT)
            } as libc::c_long),
            denied => denied,
        },
    };
    closed(socket, outcome)
}

/// Binds a socket to the group of all who are at another interface, whose number it
/// does not know.
fn at_another_interface() -> Outcome {
    /// More than many a machine has.
    const INTERFACES: u32 = 32;
    let mut outcome = Outcome::Denied(libc::ENODEV);
    for number in 2..INTERFACES {
        let Ok(socket) = socket(libc::AF_INET6, libc::SOCK_DGRAM) else {
            return Outcome::last();
        };
        let mut group = [0; 16];
        (group[0], group[1], group[15]) = (0xff, 0x02, 1);
        let at = libc::sockaddr_in6 {
            sin6_family: libc::AF_INET6 as libc::sa_family_t,
            sin6_port: 0,
            sin6_flowinfo: 0,
            sin6_addr: libc::in6_addr { s6_addr: group },
            sin6_scope_id: number,
        };
        let length = size_of::<libc::sockaddr_in6>() as libc::socklen_t;
        // SAFETY: the call reads the address, which outlives it.
        let bound =
            Outcome::of(unsafe { libc::bind(socket, (&raw const at).cast(), length) }.into());
        let is_elsewhere = bound == Outcome::Through && !is_on_loopback(socket);
        closed(socket, bound);
        match bound {
            Outcome::Through if is_elsewhere => return Outcome::Through,
            Outcome::Through => {}
            denied => outcome = denied,
        }
    }
    outcome
}

/// Whether a socket is bound to the loopback interface.
fn is_on_loopback(socket: libc::c_int) -> bool {
    let mut name = [0u8; 16];
    let mut length = name.len() as libc::socklen_t;
    // SAFETY: the call writes no more than there is room for.
    unsafe {
        libc::getsockopt(
            socket,
            libc::SOL_SOCKET,
            libc::SO_BINDTODEVICE,
            name.as_mut_ptr().cast(),
            &raw mut length,
        )
    };
    name.starts_with(b"lo\0")
}

/// Whether a socket is bound to the loopback interface, and cannot be freed: then
/// nothing that is sent on it leaves the machine.
fn freed(kind: libc::c_int) -> Outcome {
    let Ok(socket) = socket(libc::AF_INET, kind) else {
        return Outcome::last();
    };
    let (level, option) = (libc::SOL_SOCKET, libc::SO_BINDTODEVICE);
    // SAFETY: the call reads no bytes, as is said.
    let freed = unsafe { libc::setsockopt(socket, level, option, c"".as_ptr().cast(), 0) };
    let outcome = Outcome::of(freed.into());
    let is_bound = is_on_loopback(socket);
    closed(socket, if is_bound { outcome } else { Outcome::Through })
}

/// What becomes of a connection that is on its way: a refusal comes at once, and
/// what takes longer has left the machine.
fn soon(socket: libc::c_int) -> Outcome {
    const MILLISECONDS: libc::c_int = 500;
    let mut request = libc::pollfd {
        fd: socket,
        events: libc::POLLOUT,
        revents: 0,
    };
    let mut error: libc::c_int = 0;
    let mut length = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: the calls read and write the request and the error, which outlive
    // them.
    unsafe {
        libc::poll(&raw mut request, 1, MILLISECONDS);
        libc::getsockopt(
            socket,
            libc::SOL_SOCKET,
            libc::SO_ERROR,
            (&raw mut error).cast(),
            &raw mut length,
        );
    }
    match error {
        0 => Outcome::Through,
        error => Outcome::Denied(error),
    }
}

fn connect_unix(name: &[u8]) -> Outcome {
    let Ok(socket) = socket(libc::AF_UNIX, libc::SOCK_STREAM) else {
        return Outcome::last();
    };
    // SAFETY: an address is plain data, for which zeros are a valid value.
    let mut to: libc::sockaddr_un = unsafe { std::mem::zeroed() };
    to.sun_family = libc::AF_UNIX as libc::sa_family_t;
    for (place, byte) in to.sun_path.iter_mut().zip(name) {
        *place = *byte as libc::c_char;
    }
    // An abstract name begins with a zero byte, and has no other end than its
    // length; a path may as well have none.
    let length = size_of::<libc::sa_family_t>() + name.len().min(to.sun_path.len());
    // SAFETY: the call reads as much of the address as is said.
    let connected =
        unsafe { libc::connect(socket, (&raw const to).cast(), length as libc::socklen_t) };
    closed(socket, Outcome::of(connected.into()))
}
