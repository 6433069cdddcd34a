//! The clone, and what the processes do on their way to the program.
//!
//! With namespaces there are two: the first of the namespace, which makes it
//! what it is, and the one that becomes the program. The first one then only
//! waits, tells how the program ended, and ends; that ends all the others in
//! the namespace. It is our own code to its end, holds no descriptor that the
//! program could use, has no capabilities, and cannot be killed from inside.
//!
//! Without namespaces the child becomes the program itself.

use std::io::{self, Read as _};
use std::os::fd::{AsRawFd as _, OwnedFd, RawFd};
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::sync::OnceLock;
use std::time::Duration;

use super::channel::{self, Begun, Failed, Stage, Step, check, last_error};
use super::plan::{Namespaces, Plan, Runs};
use super::privileges::User;
use super::{Cgroup, Layered, Reaped, filter, landlock, privileges, sockets, terminal};

/// Where the descriptors of a child are, one after another from 0 on: its
/// standard streams, the channel, the place for the program's end, Landlock's
/// rules, and the grader's process.
const CHANNEL: RawFd = 3;
const STATUS: RawFd = 4;
const RULES: RawFd = 5;
const GRADER: RawFd = 6;
/// The first number that is no descriptor of a child.
const END: usize = 7;

/// Starts the process of a plan.
pub(super) fn spawn(plan: Plan) -> io::Result<Layered> {
    Ok(spawn_timed(plan)?.0)
}

/// The same, with the times at which what was done.
pub(super) fn spawn_timed(plan: Plan) -> io::Result<(Layered, Vec<(Stage, u32)>)> {
    let streams = Streams::new(plan.at_terminal)?;
    let (channel, child_channel) = channel::pair()?;
    let (status, child_status) = io::pipe()?;
    let given = [
        streams.theirs[0].as_raw_fd(),
        streams.theirs[1].as_raw_fd(),
        streams.theirs[2].as_raw_fd(),
        child_channel.as_raw_fd(),
        child_status.as_raw_fd(),
        // Something has to be there; it is closed if it is not needed.
        landlock::number(&plan.landlock).unwrap_or(child_status.as_raw_fd()),
        // Where it cannot be had, the channel has to do.
        own_process().unwrap_or(child_channel.as_raw_fd()),
    ];
    let grader = std::process::id();
    let flags = plan
        .namespaces
        .as_ref()
        .map_or(0, |namespaces| namespaces.flags);
    let pid = {
        // A handler of the grader's must not run in a child.
        let _blocked = Blocked::all();
        // SAFETY: no memory is shared, so this is a fork, and the child makes
        // system calls only, until it is another program or ends.
        let pid = unsafe { clone_into(flags, plan.held.cgroup.as_ref()) };
        if pid == 0 {
            child(&plan, given, grader);
        }
        pid
    };
    if pid == -1 {
        let source = io::Error::last_os_error();
        return Err(match flags {
            0 => source,
            _ => Stage::Namespaces.error(source),
        });
    }
    drop((streams.theirs, child_channel, child_status));
    let (stdin, stdout, stderr) = streams.ours;
    let pid = u32::try_from(pid).map_err(io::Error::other)?;
    let is_first = plan.namespaces.is_some();
    // Of several, what is told is the sum, and each has that time to itself.
    let cpu = plan.becomes_no_other.then(|| plan.confinement.cpu());
    let held = plan.held;
    let layered = |worker| Layered {
        pid,
        worker,
        stdin,
        stdout,
        stderr,
        reaped: Reaped {
            pid,
            status: is_first.then(|| status.into()),
            cpu,
            held,
        },
    };
    let started = match channel::listen(&channel) {
        Ok(begun) => {
            let Begun {
                worker,
                passed,
                times,
            } = begun;
            let served = match (passed, plan.neighbours) {
                (Some(calls), Some(neighbours)) => sockets::serve(calls, worker, neighbours),
                _ => Ok(()),
            };
            served.map(|()| (worker, times))
        }
        Err(error) => Err(error),
    };
    match started {
        Ok((worker, times)) => Ok((layered(worker), times)),
        Err(error) => {
            crate::sys::kill(pid);
            let _ = reap(pid, None, None);
            Err(error)
        }
    }
}

