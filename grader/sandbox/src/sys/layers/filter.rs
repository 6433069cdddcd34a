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
//! ([`FIRST_UNKNOWN`]) none is there: a libc does without, as on an older kernel.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::RawFd;
use std::sync::OnceLock;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen as Length, SeccompCmpOp as Is, SeccompCondition,
    SeccompFilter, SeccompRule, TargetArch, sock_filter,
};

use super::LayerFailed;
use super::channel::{Failed, Stage, Step, check};
use crate::{Network, Policy};

/// A program of the filter's.
pub(super) type Program = BpfProgram;

/// Calls that no process needs that is run here, whatever it is.
const NEVER: &[libc::c_long] = &[
    // Mounts and namespaces.
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_unshare,
    libc::SYS_setns,
    // The system itself.
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_quotactl,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_syslog,
    libc::SYS_vhangup,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_personality,
    libc::SYS_sync,
    libc::SYS_syncfs,
    libc::SYS_quotactl_fd,
    STATMOUNT,
    LISTMOUNT,
    LSM_SET_SELF_ATTR,
    // What others do with files, and holding them up at it.
    libc::SYS_inotify_init1,
    libc::SYS_inotify_add_watch,
    libc::SYS_inotify_rm_watch,
    libc::SYS_fanotify_init,
    libc::SYS_fanotify_mark,
    CACHESTAT,
    // Other processes.
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_process_mrelease,
    libc::SYS_kcmp,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pidfd_send_signal,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_rt_tgsigqueueinfo,
    libc::SYS_migrate_pages,
    libc::SYS_move_pages,
    // What outlives a process: keys, and System V's and POSIX's queues and
    // memory; and memory that no limit counts.
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    libc::SYS_shmget,
    libc::SYS_shmat,
    libc::SYS_shmctl,
    libc::SYS_shmdt,
    libc::SYS_semget,
    libc::SYS_semop,
    libc::SYS_semctl,
    libc::SYS_semtimedop,
    libc::SYS_msgget,
    libc::SYS_msgsnd,
    libc::SYS_msgrcv,
    libc::SYS_msgctl,
    libc::SYS_mq_open,
    libc::SYS_mq_unlink,
    libc::SYS_memfd_create,
    // Ways around the other layers: calls that are made by the kernel, and files
    // that are named by no path.
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_io_setup,
    libc::SYS_io_submit,
    libc::SYS_name_to_handle_at,
    libc::SYS_open_by_handle_at,
    libc::SYS_mknodat,
];

/// The same, where an architecture has them, and those without a name yet.
#[cfg(target_arch = "x86_64")]
const NEVER_HERE: &[libc::c_long] = &[
    libc::SYS_mknod,
    libc::SYS_inotify_init,
    libc::SYS_iopl,
    libc::SYS_ioperm,
    libc::SYS_modify_ldt,
    libc::SYS_uselib,
    libc::SYS_kexec_file_load,
    MEMFD_SECRET,
];
#[cfg(not(target_arch = "x86_64"))]
const NEVER_HERE: &[libc::c_long] = &[MEMFD_SECRET];

/// `memfd_secret(2)`
const MEMFD_SECRET: libc::c_long = 447;
/// `cachestat(2)`
const CACHESTAT: libc::c_long = 451;
/// `statmount(2)`
const STATMOUNT: libc::c_long = 457;
/// `listmount(2)`
const LISTMOUNT: libc::c_long = 458;
/// `lsm_set_self_attr(2)`
const LSM_SET_SELF_ATTR: libc::c_long = 460;

/// The first call that the lists here know nothing of, and that std and rustc do
/// not need: with it begin those that change attributes of files by their paths
/// (`setxattrat(2)`), which are as good as the older ones for an attacker. Newer
/// calls have the same numbers on all processors.
const FIRST_UNKNOWN: u32 = 463;

