//! What is told when the process itself dies: a stack overflow, an abort,
//! memory used up.
//!
//! The dying process tells of the execution that killed it, on a stack of its
//! own, and ends. Nothing of the submission runs after that.

use std::sync::atomic::{AtomicPtr, Ordering};

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
}

extern "C" fn handle(signal: libc::c_int, info: *mut libc::siginfo_t, _: *mut libc::c_void) {
    static DYING: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);
    let simulated = arena::is_inside();
    let _outside = Outside::enter();
    if DYING.swap(true, Ordering::Relaxed) || !simulated {
        leave(128 + signal);
    }
    // SAFETY: the kernel hands over a valid description of the signal.
    let address = unsafe { (*info).si_addr() } as usize;
    let reason = match signal {
        libc::SIGABRT if arena::is_full() => "it used more memory than one execution may have",
        libc::SIGABRT => "it aborted: `process::abort`, or a panic inside of a panic",
        libc::SIGSEGV if near_a_stack(address) => "a thread's stack overflowed",
        libc::SIGSEGV | libc::SIGBUS => "it touched memory that is not its own",
        _ => "it was killed by a signal",
    };
    // SAFETY: the explorer outlives the process; the execution that used it is
    // interrupted for good.
    let explorer = unsafe {
        &mut *EXPLORER
            .load(Ordering::Relaxed)
            .cast::<Explorer<'static, Out>>()
    };
    explorer.crashed(reason.to_owned());
    let coverage = explorer.coverage.clone();
    explorer.listener.end(coverage);
    leave(0)
}

/// Whether an address is within a page of the running stack's end: the guard.
fn near_a_stack(address: usize) -> bool {
    crate::kernel::stack_end().is_some_and(|end| address.abs_diff(end) <= 64 << 10)
}