/// Starts a process of ours that is this user and does nothing, and gives its
/// number to somebody who tries something with it.
pub(super) fn try_with(user: &User, tries: impl FnOnce(u32) -> io::Result<()>) -> io::Result<()> {
    let (mut ready, child_ready) = io::pipe()?;
    let grader = std::process::id();
    let pid = {
        let _blocked = Blocked::all();
        // SAFETY: as in `spawn_timed`.
        let pid = unsafe { clone(0) };
        if pid == 0 {
            does_nothing(user, child_ready.as_raw_fd(), grader);
        }
        pid
    };
    drop(child_ready);
    let pid = match u32::try_from(pid) {
        Ok(pid) => pid,
        Err(_) => return Err(io::Error::last_os_error()),
    };
    let tried = ready.read_exact(&mut [0]).and_then(|()| tries(pid));
    crate::sys::kill(pid);
    reap(pid, None, None)?;
    tried
}

/// Runs in the child, to its end.
fn does_nothing(user: &User, ready: RawFd, grader: u32) -> ! {
    // SAFETY: the calls take numbers and touch no memory.
    unsafe {
        libc::syscall(libc::SYS_dup3, ready, 0, libc::O_CLOEXEC);
        libc::syscall(libc::SYS_close_range, 1, libc::c_uint::MAX, 0);
    }
    let is_it = user.become_it().and_then(|()| die_with_the_grader());
    if is_it.and_then(|()| is_child_of(grader)).is_err() {
        leave(127);
    }
    may_be_looked_at();
    // SAFETY: the call reads one byte.
    unsafe { libc::write(0, [0u8].as_ptr().cast(), 1) };
    loop {
        // SAFETY: the call takes nothing; it ends with the process.
        unsafe { libc::pause() };
    }
}

/// Runs in the child: lets its user look at it, as at a program that it has started.
fn may_be_looked_at() {
    let (yes, unused): (libc::c_ulong, libc::c_ulong) = (1, 0);
    // SAFETY: the call takes numbers and touches no memory.
    unsafe { libc::prctl(libc::PR_SET_DUMPABLE, yes, unused, unused, unused) };
}

/// What tells of the end of this process, once for all that it starts.
fn own_process() -> Option<RawFd> {
    static OWN: OnceLock<Option<OwnedFd>> = OnceLock::new();
    let own = OWN.get_or_init(|| crate::sys::open_process(std::process::id()));
    own.as_ref().map(|own| own.as_raw_fd())
}

/// The standard streams of a process: both ends of each.
struct Streams {
    ours: (OwnedFd, OwnedFd, Option<OwnedFd>),
    theirs: [OwnedFd; 3],
}

impl Streams {
    fn new(at_terminal: bool) -> io::Result<Streams> {
        if at_terminal {
            let (ours, theirs) = terminal::open()?;
            return Ok(Streams {
                ours: (ours.try_clone()?, ours, None),
                theirs: [theirs.try_clone()?, theirs.try_clone()?, theirs],
            });
        }
        let (child_stdin, stdin) = io::pipe()?;
        let (stdout, child_stdout) = io::pipe()?;
        let (stderr, child_stderr) = io::pipe()?;
        Ok(Streams {
            ours: (stdin.into(), stdout.into(), Some(stderr.into())),
            theirs: [child_stdin.into(), child_stdout.into(), child_stderr.into()],
        })
    }
}

/// Reaps the child, and gives the end of the program: the one that was told, if
/// one was. Who ignored the signal that its time on the processors (`cpu`) was up,
/// and was killed a second later, has ended by that signal.
pub(super) fn reap(
    pid: u32,
    status: Option<&OwnedFd>,
    cpu: Option<Duration>,
) -> io::Result<ExitStatus> {
    // Its number may be another's from then on.
    crate::sys::forget(pid);
    let own = loop {
        match end_of(pid as libc::pid_t) {
            Ok((_, own)) => break own,
            Err(error) if error.raw_os_error() == Some(libc::EINTR) => {}
            Err(error) => return Err(error),
        }
    };
    let mut told = [0u8; Ended::LENGTH];
    let length = status.map_or(0, |status| {
        // Its writer has ended, so this does not wait.
        // SAFETY: the call writes as many bytes as there is room for.
        unsafe { libc::read(status.as_raw_fd(), told.as_mut_ptr().cast(), told.len()) }
    });
    let ended = match usize::try_from(length) {
        Ok(Ended::LENGTH) => Ended::decode(told),
        _ => own,
    };
    let status = ExitStatus::from_raw(ended.status);
    let is_used_up = cpu.is_some_and(|cpu| Duration::from_micros(ended.cpu_micros) >= cpu);
    Ok(match status.signal() {
        Some(libc::SIGKILL) if is_used_up => ExitStatus::from_raw(libc::SIGXCPU),
        _ => status,
    })
}

