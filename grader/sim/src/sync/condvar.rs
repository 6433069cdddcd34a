//! `std::sync::Condvar`.

use std::fmt;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::sync::LockResult;
use std::time::Duration;

use super::Cell;
use super::mutex::{Hold, MutexGuard};
use crate::kernel;
use crate::op::{Kind, Made, Object, Op, Woken};
use crate::time::deadline;

/// See [`std::sync::Condvar`].
///
/// A waiter may wake without a reason where the search allows it, any waiter
/// may be the one that `notify_one` wakes, and a waiter that was woken must
/// still wait for the mutex.
pub struct Condvar {
    made: Made,
    /// Threads that wait and were not woken yet, in the order in which they came.
    waiters: Cell<Vec<u32>>,
    /// The last notification of each thread that found nobody waiting, the
    /// latest one last.
    missed: Cell<Vec<Hold>>,
}

impl UnwindSafe for Condvar {}
impl RefUnwindSafe for Condvar {}

/// See [`std::sync::WaitTimeoutResult`].
#[derive(Debug, PartialEq, Eq, Copy, Clone)]
pub struct WaitTimeoutResult(bool);

impl WaitTimeoutResult {
    /// See [`std::sync::WaitTimeoutResult::timed_out`].
    #[must_use]
    pub fn timed_out(&self) -> bool {
        self.0
    }
}

impl Condvar {
    /// See [`std::sync::Condvar::new`].
    #[track_caller]
    pub const fn new() -> Condvar {
        Condvar {
            made: Made::at(Location::caller()),
            waiters: Cell::new(Vec::new()),
            missed: Cell::new(Vec::new()),
        }
    }

    fn object(&self) -> Object {
        Object::at(Kind::Condvar, self, Some(&self.made))
    }

