//! What the running thread asks of the kernel: a step, a choice, a thread, an end.

use std::panic::Location;

use verdict::{Ending, Limit};

use super::known::{current, is_world, limits, memory_is_used_up};
use super::lane::Lane;
use super::stack::{Lack, Stack};
use super::{Eager, Kernel, Next, Run, Started, kernel, trace::Action, with, world};
use crate::arena::{self, Outside};
use crate::op::{Op, Patience, State, Woken};

/// Whether a simulated thread runs.
pub(crate) fn is_simulated() -> bool {
    arena::is_inside()
}

/// Announces a step, and returns when it is this thread's turn to take it:
/// whatever the thread does until its next step is part of it.
///
/// Outside of a simulation the step is taken at once.
pub fn step(op: &Op<'_>) -> Woken {
    if !arena::is_inside() {
        assert!(
            op.enabled.is_none_or(|enabled| enabled()),
            "{} would wait for ever outside of a simulation",
            op.call
        );
        return Woken::Ready;
    }
    let outside = Outside::enter();
    // SAFETY: a simulated thread runs. Each use of the kernel below is a
    // reference of its own, and none is held across the switch.
    let this = || unsafe { kernel() };
    let current = this().run.current;
    let several = this().run.processes.is_some().then(|| {
        let mut op = *op;
        op.object.id = this().run.salted(current, op.object.id);
        this().run.patiently(current, op)
    });
    let (given, op) = (op, several.as_ref().unwrap_or(op));
    if this().run.threads[current].unseen && op.state() == State::Ready {
        this().run.uses_object(current, op);
        return Woken::Ready;
    }
    // SAFETY (of the cast): the operation is on this thread's stack and stays
    // there until the step is taken; abandoned threads are not asked again.
    this().run.threads[current].pending = std::ptr::from_ref(op).cast();
    let next = this().run.next_of(current);
    match next {
        Next::Run(thread) if thread == current => {}
        _ => {
            this().run.next = next;
            let yielder = this().run.threads[current].yielder;
            // SAFETY: this is the current thread's stack.
            unsafe { Kernel::suspend(yielder) };
        }
    }
    let woken = this().run.threads[current].woken;
    if this().run.order.is_some() {
        this().run.uses_object(current, op);
        if let Some(order) = &mut this().run.order {
            order.goes(current, woken as u64);
        }
        // What it waited for, it has now seen.
        this().run.looking = true;
        drop(outside);
        let _ = (
            op.enabled.map(|enabled| enabled()),
            op.late_if.map(|late| late()),
        );
        this().run.looking = false;
    } else {
        drop(outside);
    }
    if woken == Woken::TimedOut && given.deadline.is_none() {
        // Only a peer's steps have an end that nobody gave them.
        crate::peer::give_up();
    }
    woken
}

/// Like [`step`], for a thread that nobody sees do it: a peer that begins to
/// listen before anything else goes on.
pub(crate) fn unseen<R>(f: impl FnOnce() -> R) -> R {
    set_unseen(true);
    let result = f();
    set_unseen(false);
    result
}

/// A choice that is not between threads: a number below `options`. Option 0 is
/// the default; the others cost a deviation where `costly`.
pub fn choose(options: usize, costly: bool) -> usize {
    if options < 2 {
        return 0;
    }
    with(|kernel| kernel.run.choose(options, costly)).unwrap_or(0)
}

/// Whether a `compare_exchange_weak` that could succeed fails here.
pub(crate) fn fails_weakly() -> bool {
    with(|kernel| {
        let run = &mut kernel.run;
        if run.weak_left == 0 || run.choose(2, true) == 0 {
            return false;
        }
        run.weak_left -= 1;
        true
    })
    .unwrap_or(false)
}

/// What a thread is given that is about to be spawned.
pub(crate) struct Reserved {
    lane: Lane,
    stack: Stack,
}

/// The lane and the stack of a thread that is about to be spawned, and asks for this
/// many bytes.
///
/// An execution that has too many threads ends here.
///
/// # Errors
/// When there is no memory for the stack, as from a real system.
pub(crate) fn reserve(stack: usize) -> std::io::Result<Reserved> {
    assert!(
        is_simulated(),
        "threads are spawned inside of a simulation only"
    );
    if has_all_its_threads() {
        too_much(Limit::Processes);
    }
    let reserved = with(|kernel| {
        let run = &mut kernel.run;
        let own = run.threads[run.current].lane.as_mut();
        let lane = own.and_then(Lane::give).or_else(|| run.undivided.give())?;
        match kernel.stacks.take(lane.number(), stack) {
            Ok(stack) => Some(Ok(Reserved { lane, stack })),
            Err(lack) => {
                if let Some(own) = &mut run.threads[run.current].lane {
                    own.take_back(lane);
                }
                Some(Err(lack))
            }
        }
    });
    match reserved.flatten() {
        Some(Ok(reserved)) => return Ok(reserved),
        Some(Err(Lack::Absurd)) => {}
        Some(Err(Lack::UsedUp)) => memory_is_used_up(),
        None => not_simulated("so many threads that nobody waits for", None),
    }
    Err(std::io::Error::from_raw_os_error(libc::EAGAIN))
}

