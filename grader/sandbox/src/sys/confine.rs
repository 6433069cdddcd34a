//! What a process is made to do to itself before it becomes the program.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Duration;

use super::alone::Alone;
use crate::{Job, Streams};

/// Has the process that `command` starts confine itself first.
pub(crate) fn confine(command: &mut Command, job: &Job) {
    // What the system counts by user would be all that the user runs.
    let confinement = Confinement::new(job, None);
    // SAFETY: between fork and exec only calls that are safe in a signal
    // handler are allowed: `apply` makes system calls, neither allocates nor
    // locks, and reads only what was prepared before the fork.
    unsafe { command.pre_exec(move || confinement.apply()) };
}

/// The most that the stack of a first thread may take, in bytes.
const STACK: u64 = 8 << 20;

/// All that is decided before the fork.
pub(super) struct Confinement {
    /// The process that starts it.
    parent: u32,
    limits: [(libc::c_int, libc::rlimit); 7],
    cpu_seconds: u64,
    fixed_addresses: bool,
    /// Whether it comes with a session of its own.
    in_session: bool,
    alone: Option<Alone>,
}

impl Confinement {
    /// The time on the processors after which the process is told that it is up.
    pub(super) fn cpu(&self) -> Duration {
        Duration::from_secs(self.cpu_seconds)
    }

    /// `processes` is how many the user that it runs as may have.
    pub(super) fn new(job: &Job, processes: Option<u64>) -> Confinement {
        let limits = job.limits;
        let cpu = limits.cpu_seconds;
        // At the lower limit of time comes SIGXCPU, which tells what happened,
        // at the higher one SIGKILL, which cannot be ignored.
        let limits = [
            limit(libc::RLIMIT_CPU as _, Some((cpu, cpu.saturating_add(1)))),
            limit(
                libc::RLIMIT_DATA as _,
                Some((limits.memory_bytes, limits.memory_bytes)),
            ),
            limit(
                libc::RLIMIT_FSIZE as _,
                Some((limits.file_bytes, limits.file_bytes)),
            ),
            limit(libc::RLIMIT_CORE as _, Some((0, 0))),
            // As on most machines, whoever started the grader: it decides what ends
            // a recursion.
            limit(libc::RLIMIT_STACK as _, Some((STACK, STACK))),
            limit(
                libc::RLIMIT_NPROC as _,
                processes.map(|number| (number, number)),
            ),
            limit(
                libc::RLIMIT_NOFILE as _,
                Some((limits.open_files, limits.open_files)),
            ),
        ];
        Confinement {
            parent: std::process::id(),
            limits,
            cpu_seconds: cpu,
            fixed_addresses: job.fixed_addresses,
            // The session that has the terminal is made with it.
            in_session: job.streams == Streams::Terminal,
            alone: job.alone.then(Alone::new),
        }
    }

    /// Runs in the new process.
    fn apply(&self) -> io::Result<()> {
        // A session of its own: no terminal, and a group that can be ended.
        if !self.in_session {
            // SAFETY: the call takes nothing and touches no memory.
            check(unsafe { libc::setsid() })?;
        }
        // Who started the grader in the background may have it ignore interrupts,
        // which is inherited, and is not the program's to find.
        // SAFETY: the call takes numbers and touches no memory of ours.
        unsafe { libc::signal(libc::SIGINT, libc::SIG_DFL) };
        die_with(self.parent)?;
        close_on_exec();
        self.limit()
    }

    /// Runs in the new process: what it may use, and never more again.
    pub(super) fn limit(&self) -> io::Result<()> {
        no_new_privileges()?;
        if self.fixed_addresses {
            fix_addresses();
        }
        for (resource, limit) in &self.limits {
            // SAFETY: the call reads the limit, which outlives it.
            check(unsafe { libc::setrlimit(*resource as _, limit) })?;
        }
        if let Some(alone) = &self.alone {
            alone.apply();
        }
        Ok(())
    }
}