/// Calls with which a file's owner changes it without opening it, which
/// Landlock does not see.
const CHANGES: &[libc::c_long] = &[
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    FCHMODAT2,
    libc::SYS_fchown,
    libc::SYS_fchownat,
    libc::SYS_utimensat,
    libc::SYS_setxattr,
    libc::SYS_lsetxattr,
    libc::SYS_fsetxattr,
    libc::SYS_removexattr,
    libc::SYS_lremovexattr,
    libc::SYS_fremovexattr,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_chmod,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_chown,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_lchown,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_utime,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_utimes,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_futimesat,
];

/// `fchmodat2(2)`
const FCHMODAT2: libc::c_long = 452;

/// Whose the files of the machine are that a process can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Files {
    /// The grader's, which is the process's own user: it could change them.
    OfTheGrader,
    /// Somebody else's, or there are none but its own.
    OfOthers,
}

/// The requests of `ioctl(2)` that are let through: whether something is a terminal,
/// how large it is and how it takes what is typed, whether a call waits, what an exec
/// closes, and how much there is to read.
const REQUESTS: [libc::Ioctl; 14] = [
    libc::TCGETS,
    libc::TCSETS,
    libc::TCSETSW,
    libc::TCSETSF,
    libc::TCGETS2,
    libc::TCSETS2,
    libc::TCSETSW2,
    libc::TCSETSF2,
    libc::TIOCGPGRP,
    libc::TIOCGWINSZ,
    libc::FIONBIO,
    libc::FIONREAD,
    libc::FIOCLEX,
    libc::FIONCLEX,
];

/// Calls that start a process, and nothing but a process.
#[cfg(target_arch = "x86_64")]
const FORKS: &[libc::c_long] = &[libc::SYS_fork, libc::SYS_vfork];
#[cfg(not(target_arch = "x86_64"))]
const FORKS: &[libc::c_long] = &[];

/// Calls that make symbolic links, which the grader does not look for in a folder that
/// it gives away. Landlock denies them as well, where the kernel has it.
#[cfg(target_arch = "x86_64")]
const LINKS: &[libc::c_long] = &[libc::SYS_symlink, libc::SYS_symlinkat];
#[cfg(not(target_arch = "x86_64"))]
const LINKS: &[libc::c_long] = &[libc::SYS_symlinkat];

/// Flags of `clone(2)` that make namespaces.
const NEW_NAMESPACES: &[libc::c_int] = &[
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWNS,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWNET,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWUTS,
    libc::CLONE_NEWCGROUP,
];

/// An argument of a call, as what it is compared with.
fn argument(
    index: u8,
    length: Length,
    is: Is,
    value: u64,
) -> Result<SeccompCondition, seccompiler::BackendError> {
    SeccompCondition::new(index, length, is, value)
}

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

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
    let program = compile(denied, sockets, policy.starts_programs)
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

