//! What happens to the processes when the grader is interrupted.
//!
//! They have sessions of their own, so what a terminal sends reaches the grader
//! only. When that dies, the system ends each process that the grader started;
//! those that these started (a linker, a compiler under Cargo) would go on. A
//! grader that is killed is told of by the janitor, which ends them then.

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, Ordering};
use std::sync::{Once, OnceLock};

/// Most groups that are ended; those beyond lose their first process only.
const MOST: usize = 1024;

/// The groups that are there, by number; 0 is none.
type Groups = [AtomicI32; MOST];

/// Used until there is a table that others see, too.
static OWN: Groups = [const { AtomicI32::new(0) }; MOST];
static SHARED: OnceLock<&'static Groups> = OnceLock::new();

/// The table. Reading it takes no lock, so that a signal handler may.
fn groups() -> &'static Groups {
    SHARED.get().copied().unwrap_or(&OWN)
}

/// From now on processes that are cloned from this one see the same table as
/// this one. It is called before anything else is started.
#[cfg(target_os = "linux")]
pub(super) fn share() {
    SHARED.get_or_init(|| {
        let access = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_SHARED | libc::MAP_ANONYMOUS;
        // SAFETY: the call is given no address, and so takes none that is used.
        let memory = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                size_of::<Groups>(),
                access,
                flags,
                -1,
                0,
            )
        };
        if memory == libc::MAP_FAILED {
            return &OWN;
        }
        // SAFETY: the memory is aligned to a page, as large as the table, and never
        // given back; zeros are a table, and all that others do with it is atomic.
        unsafe { &*memory.cast::<Groups>() }
    });
}

/// Whether an interrupt has come, and its processes are being ended.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);
/// What is said then.
static WORDS: AtomicPtr<String> = AtomicPtr::new(std::ptr::null_mut());

/// Whether an interrupt has come. What the processes say of themselves from then
/// on is that they were killed, and not what they would have done: nobody should
/// keep it for the short time that is left.
pub fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::Acquire)
}

/// What an interrupt says on standard error before it ends this process, such as
/// how to go on. Only the first words are taken.
pub fn say_on_interrupt(words: String) {
    static KEPT: OnceLock<String> = OnceLock::new();
    let kept = std::ptr::from_ref(KEPT.get_or_init(|| words));
    WORDS.store(kept.cast_mut(), Ordering::Release);
}

/// From now on an interrupt (Ctrl-C, a terminal that is closed, a polite request
/// to end) ends all processes that were started here, and then this one, in the
/// way that it would have ended without this. A signal that is ignored stays so.
pub fn end_all_on_interrupt() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
            catch(signal);
        }
    });
}

fn catch(signal: libc::c_int) {
    // SAFETY: a `sigaction` is plain data, for which zeros are a valid value.
    let mut before: libc::sigaction = unsafe { std::mem::zeroed() };
    // SAFETY: the call writes to `before`, which outlives it, and changes nothing.
    let asked = unsafe { libc::sigaction(signal, std::ptr::null(), &mut before) };
    if asked != 0 || before.sa_sigaction != libc::SIG_DFL {
        return;
    }
    let handler: extern "C" fn(libc::c_int) = interrupt;
    // SAFETY: as above.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = handler as usize;
    // The second signal of the kind, which the handler sends, has its usual effect.
    action.sa_flags = libc::SA_RESETHAND | libc::SA_NODEFER;
    // SAFETY: the handler has the signature that flags without SA_SIGINFO ask
    // for, and makes only calls that are safe in a signal handler.
    unsafe { libc::sigaction(signal, &action, std::ptr::null_mut()) };
}

/// Ends every group that is there. It makes only calls that are safe in a signal
/// handler.
pub(super) fn end_all() {
    for group in groups() {
        let group = group.load(Ordering::Acquire);
        if group > 0 {
            // SAFETY: the call takes two numbers and touches no memory. A group
            // is forgotten before its first process is reaped, so the number is
            // no stranger's.
            unsafe { libc::kill(-group, libc::SIGKILL) };
        }
    }
}

extern "C" fn interrupt(signal: libc::c_int) {
    INTERRUPTED.store(true, Ordering::Release);
    let words = WORDS.load(Ordering::Acquire);
    // SAFETY: it is null, or was made from a reference to a static that is never
    // changed after that.
    if let Some(words) = unsafe { words.as_ref() } {
        // SAFETY: the call reads as many bytes as there are. That it may fail, or
        // write a part only, changes nothing of what comes.
        unsafe { libc::write(libc::STDERR_FILENO, words.as_ptr().cast(), words.len()) };
    }
    end_all();
    // SAFETY: the call takes a number and touches no memory; the signal's effect
    // is the usual one again.
    unsafe { libc::raise(signal) };
}

/// Has this group end with an interrupt. It may be said of a group more than once,
/// by one after another; and a process that was cloned from the grader may say it of
/// itself: nothing here allocates or locks.
pub(crate) fn end_on_interrupt(group: u32) {
    let Ok(group) = i32::try_from(group) else {
        return;
    };
    if groups()
        .iter()
        .any(|place| place.load(Ordering::Acquire) == group)
    {
        return;
    }
    for place in groups() {
        let taken = place.compare_exchange(0, group, Ordering::AcqRel, Ordering::Relaxed);
        if taken.is_ok() {
            return;
        }
    }
}

/// This group's number may soon belong to another.
pub(crate) fn forget(group: u32) {
    let Ok(group) = i32::try_from(group) else {
        return;
    };
    for place in groups() {
        let left = place.compare_exchange(group, 0, Ordering::AcqRel, Ordering::Relaxed);
        if left.is_ok() {
            return;
        }
    }
}
