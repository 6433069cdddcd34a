//! The calls that fail with `EPERM`: some always, and some for what they are given.

use std::collections::BTreeMap;

use seccompiler::{
    BackendError, SeccompAction, SeccompCmpArgLen as Length, SeccompCmpOp as Is, SeccompCondition,
    SeccompFilter, SeccompRule, TargetArch,
};

use super::calls::{CHANGES, FORKS, LINKS, NEVER, NEVER_HERE, NEW_NAMESPACES, REQUESTS};
use super::{Program, Sockets, internet};

/// What a process may not do.
#[derive(Default)]
pub(super) struct Rules(BTreeMap<i64, Vec<SeccompRule>>);

impl Rules {
    /// Denies calls, whatever they are given.
    pub(super) fn deny<'a>(&mut self, calls: impl IntoIterator<Item = &'a libc::c_long>) {
        self.0.extend(calls.into_iter().map(|call| (*call, vec![])));
    }

    /// Denies a call where all of this is so of what it is given.
    pub(super) fn deny_if<const N: usize>(
        &mut self,
        call: libc::c_long,
        conditions: [Argument; N],
    ) -> Result<(), BackendError> {
        let conditions = conditions.map(Argument::condition);
        let rule = SeccompRule::new(conditions.into_iter().collect::<Result<_, _>>()?)?;
        match self.0.get_mut(&call) {
            // No rules: it is denied in any case.
            Some(rules) if rules.is_empty() => {}
            Some(rules) => rules.push(rule),
            None => _ = self.0.insert(call, vec![rule]),
        }
        Ok(())
    }
}

/// What an argument of a call is compared with.
pub(super) struct Argument {
    index: u8,
    length: Length,
    is: Is,
    value: u64,
}

impl Argument {
    fn new(index: u8, is: Is, value: libc::c_int) -> Argument {
        Argument {
            index,
            length: Length::Dword,
            is,
            value: value as u32 as u64,
        }
    }

    /// The argument with all of its bits, and not the lower half, which is all of an
    /// `int`.
    fn whole(mut self) -> Argument {
        self.length = Length::Qword;
        self
    }

    fn condition(self) -> Result<SeccompCondition, BackendError> {
        SeccompCondition::new(self.index, self.length, self.is, self.value)
    }
}

/// The argument is this.
pub(super) fn is(index: u8, value: libc::c_int) -> Argument {
    Argument::new(index, Is::Eq, value)
}

/// It is something else.
pub(super) fn is_not(index: u8, value: libc::c_int) -> Argument {
    Argument::new(index, Is::Ne, value)
}

/// It has these flags, all of them.
pub(super) fn has(index: u8, flags: libc::c_int) -> Argument {
    masked(index, flags, flags)
}

/// Those of its bits that are in the mask are this.
pub(super) fn masked(index: u8, mask: libc::c_int, value: libc::c_int) -> Argument {
    Argument::new(index, Is::MaskedEq(mask as u32 as u64), value)
}

/// The program that denies what a process may not do that has these sockets.
pub(super) fn compile(
    changes_denied: bool,
    sockets: Sockets,
    starts_programs: bool,
) -> Result<Program, BackendError> {
    let mut rules = Rules::default();
    rules.deny(NEVER);
    rules.deny(NEVER_HERE);
    namespaces(&mut rules)?;
    others(&mut rules)?;
    files(&mut rules)?;
    if !starts_programs {
        programs(&mut rules)?;
        memory(&mut rules)?;
    }
    internet::rules(&mut rules, sockets, starts_programs)?;
    // A compiler's linker sets the mode of what it makes, and does not mind that
    // it cannot: for it these are answered in the first program.
    if changes_denied {
        rules.deny(CHANGES);
    }
    SeccompFilter::new(
        rules.0,
        SeccompAction::Allow,
        SeccompAction::Errno(libc::EPERM as u32),
        TargetArch::try_from(std::env::consts::ARCH)?,
    )?
    .try_into()
}