fn compile(
    changes_denied: bool,
    sockets: Sockets,
    starts_programs: bool,
) -> Result<Program, seccompiler::BackendError> {
    let mut rules: Rules = NEVER
        .iter()
        .chain(NEVER_HERE)
        .map(|call| (*call, Vec::new()))
        .collect();
    let mut when = |call: libc::c_long, conditions: Vec<SeccompCondition>| {
        let rule = SeccompRule::new(conditions)?;
        rules.entry(call).or_default().push(rule);
        Ok::<(), seccompiler::BackendError>(())
    };

    for flag in NEW_NAMESPACES {
        let flag = *flag as u32 as u64;
        when(
            libc::SYS_clone,
            vec![argument(0, Length::Qword, Is::MaskedEq(flag), flag)?],
        )?;
    }
    if !starts_programs {
        // A thread is a process that shares all with another one.
        let thread = libc::CLONE_THREAD as u32 as u64;
        when(
            libc::SYS_clone,
            vec![argument(0, Length::Qword, Is::MaskedEq(thread), 0)?],
        )?;
    }
    // Of these, only what a process does to itself.
    for (call, index) in [
        (libc::SYS_prlimit64, 0),
        (libc::SYS_sched_setaffinity, 0),
        (libc::SYS_sched_setscheduler, 0),
        (libc::SYS_sched_setparam, 0),
        (libc::SYS_sched_setattr, 0),
        (libc::SYS_setpriority, 0),
        (libc::SYS_setpriority, 1),
        (libc::SYS_ioprio_set, 1),
    ] {
        when(call, vec![argument(index, Length::Dword, Is::Ne, 0)?])?;
    }
    // Else that is all of its group or its user.
    const IOPRIO_WHO_PROCESS: u64 = 1;
    when(
        libc::SYS_ioprio_set,
        vec![argument(0, Length::Dword, Is::Ne, IOPRIO_WHO_PROCESS)?],
    )?;
    // It is to die with the grader; and who shares a processor is no matter of its.
    for option in [libc::PR_SET_PDEATHSIG, libc::PR_SCHED_CORE] {
        when(
            libc::SYS_prctl,
            vec![argument(0, Length::Dword, Is::Eq, option as u64)?],
        )?;
    }
    if !starts_programs {
        // Memory that is shared counts as nobody's, and can only be shared with
        // oneself here. It is the lowest bit of the flags.
        let shared = libc::MAP_SHARED as u32 as u64;
        when(
            libc::SYS_mmap,
            vec![argument(3, Length::Dword, Is::MaskedEq(shared), shared)?],
        )?;
    }
    if !starts_programs {
        // Who is ended by this signal was ended by the machine, for want of memory.
        for (call, index) in [
            (libc::SYS_kill, 1),
            (libc::SYS_tkill, 1),
            (libc::SYS_tgkill, 2),
        ] {
            let signal = argument(index, Length::Dword, Is::Eq, libc::SIGKILL as u64)?;
            when(call, vec![signal])?;
        }
        // Nor does it give itself less time, at the end of which comes that signal. (To
        // ask for a limit is to give none.)
        when(
            libc::SYS_prlimit64,
            vec![argument(2, Length::Qword, Is::Ne, 0)?],
        )?;
    }
    // Memory that grows by itself is counted as a stack, and a stack has a limit only
    // where it is the first thread's.
    if !starts_programs {
        let grows = libc::MAP_GROWSDOWN as u32 as u64;
        when(
            libc::SYS_mmap,
            vec![argument(3, Length::Dword, Is::MaskedEq(grows), grows)?],
        )?;
    }
    // Blocks on the disk that are in no file's size.
    when(
        libc::SYS_fallocate,
        vec![argument(1, Length::Dword, Is::Ne, 0)?],
    )?;
    // Of the requests that devices, files and sockets know, what a libc needs: not to
    // type into a terminal, not to have signals sent by an owner of a descriptor, not
    // to change a file's flags, and not to be told of the machine's interfaces.
    #[allow(
        clippy::unnecessary_cast,
        reason = "a request has another type in another libc"
    )]
    let others = REQUESTS
        .iter()
        .map(|request| argument(1, Length::Dword, Is::Ne, *request as u32 as u64))
        .collect::<Result<_, _>>()?;
    when(libc::SYS_ioctl, others)?;
    // A signal that comes from a descriptor, by way of an owner that it is given.
    const F_SETSIG: u64 = 10;
    const F_SETOWN_EX: u64 = 15;
    // A lease keeps others waiting who open the file; a notice tells of them.
    const F_SETLEASE: u64 = 1024;
    const F_NOTIFY: u64 = 1026;
    for command in [
        libc::F_SETOWN as u64,
        F_SETSIG,
        F_SETOWN_EX,
        F_SETLEASE,
        F_NOTIFY,
    ] {
        when(
            libc::SYS_fcntl,
            vec![argument(1, Length::Dword, Is::Eq, command)?],
        )?;
    }

    if sockets != Sockets::None {
        sockets_of_the_internet(&mut when)?;
    }
    if sockets == Sockets::OfTheGrader {
        addresses_elsewhere(&mut when)?;
        // Their addresses lie where no filter sees them.
        for call in [libc::SYS_sendmsg, libc::SYS_sendmmsg] {
            rules.insert(call, Vec::new());
        }
    }
    let mut when = |call: libc::c_long, conditions: Vec<SeccompCondition>| {
        let rule = SeccompRule::new(conditions)?;
        rules.entry(call).or_default().push(rule);
        Ok::<(), seccompiler::BackendError>(())
    };
    if sockets != Sockets::None || starts_programs {
        // std hands a pair to each process that it starts. One of datagram
        // sockets is no such thing: it can send to any name; nor is one of another
        // family.
        when(libc::SYS_socketpair, vec![kind(libc::SOCK_DGRAM)?])?;
        when(
            libc::SYS_socketpair,
            vec![argument(0, Length::Dword, Is::Ne, libc::AF_UNIX as u64)?],
        )?;
    } else {
        rules.insert(libc::SYS_socketpair, Vec::new());
    }
    if sockets == Sockets::None {
        rules.insert(libc::SYS_socket, Vec::new());
    }
    if !starts_programs {
        rules.extend(FORKS.iter().map(|call| (*call, Vec::new())));
        rules.extend(LINKS.iter().map(|call| (*call, Vec::new())));
        // The signal of a timer is chosen in memory. The other call sets a limit in any
        // case.
        for call in [libc::SYS_timer_create, libc::SYS_setrlimit] {
            rules.insert(call, Vec::new());
        }
    }
    // A compiler's linker sets the mode of what it makes, and does not mind that
    // it cannot: for it these are answered in the first program.
    if changes_denied {
        rules.extend(CHANGES.iter().map(|call| (*call, Vec::new())));
    }
    SeccompFilter::new(
        rules,
        SeccompAction::Allow,
        SeccompAction::Errno(libc::EPERM as u32),
        TargetArch::try_from(std::env::consts::ARCH)?,
    )?
    .try_into()
}

