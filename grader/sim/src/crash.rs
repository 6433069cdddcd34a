//! What is told when the process itself dies: a stack overflow, an abort,
//! memory used up, a loop that never reaches a step.
//!
//! The dying process tells of the execution that killed it, on a stack of its
//! own, and ends. Nothing of the submission runs after that.

use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering};

use verdict::{Ending, Limit, Limits};

use crate::arena::{self, Outside};
use crate::entry::{Out, leave};
use crate::search::Explorer;

/// Bytes of the stack that the handler runs on.
const STACK: usize = 256 << 10;

static EXPLORER: AtomicPtr<()> = AtomicPtr::new(std::ptr::null_mut());

/// From now on a crash is told through this explorer, which must outlive the
/// process.
pub(crate) fn watch(explorer: &mut Explorer<'_, Out>) {
    EXPLORER.store(std::ptr::from_mut(explorer).cast(), Ordering::Relaxed);
    let ticks = Box::new(Ticks {
        execution: AtomicU64::new(0),
        plan: AtomicU64::new(0),
    });
    TICKS.store(Box::into_raw(ticks), Ordering::Relaxed);
    explorer.take_image();
    let stack = Box::leak(vec![0u8; STACK].into_boxed_slice());
    let alternate = libc::stack_t {
        ss_sp: stack.as_mut_ptr().cast(),
        ss_flags: 0,
        ss_size: STACK,
    };
    // SAFETY: the stack is leaked, so it is there for good; the handler has
    // the signature that SA_SIGINFO asks for.
    unsafe {
        libc::sigaltstack(&raw const alternate, std::ptr::null_mut());
        let mut action: libc::sigaction = std::mem::zeroed();
        let handler: extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void) = handle;
        action.sa_sigaction = handler as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_NODEFER;
        for signal in [
            libc::SIGSEGV,
            libc::SIGBUS,
            libc::SIGABRT,
            libc::SIGILL,
            libc::SIGFPE,
        ] {
            libc::sigaction(signal, &raw const action, std::ptr::null_mut());
        }
    }
    // A file that would grow too large is an error for who writes it, which ends
    // the execution.
    // SAFETY: no handler is set.
    unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
    watch_the_clock();
}

/// Processor time is counted, not the time on the wall: how busy the machine
/// is changes nothing.
const TICK: libc::timeval = libc::timeval {
    tv_sec: 1,
    tv_usec: 0,
};
/// Ticks without a step after which a thread counts as running for ever.
const RUNAWAY: u32 = 2;
/// Ticks in the submission's code in all executions of a plan together, for each
/// that one execution may have.
const EXECUTIONS: u64 = 5;

/// Ticks in the submission's code, in this execution and in this plan: kept
/// outside of what is put back between executions.
struct Ticks {
    execution: AtomicU64,
    plan: AtomicU64,
}

static TICKS: AtomicPtr<Ticks> = AtomicPtr::new(std::ptr::null_mut());

fn ticks() -> Option<&'static Ticks> {
    // SAFETY: it is null, or a box that is never freed.
    unsafe { TICKS.load(Ordering::Relaxed).as_ref() }
}

/// A plan begins.
pub(crate) fn begin_plan() {
    if let Some(ticks) = ticks() {
        ticks.plan.store(0, Ordering::Relaxed);
    }
}

/// An execution begins.
pub(crate) fn begin_execution() {
    if let Some(ticks) = ticks() {
        ticks.execution.store(0, Ordering::Relaxed);
    }
}

/// Has the system interrupt the process at every tick, to see whether the
/// running thread still takes steps.
fn watch_the_clock() {
    let timer = libc::itimerval {
        it_interval: TICK,
        it_value: TICK,
    };
    // SAFETY: the handler has the signature of a plain signal handler; it
    // interrupts system calls in no way that is seen (SA_RESTART).
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        let handler: extern "C" fn(libc::c_int) = tick;
        action.sa_sigaction = handler as usize;
        action.sa_flags = libc::SA_ONSTACK | libc::SA_RESTART;
        libc::sigaction(libc::SIGPROF, &raw const action, std::ptr::null_mut());
        libc::setitimer(libc::ITIMER_PROF, &raw const timer, std::ptr::null_mut());
    }
}