/// How a process ended.
#[derive(Clone, Copy)]
struct Ended {
    /// As `wait4(2)` tells it.
    status: libc::c_int,
    /// Its time on the processors, in microseconds.
    cpu_micros: u64,
}

impl Ended {
    const LENGTH: usize = 12;

    fn encode(self) -> [u8; Ended::LENGTH] {
        let mut bytes = [0; Ended::LENGTH];
        let (status, cpu) = bytes.split_at_mut(4);
        status.copy_from_slice(&self.status.to_le_bytes());
        cpu.copy_from_slice(&self.cpu_micros.to_le_bytes());
        bytes
    }

    fn decode(bytes: [u8; Ended::LENGTH]) -> Ended {
        let [a, b, c, d, cpu @ ..] = bytes;
        Ended {
            status: i32::from_le_bytes([a, b, c, d]),
            cpu_micros: u64::from_le_bytes(cpu),
        }
    }
}

/// Waits for the end of a child, and gives its number and how it ended. It also runs
/// in a child.
fn end_of(pid: libc::pid_t) -> io::Result<(libc::pid_t, Ended)> {
    let mut status: libc::c_int = 0;
    // SAFETY: it is plain data, for which zeros are a valid value.
    let mut used: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: the call writes to `status` and `used`, which outlive it.
    let ended = unsafe { libc::wait4(pid, &raw mut status, 0, &raw mut used) };
    if ended == -1 {
        return Err(io::Error::last_os_error());
    }
    let micros = |time: libc::timeval| time.tv_sec as u64 * 1_000_000 + time.tv_usec as u64;
    let cpu_micros = micros(used.ru_utime) + micros(used.ru_stime);
    Ok((ended, Ended { status, cpu_micros }))
}

/// A fork into these namespaces.
///
/// # Safety
///
/// As for a fork of a process with many threads: the child must call nothing
/// that allocates or locks.
unsafe fn clone(flags: libc::c_int) -> libc::c_long {
    let flags = (flags | libc::SIGCHLD) as libc::c_ulong;
    let none: libc::c_ulong = 0;
    // SAFETY: no stack and no addresses are given, so the child goes on with a
    // copy of all memory.
    unsafe { libc::syscall(libc::SYS_clone, flags, none, none, none, none) }
}

/// The same into a control group of version 2, where there is one and the system
/// lets the process be born there.
///
/// # Safety
///
/// As for [`clone`].
unsafe fn clone_into(flags: libc::c_int, cgroup: Option<&Cgroup>) -> libc::c_long {
    if let Some(folder) = cgroup.and_then(Cgroup::folder) {
        // SAFETY: it is plain data, for which zeros are a valid value.
        let mut args: libc::clone_args = unsafe { std::mem::zeroed() };
        const INTO_CGROUP: u64 = 0x2_0000_0000;
        args.flags = flags as u32 as u64 | INTO_CGROUP;
        args.exit_signal = libc::SIGCHLD as u64;
        args.cgroup = folder as u64;
        let size = size_of::<libc::clone_args>();
        // SAFETY: the call reads the arguments, of the size that is said; as for
        // the other one, no stack and no addresses are given.
        let pid = unsafe { libc::syscall(libc::SYS_clone3, &raw const args, size) };
        if pid != -1 {
            return pid;
        }
        // The group is one line more, and not one that all depends on.
    }
    // SAFETY: the caller has seen to it.
    unsafe { clone(flags) }
}

/// Keeps all signals from this thread; dropped, they come.
pub(in crate::sys) struct Blocked {
    before: libc::sigset_t,
}

impl Blocked {
    pub(in crate::sys) fn all() -> Blocked {
        // SAFETY: a `sigset_t` is plain data, for which zeros are a valid value,
        // and the calls read and write these, which outlive them.
        unsafe {
            let mut all: libc::sigset_t = std::mem::zeroed();
            let mut before: libc::sigset_t = std::mem::zeroed();
            libc::sigfillset(&raw mut all);
            libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, &raw mut before);
            Blocked { before }
        }
    }
}

