//! What the layers that a machine has depend on.
//!
//! It tells nobody whether there are any; only whether something has changed
//! since that was tried.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;

/// The kernel as it was booted, how it is set up, who this process is in it, and
/// what it sees.
const FILES: &[&str] = &[
    "/proc/sys/kernel/random/boot_id",
    "/proc/version",
    "/proc/cmdline",
    // Rules for users.
    "/proc/sys/kernel/unprivileged_userns_clone",
    "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
    "/proc/sys/kernel/apparmor_restrict_unprivileged_unconfined",
    "/proc/sys/kernel/yama/ptrace_scope",
    "/proc/sys/kernel/io_uring_disabled",
    "/proc/sys/kernel/unprivileged_bpf_disabled",
    "/proc/sys/kernel/keys/maxkeys",
    "/proc/sys/user/max_user_namespaces",
    "/proc/sys/user/max_mnt_namespaces",
    "/proc/sys/user/max_pid_namespaces",
    "/proc/sys/user/max_net_namespaces",
    "/proc/sys/user/max_ipc_namespaces",
    "/proc/sys/user/max_uts_namespaces",
    "/proc/sys/kernel/seccomp/actions_avail",
    // The kernel's security modules, and what they make of this process.
    "/sys/kernel/security/lsm",
    "/proc/self/attr/current",
    // This process: its namespace, its limits, the files that it sees.
    "/proc/self/uid_map",
    "/proc/self/gid_map",
    "/proc/self/setgroups",
    "/proc/self/cgroup",
    "/proc/self/limits",
    "/proc/self/mountinfo",
];

/// The namespaces of this process.
const NAMESPACES: &[&str] = &["user", "pid", "mnt", "net", "ipc", "uts", "cgroup"];

/// The lines of what `/proc` tells of this process that say what it may do.
const RIGHTS: &[&str] = &[
    "Uid",
    "Gid",
    "Groups",
    "Cap",
    "NoNewPrivs",
    "Seccomp",
    "Speculation",
];

/// All of it; `None` where the least is not to be had, or where a filter decides
/// on this process's calls, since nobody can read what a filter says.
pub(crate) fn state() -> Option<Vec<u8>> {
    let mut state = own_program().ok()?.into_bytes();
    // Without these two nothing is known of this boot and of this process.
    fs::metadata(FILES[0]).ok()?;
    let status = fs::read_to_string("/proc/self/status").ok()?;
    if !status.lines().any(|line| line == "Seccomp:\t0") {
        return None;
    }
    let is_right = |line: &&str| RIGHTS.iter().any(|right| line.starts_with(right));
    for line in status.lines().filter(is_right) {
        state.extend(line.as_bytes());
        state.push(b'\n');
    }
    for name in NAMESPACES {
        let link = fs::read_link(format!("/proc/self/ns/{name}")).unwrap_or_default();
        state.extend(link.as_os_str().as_encoded_bytes());
        state.push(b'\n');
    }
    for file in FILES {
        // One that is not there is something else than an empty one.
        match fs::read(file) {
            Ok(bytes) => {
                state.extend(bytes.len().to_le_bytes());
                state.extend(bytes);
            }
            Err(error) => state.extend(format!("{:?}\n", error.kind()).into_bytes()),
        }
    }
    Some(state)
}

/// Which file this program is, and since when.
fn own_program() -> io::Result<String> {
    let path = std::env::current_exe()?;
    let found = path.metadata()?;
    Ok(format!(
        "{} {} {} {} {} {} {} {}\n",
        path.display(),
        found.dev(),
        found.ino(),
        found.size(),
        found.mtime(),
        found.mtime_nsec(),
        found.ctime(),
        found.ctime_nsec(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_that_has_not_changed_is_told_the_same() {
        // In a container with a filter there is none.
        if let Some(state) = state() {
            assert!(state.len() > 500);
            assert_eq!(Some(state), super::state());
        }
    }
}
