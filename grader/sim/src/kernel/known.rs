//! What the simulation's parts ask about the execution that is under way, and what
//! they note in it for the search.

use verdict::{Limit, Limits, Place};

use super::calls::too_much;
use super::lane::{self, Lane};
use super::{EPOCH, Shared, Use, kernel, with};

/// Whether the execution has several processes.
pub(crate) fn is_world() -> bool {
    with(|kernel| kernel.run.processes.is_some()).unwrap_or(false)
}

/// What each program may use.
pub(crate) fn limits() -> Limits {
    with(|kernel| kernel.plan.world.limits).unwrap_or_default()
}

/// The number that the next thread will have.
pub(crate) fn next_number() -> Option<u32> {
    with(|kernel| u32::try_from(kernel.run.threads.len()).unwrap_or(u32::MAX))
}

/// What the next thread is known by that the running one spawns, or tries to.
pub(crate) fn next_id() -> u64 {
    with(|kernel| {
        let run = &mut kernel.run;
        let spawner = &mut run.threads[run.current];
        spawner.tried += 1;
        lane::id(spawner.id, spawner.tried)
    })
    .unwrap_or(lane::FIRST_ID)
}

/// Which of so many shares the running thread has for itself, if it has one: among all
/// threads of all processes, by what it is known by.
pub(crate) fn own_share(shares: u64) -> Option<u64> {
    with(|kernel| {
        let run = &kernel.run;
        let processes = run.processes.as_ref().map_or(1, |all| all.all.len() as u64);
        let each = shares / processes;
        let own = run.threads[run.current].id - lane::FIRST_ID;
        (own < each).then(|| run.process_of(run.current) as u64 * each + own)
    })
    .flatten()
}

/// The number of a thread's lane.
pub(crate) fn lane_number(thread: u32) -> u32 {
    with(|kernel| {
        let thread = kernel.run.threads.get(thread as usize);
        thread.map_or(0, |thread| thread.lane_number)
    })
    .unwrap_or(0)
}

/// Whether the running thread has no lane to give to another one, which so gets the
/// next that there is: that is a step.
pub(crate) fn lanes_are_short() -> bool {
    with(|kernel| {
        let own = &kernel.run.threads[kernel.run.current].lane;
        !own.as_ref().is_some_and(Lane::has_more)
    })
    .unwrap_or(false)
}

/// There is no memory for what the running thread asks for. Where it may be another
/// thread that has it, whether there is any tells of what that one has done, and no
/// step tells of it: the execution ends.
pub(crate) fn memory_is_used_up() {
    if not_seen_ended() > 1 {
        too_much(Limit::Memory);
    }
}

/// The number of the running thread; 0 outside of a simulation.
pub fn current() -> u32 {
    with(|kernel| kernel.run.current as u32).unwrap_or(0)
}

/// Whether this execution has found its folders empty; from now on it has.
pub(crate) fn has_emptied() -> bool {
    with(|kernel| std::mem::replace(&mut kernel.run.emptied, true)).unwrap_or(false)
}

/// Steps of this execution so far.
pub(crate) fn steps() -> u64 {
    // SAFETY: a plain read, by the handler of a signal that interrupted a
    // simulated thread and not the kernel.
    unsafe { kernel() }.run.steps
}

/// What each program may use.
pub(crate) fn limits_of_the_plan() -> Limits {
    // SAFETY: a plain read, by the handler of a signal that interrupted a
    // simulated thread and not the kernel.
    unsafe { kernel() }.plan.world.limits
}

/// The running thread, and where it took its last step.
pub(crate) fn last_step() -> (u32, Option<Place>) {
    // SAFETY: only asked by the handler that ends the process.
    let run = unsafe { &kernel().run };
    let thread = run.current as u32;
    (thread, run.ring.last_of(thread))
}

/// The lowest address of its stack that the running thread may use.
pub(crate) fn stack_end() -> Option<usize> {
    // SAFETY: only asked by the crash handler, which runs instead of whatever
    // used the kernel.
    let kernel = unsafe { kernel() };
    kernel
        .run
        .threads
        .get(kernel.run.current)
        .map(|thread| thread.stack_end)
}

/// Simulated threads of the running process that have not ended.
pub(crate) fn alive() -> usize {
    with(|kernel| {
        let run = &mut kernel.run;
        let process = run.looks_at_ends();
        run.living(process as usize) as usize
    })
    .unwrap_or(1)
}

/// The program has seen this thread end.
pub(crate) fn see_end(thread: u32) {
    with(|kernel| {
        let run = &mut kernel.run;
        let ends = run.thing_of(run.process_of(run.current), Shared::Ends);
        run.uses(run.current, ends, Use::COUNT);
        run.threads[thread as usize].seen_ended = true;
        run.hand_back(thread as usize, run.current);
    });
}