impl Drop for Blocked {
    fn drop(&mut self) {
        // SAFETY: the call reads the set, which outlives it.
        unsafe {
            libc::pthread_sigmask(
                libc::SIG_SETMASK,
                &raw const self.before,
                std::ptr::null_mut(),
            );
        }
    }
}

/// All that the child does. From here on nothing may allocate, lock or panic.
fn child(plan: &Plan, given: [RawFd; END], grader: u32) -> ! {
    // The files that it is entered by are not among what is taken.
    let entered = enter(plan.held.cgroup.as_ref());
    let done = take_descriptors(given).and(entered).and_then(|()| {
        plan.done(Stage::Streams);
        match &plan.namespaces {
            Some(namespaces) => first(plan, namespaces),
            None => {
                // Its own process is the one that is killed.
                // A janitor is to know of it before there is anything of others' in it.
                session()
                    .map(|()| crate::sys::end_on_interrupt(std::process::id()))
                    .and_then(|()| plan.take_terminal())
                    .and_then(|()| plan.user_of_a_single_process())
                    .and_then(|()| die_with_the_grader())
                    .and_then(|()| is_child_of(grader))
                    .and_then(|()| become_the_program(plan))
            }
        }
    });
    if let Err(failed) = done {
        channel::tell_failure(CHANNEL, &failed);
    }
    leave(127)
}

/// Has all that comes of this process be counted together.
fn enter(cgroup: Option<&Cgroup>) -> Step {
    let entered = cgroup.map_or(Ok(()), Cgroup::enter);
    entered.map_err(|error| Failed {
        stage: Stage::Cgroup,
        number: error.raw_os_error().unwrap_or(0),
    })
}

/// Ends this process at once.
fn leave(code: libc::c_int) -> ! {
    // SAFETY: the call takes a number and runs nothing of this process's.
    unsafe { libc::_exit(code) }
}

/// Has the descriptors be the ones that [`CHANNEL`] and the others say, and no
/// others be there: not even those that are closed with an exec, since a first
/// process of a namespace has none.
fn take_descriptors(given: [RawFd; END]) -> Step {
    let end = END as libc::c_int;
    let mut moved = [-1; END];
    // First out of the way, so that none is overwritten before it is used.
    for (place, descriptor) in moved.iter_mut().zip(given) {
        // SAFETY: the call takes numbers and touches no memory.
        *place = unsafe { libc::fcntl(descriptor, libc::F_DUPFD_CLOEXEC, end) };
        check(Stage::Streams, (*place).into())?;
    }
    for (number, descriptor) in (0..end).zip(moved) {
        let flags = if number > 2 { libc::O_CLOEXEC } else { 0 };
        // SAFETY: as above.
        let taken = unsafe { libc::syscall(libc::SYS_dup3, descriptor, number, flags) };
        check(Stage::Streams, taken)?;
    }
    // SAFETY: as above.
    let closed = unsafe { libc::syscall(libc::SYS_close_range, end, libc::c_uint::MAX, 0) };
    check(Stage::Streams, closed)
}

/// A session of its own: no terminal, and a group that can be ended.
fn session() -> Step {
    // SAFETY: the call takes nothing and touches no memory.
    check(Stage::Session, unsafe { libc::setsid() }.into())
}

/// Has the system end this process when the thread that started it ends. That may
/// have happened already, which the functions below find out.
fn die_with_the_grader() -> Step {
    let signal = libc::SIGKILL as libc::c_ulong;
    // SAFETY: the call takes numbers and touches no memory.
    let set = unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, signal) };
    check(Stage::Session, set.into())
}

/// Ends this process unless it still is a child of the grader's.
fn is_child_of(grader: u32) -> Step {
    match std::os::unix::process::parent_id() == grader {
        true => Ok(()),
        false => leave(127),
    }
}