/// The kind of a socket that is asked for: it is in the lowest bits, beside flags.
fn kind(value: libc::c_int) -> Result<SeccompCondition, seccompiler::BackendError> {
    const KIND: u64 = 0xf;
    argument(1, Length::Dword, Is::MaskedEq(KIND), value as u64)
}

/// Allows sockets of TCP and UDP.
fn sockets_of_the_internet(
    when: &mut impl FnMut(libc::c_long, Vec<SeccompCondition>) -> Result<(), seccompiler::BackendError>,
) -> Result<(), seccompiler::BackendError> {
    let family = |is, value: libc::c_int| argument(0, Length::Dword, is, value as u64);
    when(
        libc::SYS_socket,
        vec![
            family(Is::Ne, libc::AF_INET)?,
            family(Is::Ne, libc::AF_INET6)?,
        ],
    )?;
    for raw in [
        libc::SOCK_RAW,
        libc::SOCK_SEQPACKET,
        libc::SOCK_RDM,
        libc::SOCK_DCCP,
        SOCK_PACKET,
    ] {
        when(libc::SYS_socket, vec![kind(raw)?])?;
    }
    for option in [
        libc::SO_BINDTODEVICE,
        SO_BINDTOIFINDEX,
        libc::SO_ATTACH_FILTER,
        libc::SO_ATTACH_BPF,
    ] {
        no_option(when, libc::SOL_SOCKET, option)?;
    }
    Ok(())
}