    /// See [`std::sync::Condvar::wait`].
    ///
    /// # Errors
    /// When the mutex is poisoned.
    #[track_caller]
    pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        self.wait_until(&guard, None, Location::caller());
        guard.checked()
    }

    /// See [`std::sync::Condvar::wait_while`].
    ///
    /// # Errors
    /// When the mutex is poisoned.
    #[track_caller]
    pub fn wait_while<'a, T, F>(
        &self,
        mut guard: MutexGuard<'a, T>,
        mut condition: F,
    ) -> LockResult<MutexGuard<'a, T>>
    where
        F: FnMut(&mut T) -> bool,
    {
        while condition(&mut *guard) {
            guard = self.wait(guard)?;
        }
        Ok(guard)
    }

    /// See [`std::sync::Condvar::wait_timeout`].
    ///
    /// # Errors
    /// When the mutex is poisoned.
    #[track_caller]
    pub fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        duration: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        let timed_out = self.wait_until(&guard, Some(deadline(duration)), Location::caller());
        let result = WaitTimeoutResult(timed_out);
        match guard.checked() {
            Ok(guard) => Ok((guard, result)),
            Err(error) => Err(std::sync::PoisonError::new((error.into_inner(), result))),
        }
    }

    /// See [`std::sync::Condvar::wait_timeout_ms`].
    ///
    /// # Errors
    /// When the mutex is poisoned.
    #[track_caller]
    pub fn wait_timeout_ms<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        ms: u32,
    ) -> LockResult<(MutexGuard<'a, T>, bool)> {
        match self.wait_timeout(guard, Duration::from_millis(u64::from(ms))) {
            Ok((guard, result)) => Ok((guard, !result.timed_out())),
            Err(error) => {
                let (guard, result) = error.into_inner();
                Err(std::sync::PoisonError::new((guard, !result.timed_out())))
            }
        }
    }

    /// See [`std::sync::Condvar::wait_timeout_while`].
    ///
    /// # Errors
    /// When the mutex is poisoned.
    #[track_caller]
    pub fn wait_timeout_while<'a, T, F>(
        &self,
        mut guard: MutexGuard<'a, T>,
        duration: Duration,
        mut condition: F,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)>
    where
        F: FnMut(&mut T) -> bool,
    {
        let until = deadline(duration);
        loop {
            if !condition(&mut *guard) {
                return Ok((guard, WaitTimeoutResult(false)));
            }
            let left = until.saturating_sub(kernel::now());
            if left == 0 {
                return Ok((guard, WaitTimeoutResult(true)));
            }
            guard = self.wait_timeout(guard, Duration::from_nanos(left))?.0;
        }
    }

    /// Gives the mutex back, waits, and takes it again. Returns whether the
    /// time was up.
    fn wait_until<T>(
        &self,
        guard: &MutexGuard<'_, T>,
        until: Option<u64>,
        place: &'static Location<'static>,
    ) -> bool {
        let me = kernel::current();
        let (holder, mutex) = guard.parts();
        // To begin to wait is a step: a notification may come before it.
        kernel::step(&Op::new("Condvar::wait", "waits on", self.object()).at(place));
        let held = holder.replace(None);
        self.waiters.with_mut(|waiters| waiters.push(me));
        // Nobody could have woken itself.
        let others =
            |missed: &mut Vec<Hold>| missed.iter().rev().find(|hold| hold.thread != me).copied();
        let missed = self.missed.with_mut(others);

        let held_by_other = || holder.get().is_some();
        let notified = || !self.waiters.with_mut(|waiters| waiters.contains(&me));
        let woken = || notified() && !held_by_other();
        let for_nothing = || !notified() && !held_by_other();
        let holders = || {
            if notified() {
                holder.get().map(Hold::told).into_iter().collect()
            } else {
                Vec::new()
            }
        };
        let too_early = || missed.map(Hold::told);
        let op = Op::new("Condvar::wait", "wakes from", self.object())
            .at(place)
            .when(&woken)
            .until(until, Some(&notified))
            .spurious(&for_nothing)
            .held_by(&holders)
            .missing(&too_early);
        let reason = kernel::step(&op);
        self.waiters
            .with_mut(|waiters| waiters.retain(|waiter| *waiter != me));
        if held_by_other() {
            // Its time has come while another thread has the mutex. Whatever
            // happens to it now, a notification included, comes too late.
            let free = || holder.get().is_none();
            let holders = || holder.get().map(Hold::told).into_iter().collect();
            kernel::step(
                &Op::new("Condvar::wait", "locks again", mutex)
                    .at(place)
                    .when(&free)
                    .held_by(&holders),
            );
        }
        kernel::row("locks again", mutex, place);
        holder.set(held.map(|held| Hold { place, ..held }));
        reason == Woken::TimedOut
    }

    /// See [`std::sync::Condvar::notify_one`].
    #[track_caller]
    pub fn notify_one(&self) {
        let place = Location::caller();
        kernel::step(&Op::new("Condvar::notify_one", "notifies", self.object()).at(place));
        let waiting = self.waiters.with_mut(|waiters| waiters.len());
        if waiting == 0 {
            self.nobody(place);
            return;
        }
        let chosen = kernel::choose(waiting, false);
        let thread = self.waiters.with_mut(|waiters| waiters.remove(chosen));
        kernel::value(|| kernel::Value::Thread(thread));
    }

    /// See [`std::sync::Condvar::notify_all`].
    #[track_caller]
    pub fn notify_all(&self) {
        let place = Location::caller();
        kernel::step(&Op::new("Condvar::notify_all", "notifies all on", self.object()).at(place));
        let woken = self.waiters.take();
        if woken.is_empty() {
            self.nobody(place);
        } else {
            let names = || {
                woken
                    .iter()
                    .map(|thread| format!("T{thread}"))
                    .collect::<Vec<_>>()
                    .join(", ")
            };
            kernel::value(names);
        }
    }

    fn nobody(&self, place: &'static Location<'static>) {
        let thread = kernel::current();
        self.missed.with_mut(|missed| {
            missed.retain(|hold| hold.thread != thread);
            missed.push(Hold { thread, place });
        });
        kernel::value(|| "nobody waits");
    }
}

impl fmt::Debug for Condvar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Condvar").finish_non_exhaustive()
    }
}

impl Default for Condvar {
    #[track_caller]
    fn default() -> Self {
        Condvar::new()
    }
}