/// Ends this process if the grader has ended, whose number says nothing in another
/// namespace. The other end of the channel does not say it either: another child
/// of the grader's may have a copy of that for a moment.
///
/// The system gives away the children of a process that ends, and then says that
/// it has ended, at one go and while nobody else may change sessions: who has made
/// a session after it has asked for the signal comes before that or after it.
fn is_grader_alive() -> Step {
    let mut request = libc::pollfd {
        fd: GRADER,
        events: libc::POLLIN,
        revents: 0,
    };
    // SAFETY: the call reads and writes one request, which outlives it.
    let polled = unsafe { libc::poll(&raw mut request, 1, 0) };
    match polled {
        0 => Ok(()),
        _ => leave(127),
    }
}

/// The first process of its namespaces.
fn first(plan: &Plan, namespaces: &Namespaces) -> Step {
    if let Some((users, groups)) = &namespaces.maps {
        write(c"/proc/self/setgroups", b"deny")?;
        write(c"/proc/self/uid_map", users.to_bytes())?;
        write(c"/proc/self/gid_map", groups.to_bytes())?;
    }
    die_with_the_grader()?;
    session()?;
    is_grader_alive()?;
    plan.done(Stage::UserNamespace);
    if namespaces.loopback {
        raise_loopback()?;
        plan.done(Stage::Loopback);
    }
    let name = c"sandbox";
    // SAFETY: the call reads as many bytes as the name has.
    let named = unsafe { libc::sethostname(name.as_ptr(), name.count_bytes()) };
    check(Stage::Namespaces, named.into())?;
    namespaces
        .mounts
        .make(landlock::number(&plan.landlock).map(|_| RULES))?;
    plan.done(Stage::Mounts);
    privileges::empty_bounding_set(None);
    let (no, unused): (libc::c_ulong, libc::c_ulong) = (0, 0);
    // What this process has in its memory is the grader's.
    // SAFETY: the call takes numbers and touches no memory.
    let hidden = unsafe { libc::prctl(libc::PR_SET_DUMPABLE, no, unused, unused, unused) };
    check(Stage::User, hidden.into())?;

    // SAFETY: as in `spawn`; this process has one thread.
    let program = unsafe { clone(0) };
    match program {
        -1 => Err(Failed {
            stage: Stage::Namespaces,
            number: last_error(),
        }),
        0 => {
            session()?;
            plan.take_terminal()?;
            plan.done(Stage::Session);
            plan.user.become_it()?;
            become_the_program(plan)
        }
        program => {
            // Only the place for the status is left, moved to the front.
            // SAFETY: the calls take numbers and touch no memory.
            unsafe {
                libc::syscall(libc::SYS_dup3, STATUS, 0, libc::O_CLOEXEC);
                libc::syscall(libc::SYS_close_range, 1, libc::c_uint::MAX, 0);
            }
            let _ = privileges::drop_capabilities(None);
            wait_for(program)
        }
    }
}

/// What the first process does to its end: reaps all, and tells of one.
fn wait_for(program: libc::c_long) -> ! {
    loop {
        match end_of(-1) {
            Ok((ended, how)) if libc::c_long::from(ended) == program => {
                let told = how.encode();
                // SAFETY: the call reads as many bytes as there are.
                unsafe { libc::write(0, told.as_ptr().cast(), told.len()) };
                leave(0);
            }
            Ok(_) => {}
            Err(error) if error.raw_os_error() == Some(libc::EINTR) => {}
            Err(_) => leave(127),
        }
    }
}

/// The last steps, after which there is no way back.
fn become_the_program(plan: &Plan) -> Step {
    plan.done(Stage::User);
    // SAFETY: the call takes a number and touches no memory.
    unsafe { libc::umask(0o022) };
    // SAFETY: the call reads a string that outlives it.
    let entered = unsafe { libc::chdir(plan.folder.as_ptr()) };
    check(Stage::Folder, entered.into())?;
    plan.confinement.limit().map_err(|error| Failed {
        stage: Stage::Limits,
        number: error.raw_os_error().unwrap_or(0),
    })?;
    plan.done(Stage::Limits);
    if let Some(rules) = landlock::number(&plan.landlock).map(|_| RULES) {
        landlock::restrict(rules)?;
    }
    plan.done(Stage::Landlock);
    if plan.neighbours.is_some() {
        let listener = filter::install_sockets_of_the_grader()?;
        channel::tell_descriptor(CHANNEL, listener)?;
        // SAFETY: the descriptor was opened above.
        unsafe { libc::close(listener) };
    }
    channel::tell_ready(CHANNEL);
    default_signals();
    for program in plan.filters {
        filter::install(program)?;
    }
    if plan.becomes_no_other {
        filter::install_one_program(&plan.program)?;
    }
    if plan.signals_itself_only {
        // SAFETY: the call takes nothing and touches no memory.
        filter::install_signals_to_itself(unsafe { libc::getpid() })?;
    }
    plan.done(Stage::Filter);
    match &plan.runs {
        Runs::Program => {
            // SAFETY: the strings and the lists, which end in a null, outlive the
            // call, which only returns where it has failed.
            let failed = unsafe {
                libc::execve(plan.program.as_ptr(), plan.args.as_ptr(), plan.env.as_ptr())
            };
            check(Stage::Program, failed.into())
        }
        Runs::Attacks(targets) => {
            // SAFETY: as an exec would have done.
            unsafe { libc::syscall(libc::SYS_close_range, CHANNEL, libc::c_uint::MAX, 0) };
            may_be_looked_at();
            crate::sys::attacks::all(targets);
            leave(0)
        }
    }
}