/// No namespaces.
fn namespaces(rules: &mut Rules) -> Result<(), BackendError> {
    for flag in NEW_NAMESPACES {
        rules.deny_if(libc::SYS_clone, [has(0, *flag).whole()])?;
    }
    Ok(())
}

/// Nothing that is done to other processes.
fn others(rules: &mut Rules) -> Result<(), BackendError> {
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
        rules.deny_if(call, [is_not(index, 0)])?;
    }
    // Else that is all of its group or its user.
    const IOPRIO_WHO_PROCESS: libc::c_int = 1;
    rules.deny_if(libc::SYS_ioprio_set, [is_not(0, IOPRIO_WHO_PROCESS)])?;
    // It is to die with the grader; and who shares a processor is no matter of its.
    for option in [libc::PR_SET_PDEATHSIG, libc::PR_SCHED_CORE] {
        rules.deny_if(libc::SYS_prctl, [is(0, option)])?;
    }
    // A signal that comes from a descriptor, by way of an owner that it is given.
    const F_SETSIG: libc::c_int = 10;
    const F_SETOWN_EX: libc::c_int = 15;
    for command in [libc::F_SETOWN, F_SETSIG, F_SETOWN_EX] {
        rules.deny_if(libc::SYS_fcntl, [is(1, command)])?;
    }
    Ok(())
}

/// Nothing with files that others are told of or kept waiting by, and nothing that
/// no limit counts.
fn files(rules: &mut Rules) -> Result<(), BackendError> {
    // A lease keeps others waiting who open the file; a notice tells of them.
    const F_SETLEASE: libc::c_int = 1024;
    const F_NOTIFY: libc::c_int = 1026;
    for command in [F_SETLEASE, F_NOTIFY] {
        rules.deny_if(libc::SYS_fcntl, [is(1, command)])?;
    }
    // Blocks on the disk that are in no file's size.
    rules.deny_if(libc::SYS_fallocate, [is_not(1, 0)])?;
    // Of the requests that devices, files and sockets know, what a libc needs: not to
    // type into a terminal, not to have signals sent by an owner of a descriptor, not
    // to change a file's flags, and not to be told of the machine's interfaces.
    #[allow(
        clippy::unnecessary_cast,
        reason = "a request has another type in another libc"
    )]
    let others = REQUESTS.map(|request| is_not(1, request as libc::c_int));
    rules.deny_if(libc::SYS_ioctl, others)
}

/// No other program, no links that the grader could follow, and no end that looks like
/// another one's doing.
fn programs(rules: &mut Rules) -> Result<(), BackendError> {
    rules.deny(FORKS);
    rules.deny(LINKS);
    // A thread is a process that shares all with another one.
    rules.deny_if(libc::SYS_clone, [masked(0, libc::CLONE_THREAD, 0).whole()])?;
    // Who is ended by this signal was ended by the machine, for want of memory.
    for (call, index) in [
        (libc::SYS_kill, 1),
        (libc::SYS_tkill, 1),
        (libc::SYS_tgkill, 2),
    ] {
        rules.deny_if(call, [is(index, libc::SIGKILL)])?;
    }
    // Nor does it give itself less time, at the end of which comes that signal. (To
    // ask for a limit is to give none.) The signal of a timer is chosen in memory.
    rules.deny_if(libc::SYS_prlimit64, [is_not(2, 0).whole()])?;
    rules.deny(&[libc::SYS_setrlimit, libc::SYS_timer_create]);
    Ok(())
}

/// No memory that is not counted as its own.
fn memory(rules: &mut Rules) -> Result<(), BackendError> {
    // What is shared counts as nobody's, and can only be shared with oneself here. It
    // is the lowest bit of the flags.
    rules.deny_if(libc::SYS_mmap, [has(3, libc::MAP_SHARED)])?;
    // What grows by itself is counted as a stack, and a stack has a limit only where
    // it is the first thread's.
    rules.deny_if(libc::SYS_mmap, [has(3, libc::MAP_GROWSDOWN)])
}