/// A limit that the grader itself may set: no higher than its own.
fn limit(resource: libc::c_int, wanted: Option<(u64, u64)>) -> (libc::c_int, libc::rlimit) {
    let mut limit = libc::rlimit {
        rlim_cur: libc::RLIM_INFINITY,
        rlim_max: libc::RLIM_INFINITY,
    };
    // SAFETY: the call writes to the limit, which outlives it.
    unsafe { libc::getrlimit(resource as _, &mut limit) };
    if let Some((soft, hard)) = wanted {
        limit.rlim_max = limit.rlim_max.min(hard);
        limit.rlim_cur = limit.rlim_max.min(soft);
    }
    (resource, limit)
}

fn check(result: libc::c_int) -> io::Result<()> {
    match result {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// Has the system end this process when the thread that started it ends.
#[cfg(target_os = "linux")]
fn die_with(parent: u32) -> io::Result<()> {
    // SAFETY: the call takes numbers and touches no memory.
    check(unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL as libc::c_ulong) })?;
    // The parent may have died before the call above.
    match std::os::unix::process::parent_id() == parent {
        true => Ok(()),
        false => Err(io::Error::from_raw_os_error(libc::ESRCH)),
    }
}

/// Has programs with a set-user-id bit run without it.
#[cfg(target_os = "linux")]
fn no_new_privileges() -> io::Result<()> {
    let (on, unused): (libc::c_ulong, libc::c_ulong) = (1, 0);
    // SAFETY: the call takes numbers and touches no memory.
    check(unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, on, unused, unused, unused) })
}

/// Has the program lie at the same addresses in every run. A system that
/// refuses it gives other addresses, and is no worse in any other way.
#[cfg(target_os = "linux")]
fn fix_addresses() {
    /// Asks for the personality and does not change it.
    const ASK: libc::c_ulong = 0xffff_ffff;
    // SAFETY: the call takes a number and touches no memory.
    let now = unsafe { libc::personality(ASK) };
    if now != -1 {
        // SAFETY: as above.
        unsafe { libc::personality((now | libc::ADDR_NO_RANDOMIZE) as libc::c_ulong) };
    }
}

#[cfg(not(target_os = "linux"))]
fn die_with(_: u32) -> io::Result<()> {
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn no_new_privileges() -> io::Result<()> {
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn fix_addresses() {}

/// Has the exec close every descriptor but the standard three. Those that Rust
/// opens are marked so already: this is for those that the grader inherited.
fn close_on_exec() {
    #[cfg(target_os = "linux")]
    {
        // By number, as a libc older than the kernel has no function for it.
        // SAFETY: the call takes numbers and touches no memory.
        let done = unsafe {
            libc::syscall(
                libc::SYS_close_range,
                3,
                libc::c_uint::MAX,
                libc::CLOSE_RANGE_CLOEXEC,
            )
        };
        if done == 0 {
            return;
        }
    }
    // An older kernel, or another system: one by one, as many as are usual.
    let (_, open) = limit(libc::RLIMIT_NOFILE as _, None);
    let last = libc::c_int::try_from(open.rlim_cur)
        .unwrap_or(libc::c_int::MAX)
        .min(65_536);
    for descriptor in 3..last {
        // SAFETY: the call takes numbers; a descriptor that is not open is an
        // error without consequence.
        unsafe { libc::fcntl(descriptor, libc::F_SETFD, libc::FD_CLOEXEC) };
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::os::fd::AsRawFd;

    use crate::{How, Job};

    #[test]
    fn inherited_descriptors_are_closed() {
        let file = std::fs::File::open("/dev/null").unwrap();
        // SAFETY: the call takes a number. A descriptor made so, unlike those of
        // Rust, is inherited.
        let inherited = unsafe { libc::dup(file.as_raw_fd()) };
        assert!(inherited > 2);
        let mut job = Job::new("/bin/sh", "/");
        let script = format!("[ -e /proc/self/fd/{inherited} ] && exit 1; [ -e /proc/self/fd/2 ]");
        job.args = vec!["-c".into(), script.into()];
        assert_eq!(crate::run(&job, b"").unwrap().how, How::Exited(0));
    }
}