/// Starts a simulated thread, runs it up to its first step (what it does until
/// then nobody can see), and returns its number. `id` is what [`next_id`] has given.
pub(crate) fn spawn(
    name: Option<String>,
    id: u64,
    reserved: Reserved,
    place: &'static Location<'static>,
    body: Box<dyn FnOnce()>,
) -> u32 {
    let _outside = Outside::enter();
    // SAFETY: a simulated thread runs, as who has reserved the stack; no reference is
    // held across the switch.
    let this = || unsafe { kernel() };
    let number = this().run.threads.len();
    let process = this().run.process_of(this().run.current);
    let spawner = this().run.current;
    let Reserved { lane, stack } = reserved;
    let started = Started {
        name,
        spawned: Some(place),
        eager: Some(Eager::Spawner(spawner)),
        after: Some(spawner),
        process,
        id,
        lane,
    };
    let spawns = Action::Spawns(number as u32);
    this().run.trace_row(spawner, spawns, Some(place));
    this().add_thread(started, stack, body);
    this().run.next = Next::Run(number);
    let yielder = this().run.threads[spawner].yielder;
    // SAFETY: this is the current thread's stack.
    unsafe { Kernel::suspend(yielder) };
    this().run.current = spawner;
    // Who was alone from its beginning to its end is nobody's news.
    this().run.hand_back(number, spawner);
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Whether the running process has as many live threads as it may have.
fn has_all_its_threads() -> bool {
    with(|kernel| {
        let run = &kernel.run;
        let process = run.process_of(run.current);
        run.living(process) >= kernel.plan.world.limits.processes
    })
    .unwrap_or(false)
}

/// Ends the running process, and with it the execution where it is the only
/// one.
pub(crate) fn exit(code: i32) -> ! {
    if is_world() {
        world::exit_process(code);
    }
    end(Ending::Exited { code })
}

/// Ends the execution because the submission does what no graded program may.
#[track_caller]
pub(crate) fn unsupported(what: impl Into<String>) -> ! {
    let place = Run::place_of(Location::caller());
    end(Ending::Unsupported {
        what: what.into(),
        place,
    })
}

/// Ends the execution because the submission asks for what is not simulated,
/// although it may: `what` completes "the simulation does not support".
pub(crate) fn not_simulated(
    what: impl Into<String>,
    place: Option<&'static Location<'static>>,
) -> ! {
    let (thread, last) = with(|kernel| {
        let thread = kernel.run.current as u32;
        (thread, kernel.run.ring.last_of(thread))
    })
    .unwrap_or_default();
    end(Ending::NotSimulated {
        what: what.into(),
        thread,
        place: place.and_then(Run::place_of).or(last),
    })
}

/// Ends the execution because the running program has passed a limit.
pub(crate) fn too_much(limit: Limit) -> ! {
    too_much_of(limit, limits().passed(limit))
}

pub(super) fn too_much_of(limit: Limit, what: String) -> ! {
    end(Ending::TooMuch {
        limit,
        what,
        thread: current(),
    })
}

fn end(ending: Ending) -> ! {
    assert!(is_simulated(), "only an execution can be ended");
    stop(|run| run.end(ending))
}

/// Ends the execution without a result: it will be run again in a search that
/// is finer.
pub(crate) fn abandon() -> ! {
    stop(|run| {
        run.known = true;
        Next::End
    })
}

/// Leaves the current thread for good.
pub(super) fn stop(end: impl FnOnce(&mut Run) -> Next) -> ! {
    let _outside = Outside::enter();
    // SAFETY: a simulated thread runs; no reference is held across the switch.
    let run = || unsafe { &mut kernel().run };
    let yielder = run().threads[run().current].yielder;
    let next = end(run());
    run().next = next;
    // SAFETY: this is the current thread's stack.
    unsafe { Kernel::suspend(yielder) };
    unreachable!("an execution that has ended is not resumed")
}

/// How the running thread, a peer, waits from now on.
pub(crate) fn waits(patience: Patience) {
    with(|kernel| {
        let current = kernel.run.current;
        kernel.run.threads[current].patience = patience;
    });
}

fn set_unseen(unseen: bool) {
    with(|kernel| {
        let current = kernel.run.current;
        kernel.run.threads[current].unseen = unseen;
    });
}