/// Simulated threads of the running process that the program has not seen end,
/// the main one included.
pub(crate) fn not_seen_ended() -> usize {
    with(|kernel| {
        let run = &mut kernel.run;
        let process = run.looks_at_ends();
        let own = run.threads.iter().filter(|of| of.process == process);
        own.filter(|thread| !thread.seen_ended).count()
    })
    .unwrap_or(1)
}

/// Whether the release of a lock is a step of its own in this search.
pub(crate) fn releases_are_steps() -> bool {
    with(|kernel| kernel.grain.releases).unwrap_or(false)
}

/// Tells the search that the submission looks at locks without waiting for
/// them (`try_lock`), so that it matters when exactly they are released.
pub(crate) fn looks_at_locks() {
    with(|kernel| kernel.wanted.releases = true);
}

/// Whether what is set of a socket, and a look at that, is a step of its own in
/// this search.
pub(crate) fn sockets_are_steps() -> bool {
    with(|kernel| kernel.grain.sockets).unwrap_or(false)
}

/// Tells the search that a thread sets something of a socket at which another one
/// may look at the same time, so that it matters when exactly they do.
pub(crate) fn looks_at_sockets() {
    with(|kernel| kernel.wanted.sockets = true);
}

/// The running thread takes a count down, to zero if `is_last`. Another thread
/// might have been the last one, had the time of this been another, if it did
/// the same before and the program has not seen it end: then the search is told
/// that it matters when counts change.
pub(crate) fn lowers(address: usize, is_last: bool) {
    with(|kernel| {
        if kernel.grain.and(kernel.wanted).releases {
            return;
        }
        let run = &mut kernel.run;
        if !is_last {
            *run.lowered.entry(address).or_default() |= bit(run.current);
            return;
        }
        let lowered = run.lowered.remove(&address).unwrap_or_default();
        kernel.wanted.releases = run.may_still_run(lowered);
    });
}

/// A thread in a set of threads. Those with high numbers are taken for one.
pub(crate) fn bit(thread: usize) -> u64 {
    1 << thread.min(63)
}

/// Whether the program has not seen one of these threads end, other than the
/// running one.
pub(crate) fn may_still_run(threads: u64) -> bool {
    with(|kernel| kernel.run.may_still_run(threads)).unwrap_or(false)
}

/// Whether what a thread has done, as there were so many threads, comes before what
/// the running one does now, whoever takes steps first: it is the running one, was
/// waited for, or has started the running one later, or one of those that led to it.
pub(crate) fn comes_before(thread: u32, threads: u32) -> bool {
    with(|kernel| {
        let run = &kernel.run;
        let mut child = run.current as u32;
        if child == thread || run.threads[thread as usize].seen_ended {
            return true;
        }
        while let Some(spawner) = run.threads[child as usize].spawner {
            if spawner == thread {
                return child >= threads;
            }
            child = spawner;
        }
        false
    })
    .unwrap_or(true)
}

/// The running thread uses something that threads share, at an address.
pub(crate) fn uses(thing: usize, class: Use) {
    with(|kernel| {
        let run = &mut kernel.run;
        if run.order.is_some() && !run.unwatched {
            let class = if run.looking { Use::LOOK } else { class };
            let thing = run.salted(run.current, thing);
            run.uses(run.current, thing, class);
        }
    });
}

/// Runs a primitive of the simulation whose own accesses are no news.
pub(crate) fn unwatched<R>(f: impl FnOnce() -> R) -> R {
    /// Watches again, also where the primitive panics.
    struct Watches;
    impl Drop for Watches {
        fn drop(&mut self) {
            watch();
        }
    }
    with(|kernel| kernel.run.unwatched = true);
    let _watches = Watches;
    f()
}

/// From now on the accesses of the running code are of interest, if they were not.
pub(crate) fn watch() {
    with(|kernel| kernel.run.unwatched = false);
}

/// Whether the accesses of the running code are of interest.
pub(crate) fn is_watched() -> bool {
    with(|kernel| !kernel.run.unwatched).unwrap_or(false)
}

/// Virtual nanoseconds since the execution began.
pub(crate) fn now() -> u64 {
    with(|kernel| {
        let current = kernel.run.current;
        kernel.run.uses(current, Shared::Clock as usize, Use::LOOK);
        kernel.run.clock
    })
    .unwrap_or(0)
}

/// The same for a thread that looks at the clock. A clock that is looked at
/// again and again goes on: there may be a loop that waits for a time.
pub(crate) fn look_at_clock() -> u64 {
    with(|kernel| kernel.run.look_at_clock()).unwrap_or(0)
}

/// Seconds since 1970 at which the execution begins.
pub(crate) fn epoch() -> u64 {
    with(|kernel| kernel.plan.world.date)
        .flatten()
        .unwrap_or(EPOCH)
}