/// Denies what would have a socket reach others than the grader has looked at:
/// ways to connect or send later than the call that names the address, and to be
/// at a port together with another service; and to keep the grader waiting.
fn addresses_elsewhere(
    when: &mut impl FnMut(libc::c_long, Vec<SeccompCondition>) -> Result<(), seccompiler::BackendError>,
) -> Result<(), seccompiler::BackendError> {
    for (level, option) in [
        (libc::SOL_SOCKET, libc::SO_REUSEPORT),
        (libc::IPPROTO_IP, libc::IP_OPTIONS),
        (libc::IPPROTO_IPV6, libc::IPV6_RTHDR),
        (libc::IPPROTO_IPV6, IPV6_2292RTHDR),
        (libc::IPPROTO_TCP, libc::TCP_FASTOPEN_CONNECT),
        (libc::IPPROTO_TCP, libc::TCP_SYNCNT),
        (libc::IPPROTO_UDP, libc::UDP_CORK),
    ] {
        no_option(when, level, option)?;
    }
    // Who joins a group of receivers has that told to the network around the machine.
    for level in [libc::IPPROTO_IP, libc::IPPROTO_IPV6] {
        for option in [
            MCAST_JOIN_GROUP,
            MCAST_LEAVE_GROUP,
            MCAST_BLOCK_SOURCE,
            MCAST_UNBLOCK_SOURCE,
            MCAST_JOIN_SOURCE_GROUP,
            MCAST_LEAVE_SOURCE_GROUP,
            MCAST_MSFILTER,
        ] {
            no_option(when, level, option)?;
        }
    }
    for option in [
        libc::IP_ADD_MEMBERSHIP,
        libc::IP_ADD_SOURCE_MEMBERSHIP,
        libc::IP_BLOCK_SOURCE,
        libc::IP_UNBLOCK_SOURCE,
        IP_MSFILTER,
    ] {
        no_option(when, libc::IPPROTO_IP, option)?;
    }
    for option in [libc::IPV6_ADD_MEMBERSHIP, IPV6_JOIN_ANYCAST] {
        no_option(when, libc::IPPROTO_IPV6, option)?;
    }
    // A `sendto(2)` that connects.
    let fast_open = libc::MSG_FASTOPEN as u32 as u64;
    when(
        libc::SYS_sendto,
        vec![argument(
            3,
            Length::Dword,
            Is::MaskedEq(fast_open),
            fast_open,
        )?],
    )
}

/// Denies setting an option of a socket.
fn no_option(
    when: &mut impl FnMut(libc::c_long, Vec<SeccompCondition>) -> Result<(), seccompiler::BackendError>,
    level: libc::c_int,
    option: libc::c_int,
) -> Result<(), seccompiler::BackendError> {
    when(
        libc::SYS_setsockopt,
        vec![
            argument(1, Length::Dword, Is::Eq, level as u64)?,
            argument(2, Length::Dword, Is::Eq, option as u64)?,
        ],
    )
}

/// `MCAST_JOIN_GROUP` and the others that both families have (`linux/in.h`).
const MCAST_JOIN_GROUP: libc::c_int = 42;
const MCAST_BLOCK_SOURCE: libc::c_int = 43;
const MCAST_UNBLOCK_SOURCE: libc::c_int = 44;
const MCAST_LEAVE_GROUP: libc::c_int = 45;
const MCAST_JOIN_SOURCE_GROUP: libc::c_int = 46;
const MCAST_LEAVE_SOURCE_GROUP: libc::c_int = 47;
const MCAST_MSFILTER: libc::c_int = 48;
/// `IP_MSFILTER`
const IP_MSFILTER: libc::c_int = 41;
/// `IPV6_JOIN_ANYCAST`
const IPV6_JOIN_ANYCAST: libc::c_int = 27;
/// `SOCK_PACKET`, which is obsolete and still there.
const SOCK_PACKET: libc::c_int = 10;
/// `IPV6_2292RTHDR`
const IPV6_2292RTHDR: libc::c_int = 5;
/// `SO_BINDTOIFINDEX`
const SO_BINDTOIFINDEX: libc::c_int = 62;

/// The program that comes first.
pub(super) fn guard(policy: &Policy, files: Files) -> &'static Program {
    static GUARDS: [OnceLock<Program>; 2] = [const { OnceLock::new() }; 2];
    let answered = files == Files::OfTheGrader && policy.starts_programs;
    GUARDS[usize::from(answered)].get_or_init(|| {
        let changes = match answered {
            true => CHANGES,
            false => &[],
        };
        guard_made(changes)
    })
}

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

fn guard_made(changes: &[libc::c_long]) -> Program {
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

/// Runs in the child: installs a program.
pub(super) fn install(program: &Program) -> Step {
    install_instructions(program.as_ptr().cast(), program.len())
}

/// Runs in the child: has signals be for itself only, which is no matter of
/// lists, as its number is known only now. (The kernel's own way, scopes of
/// Landlock, is newer than what is asked of it.)
pub(super) fn install_signals_to_itself(pid: RawFd) -> Step {
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
pub(super) fn install_one_program(path: &std::ffi::CStr) -> Step {
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
pub(super) fn install_sockets_of_the_grader() -> Result<RawFd, Failed> {
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
