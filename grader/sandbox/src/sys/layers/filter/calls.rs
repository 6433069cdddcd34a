//! The lists: calls, and what is asked for with them, by what they are good for.

/// Calls that no process needs that is run here, whatever it is.
pub(super) const NEVER: &[libc::c_long] = &[
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
pub(super) const NEVER_HERE: &[libc::c_long] = &[
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
pub(super) const NEVER_HERE: &[libc::c_long] = &[MEMFD_SECRET];

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
pub(super) const FIRST_UNKNOWN: u32 = 463;

/// Calls with which a file's owner changes it without opening it, which
/// Landlock does not see.
pub(super) const CHANGES: &[libc::c_long] = &[
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

/// Calls that start a process, and nothing but a process.
#[cfg(target_arch = "x86_64")]
pub(super) const FORKS: &[libc::c_long] = &[libc::SYS_fork, libc::SYS_vfork];
#[cfg(not(target_arch = "x86_64"))]
pub(super) const FORKS: &[libc::c_long] = &[];

/// Calls that make symbolic links, which the grader does not look for in a folder that
/// it gives away. Landlock denies them as well, where the kernel has it.
#[cfg(target_arch = "x86_64")]
pub(super) const LINKS: &[libc::c_long] = &[libc::SYS_symlink, libc::SYS_symlinkat];
#[cfg(not(target_arch = "x86_64"))]
pub(super) const LINKS: &[libc::c_long] = &[libc::SYS_symlinkat];

/// Flags of `clone(2)` that make namespaces.
pub(super) const NEW_NAMESPACES: &[libc::c_int] = &[
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWNS,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWNET,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWUTS,
    libc::CLONE_NEWCGROUP,
];

/// The requests of `ioctl(2)` that are let through: whether something is a terminal,
/// how large it is and how it takes what is typed, whether a call waits, what an exec
/// closes, and how much there is to read.
pub(super) const REQUESTS: [libc::Ioctl; 14] = [
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