extern "C" fn tick(_: libc::c_int) {
    // Statics begin anew with each execution, which is progress as well.
    static SEEN: AtomicU64 = AtomicU64::new(0);
    static STILL: AtomicU32 = AtomicU32::new(0);
    if !arena::is_inside() {
        return;
    }
    if let Some(ticks) = ticks() {
        let execution = ticks.execution.fetch_add(1, Ordering::Relaxed);
        let plan = ticks.plan.fetch_add(1, Ordering::Relaxed);
        let limits = crate::kernel::limits_of_the_plan();
        let cpu = limits.cpu_seconds;
        let what = if execution >= cpu {
            Some(limits.passed(Limit::Cpu))
        } else if plan >= cpu * EXECUTIONS {
            let all = Limits {
                cpu_seconds: cpu * EXECUTIONS,
                ..limits
            };
            Some(format!("{} in all its schedules", all.passed(Limit::Cpu)))
        } else {
            None
        };
        if let Some(what) = what {
            let _outside = Outside::enter();
            let (thread, _) = crate::kernel::last_step();
            let limit = Limit::Cpu;
            end_with(Ending::TooMuch {
                limit,
                what,
                thread,
            });
        }
    }
    let steps = crate::kernel::steps();
    if SEEN.swap(steps, Ordering::Relaxed) != steps {
        STILL.store(0, Ordering::Relaxed);
    }
    if STILL.fetch_add(1, Ordering::Relaxed) >= RUNAWAY {
        let _outside = Outside::enter();
        let (thread, since) = crate::kernel::last_step();
        end_with(Ending::Runaway {
            thread,
            since,
            seconds: u64::from(RUNAWAY),
        });
    }
}

/// Tells of the execution, as ended like this, and ends the process.
fn end_with(ending: Ending) -> ! {
    // SAFETY: the explorer outlives the process; the execution that used it is
    // interrupted for good.
    let explorer = unsafe {
        &mut *EXPLORER
            .load(Ordering::Relaxed)
            .cast::<Explorer<'static, Out>>()
    };
    explorer.crashed(ending);
    let coverage = explorer.coverage.clone();
    explorer.listener.end(coverage);
    leave(0)
}

extern "C" fn handle(signal: libc::c_int, info: *mut libc::siginfo_t, _: *mut libc::c_void) {
    static DYING: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);
    let simulated = arena::is_inside();
    let _outside = Outside::enter();
    // SAFETY: the kernel hands over a valid description of the signal.
    let address = unsafe { (*info).si_addr() } as usize;
    // Where there is little left of a stack, it is a step that needs more.
    let overflowed = signal == libc::SIGSEGV && near_a_stack(address);
    if DYING.swap(true, Ordering::Relaxed) || !(simulated || overflowed) {
        leave(128 + signal);
    }
    if signal == libc::SIGABRT && arena::is_full() {
        let (thread, _) = crate::kernel::last_step();
        let limit = Limit::Memory;
        let limits = crate::kernel::limits_of_the_plan();
        end_with(Ending::TooMuch {
            limit,
            what: limits.passed(limit),
            thread,
        });
    }
    let reason = match signal {
        libc::SIGABRT => "it aborted: `process::abort`, or a panic inside of a panic",
        _ if overflowed => "a thread's stack overflowed",
        libc::SIGSEGV | libc::SIGBUS => "it touched memory that is not its own",
        _ => "it was killed by a signal",
    };
    end_with(Ending::Crashed {
        reason: reason.to_owned(),
    })
}

/// Whether an address is near the running stack's end: in its guard.
fn near_a_stack(address: usize) -> bool {
    crate::kernel::stack_end().is_some_and(|end| address.abs_diff(end) <= 64 << 10)
}