/// Has signals do what they do in a program that was just started.
fn default_signals() {
    // SAFETY: a `sigset_t` and a `sigaction` are plain data, for which zeros are
    // a valid value, an empty set and the default; the calls only read them.
    unsafe {
        let mut default: libc::sigaction = std::mem::zeroed();
        default.sa_sigaction = libc::SIG_DFL;
        // Rust ignores this one; the others are caught by graders.
        for signal in [libc::SIGPIPE, libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
            libc::sigaction(signal, &raw const default, std::ptr::null_mut());
        }
        let none: libc::sigset_t = std::mem::zeroed();
        libc::sigprocmask(libc::SIG_SETMASK, &raw const none, std::ptr::null_mut());
    }
}

impl Plan {
    /// Runs in the child: tells that something was done, where that is asked.
    fn done(&self, stage: Stage) {
        if self.tells_times {
            channel::tell_time(CHANNEL, stage);
        }
    }

    /// Runs in the child, which leads a session: has its terminal control it.
    fn take_terminal(&self) -> Step {
        if !self.at_terminal {
            return Ok(());
        }
        // SAFETY: the call takes numbers and touches no memory.
        let taken = unsafe { libc::ioctl(0, libc::TIOCSCTTY as _, 0) };
        check(Stage::Session, taken.into())
    }

    /// Runs in a child without namespaces: becomes its user.
    fn user_of_a_single_process(&self) -> Step {
        privileges::empty_bounding_set(self.user.keeps());
        self.user.become_it()
    }
}

/// Writes a file that is there.
fn write(path: &std::ffi::CStr, bytes: &[u8]) -> Step {
    // SAFETY: the call reads a string that outlives it.
    let file = unsafe { libc::open(path.as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC) };
    check(Stage::UserNamespace, file.into())?;
    // SAFETY: the calls read as many bytes as there are, and take a number.
    let written = unsafe { libc::write(file, bytes.as_ptr().cast(), bytes.len()) };
    let number = last_error();
    // SAFETY: the descriptor was opened above.
    unsafe { libc::close(file) };
    match usize::try_from(written) == Ok(bytes.len()) {
        true => Ok(()),
        false => Err(Failed {
            stage: Stage::UserNamespace,
            number,
        }),
    }
}

/// A network namespace begins with a loopback interface that is down.
fn raise_loopback() -> Step {
    // SAFETY: an `ifreq` is plain data, for which zeros are a valid value.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (place, letter) in request.ifr_name.iter_mut().zip(b"lo") {
        *place = *letter as libc::c_char;
    }
    let kind = libc::SOCK_DGRAM | libc::SOCK_CLOEXEC;
    // SAFETY: the calls take numbers, and read and write the request, which
    // outlives them.
    unsafe {
        let socket = libc::socket(libc::AF_INET, kind, 0);
        check(Stage::Loopback, socket.into())?;
        check(
            Stage::Loopback,
            libc::ioctl(socket, libc::SIOCGIFFLAGS as _, &raw mut request).into(),
        )?;
        request.ifr_ifru.ifru_flags |= libc::IFF_UP as libc::c_short;
        check(
            Stage::Loopback,
            libc::ioctl(socket, libc::SIOCSIFFLAGS as _, &raw const request).into(),
        )?;
        libc::close(socket);
    }
    Ok(())
}
