//! The stacks of simulated threads.
//!
//! They are mapped once and used by one execution after another. Each has its
//! address from its thread's [lane](super::lane), so that it tells of nothing but
//! the thread's own past, and the stacks of an execution lie where they lie in its
//! replay, in another process.
//! And whether there is one is counted, and not left to the system, which has less
//! to give after executions that took much: see [`BUDGET`].
//! Memory is the system's until it is touched: a large stack costs addresses.

use std::collections::HashMap;
use std::io;
use std::num::NonZeroUsize;

use corosensei::stack::{Stack as CoroutineStack, StackPointer};

use crate::arena::WINDOWS;

/// Bytes of a thread's stack: what std gives a spawned thread.
const USUAL: usize = 2 << 20;
/// The largest stack that there is, as a power of two; what asks for more gets
/// that.
const LARGEST: usize = 256 << 20;
/// More than any machine has, which a real system refuses.
const ABSURD: usize = 1 << 40;

/// Bytes of stacks that the threads of an execution may have at the same time: more
/// than as many of the usual size as it may have threads. What is kept ([`KEPT`]) and
/// this are within the memory of an examined process, with room for all else.
const BUDGET: usize = 1792 << 20;
/// What larger stacks leave of it for usual ones.
const USUAL_ONES: usize = 256 << 20;
/// Bytes of stacks that are kept for other threads of their lanes at most.
const KEPT: usize = 256 << 20;

/// Where the places of stacks begin, one for each lane, of which the first has the
/// highest. Each stack ends where its place does.
const PLACES: usize = 1 << 40;
/// Bytes of a place: room for the largest stack with its guard.
const PLACE: usize = 320 << 20;
/// Bytes below each stack that nobody may touch.
const GUARD: usize = 64 << 10;

/// A range of memory that a thread has as its stack, with its guard.
pub(crate) struct Stack {
    base: NonZeroUsize,
    /// With the guard.
    length: usize,
    /// Whether it counts in the [`BUDGET`].
    counts: bool,
}

impl Stack {
    /// A stack of the thread that has this lane.
    fn map(lane: u32, size: usize) -> io::Result<Stack> {
        let length = size + GUARD;
        let base = PLACES + (WINDOWS - lane) as usize * PLACE;
        let start = base - length;
        // SAFETY: a fixed mapping that replaces nothing (NOREPLACE) is a plain
        // request for memory; the result is checked.
        let got = unsafe {
            libc::mmap(
                start as *mut _,
                length,
                libc::PROT_NONE,
                libc::MAP_PRIVATE
                    | libc::MAP_ANONYMOUS
                    | libc::MAP_NORESERVE
                    | libc::MAP_FIXED_NOREPLACE,
                -1,
                0,
            )
        };
        if got == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let stack = Stack {
            base: NonZeroUsize::new(got as usize + length).ok_or(io::ErrorKind::OutOfMemory)?,
            length,
            counts: false,
        };
        // SAFETY: the range above the guard was mapped just now.
        let opened = unsafe {
            libc::mprotect(
                (got as usize + GUARD) as *mut _,
                size,
                libc::PROT_READ | libc::PROT_WRITE,
            )
        };
        match opened {
            0 => Ok(stack),
            _ => Err(io::Error::last_os_error()),
        }
    }

    fn size(&self) -> usize {
        self.length - GUARD
    }

    /// The lane that it belongs to.
    fn lane(&self) -> u32 {
        WINDOWS - ((self.base.get() - PLACES) / PLACE) as u32
    }

    /// The highest address that belongs to the guard.
    pub(super) fn guard_end(&self) -> usize {
        self.base.get() - self.size()
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // SAFETY: the range is this stack's, which nobody uses any more.
        unsafe { libc::munmap((self.base.get() - self.length) as *mut _, self.length) };
    }
}

// SAFETY: the range is mapped for as long as the value lives, is larger than
// the least size, ends at a page and begins with pages that nobody may touch.
unsafe impl CoroutineStack for Stack {
    fn base(&self) -> StackPointer {
        self.base
    }

    fn limit(&self) -> StackPointer {
        // The range begins far above address 0.
        NonZeroUsize::new(self.base.get() - self.length).unwrap_or(NonZeroUsize::MIN)
    }
}

/// The stacks that no thread uses now.
#[derive(Default)]
pub(super) struct Stacks {
    /// By their lanes.
    kept: HashMap<u32, Stack>,
    /// Bytes of these.
    kept_bytes: usize,
    /// What the threads of this execution have of its [`BUDGET`], in bytes.
    spent: usize,
}

/// Why there is no stack for a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lack {
    /// No system would give as much as it asks for.
    Absurd,
    /// Others have all that there is.
    UsedUp,
}

/// Why a stack is there.
const GIVEN: &str = "the system gives memory for a stack";

impl Stacks {
    /// A stack for a thread that asks for this many bytes and has this lane. Where the
    /// budget has not as much left, a smaller one has to do.
    ///
    /// # Errors
    /// When the budget has not even the usual size left, and when no system would
    /// give as much as is asked for.
    ///
    /// # Panics
    /// When the system does not give what is within the budget.
    pub(super) fn take(&mut self, lane: u32, wanted: usize) -> Result<Stack, Lack> {
        if wanted > ABSURD {
            return Err(Lack::Absurd);
        }
        let left = BUDGET - self.spent;
        let fits = |size: &usize| match *size {
            USUAL => USUAL <= left,
            larger => larger + USUAL_ONES <= left,
        };
        let smaller = |size: &usize| Some(size / 2).filter(|size| *size >= USUAL);
        let size = std::iter::successors(Some(size_for(wanted)), smaller).find(fits);
        let size = size.ok_or(Lack::UsedUp)?;
        self.spent += size;
        let mut stack = self.of(lane, size);
        stack.counts = true;
        Ok(stack)
    }

    /// The stack of a process's first thread, whatever is left of the budget: there
    /// are few processes, and each begins.
    ///
    /// # Panics
    /// When the system does not give it.
    pub(super) fn take_for_process(&mut self, lane: u32, wanted: usize) -> Stack {
        self.of(lane, size_for(wanted))
    }

    fn of(&mut self, lane: u32, size: usize) -> Stack {
        let kept = self.kept.remove(&lane);
        self.kept_bytes -= kept.as_ref().map_or(0, Stack::size);
        // One of another size goes before there is another in its place.
        kept.filter(|stack| stack.size() == size)
            .unwrap_or_else(|| Stack::map(lane, size).expect(GIVEN))
    }

    /// A thread has ended.
    pub(super) fn put_back(&mut self, mut stack: Stack) {
        let size = stack.size();
        if std::mem::take(&mut stack.counts) {
            self.spent -= size;
        }
        if self.kept_bytes + size <= KEPT {
            self.kept_bytes += size;
            self.kept.insert(stack.lane(), stack);
        }
    }
}

/// The size that is enough for so many bytes.
fn size_for(wanted: usize) -> usize {
    wanted.clamp(USUAL, LARGEST).next_power_of_two()
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, MutexGuard, PoisonError};

    use super::*;

    /// Stacks lie at addresses of their own, which only one can have at a time.
    fn alone() -> MutexGuard<'static, ()> {
        static TURN: Mutex<()> = Mutex::new(());
        TURN.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[test]
    fn stacks_have_the_size_that_is_asked_for_up_to_the_largest() {
        let _alone = alone();
        let mut stacks = Stacks::default();
        for (wanted, size) in [
            (0, USUAL),
            (USUAL, USUAL),
            (USUAL + 1, 2 * USUAL),
            (LARGEST, LARGEST),
            (LARGEST * 3, LARGEST),
        ] {
            let stack = stacks.take(7, wanted).expect("the system gives it");
            assert_eq!((stack.size(), stack.lane()), (size, 7));
            stacks.put_back(stack);
        }
        assert_eq!(stacks.take(7, usize::MAX).err(), Some(Lack::Absurd));
    }

    #[test]
    fn a_stack_lies_where_its_lane_says() {
        let _alone = alone();
        let mut stacks = Stacks::default();
        let mut base = |lane, wanted| {
            let stack = stacks.take(lane, wanted).expect("the system gives it");
            let base = stack.base;
            stacks.put_back(stack);
            base
        };
        let first = base(3, 4 << 20);
        let other = base(4, 4 << 20);
        assert_ne!(first, other);
        assert_eq!(first, base(3, 4 << 20));
        assert_eq!(first, base(3, USUAL));
    }

    #[test]
    fn what_an_execution_gets_does_not_depend_on_those_before() {
        let _alone = alone();
        // The sizes of as many as there are, of a size that is asked for.
        let all_of = |stacks: &mut Stacks, wanted: usize| {
            let mut taken = Vec::new();
            while let Ok(stack) = stacks.take(taken.len() as u32, wanted) {
                taken.push(stack);
            }
            let sizes: Vec<_> = taken.iter().map(Stack::size).collect();
            taken.into_iter().for_each(|stack| stacks.put_back(stack));
            assert!(stacks.kept_bytes <= KEPT && stacks.spent == 0);
            sizes
        };
        let mut stacks = Stacks::default();
        let first = all_of(&mut stacks, 300 << 20);
        assert_eq!(first.iter().sum::<usize>(), BUDGET);
        let usual = first.iter().filter(|size| **size == USUAL);
        assert_eq!(usual.count(), USUAL_ONES / USUAL);
        for wanted in [USUAL, 128 << 20, 5 << 20] {
            assert!(!all_of(&mut stacks, wanted).is_empty());
        }
        assert_eq!(first, all_of(&mut stacks, 300 << 20));
    }

    #[test]
    fn one_after_the_other_costs_as_much_as_one() {
        let _alone = alone();
        let mut stacks = Stacks::default();
        for lane in 0..3 * (BUDGET / LARGEST) as u32 {
            let stack = stacks.take(lane, LARGEST).expect("the budget has one left");
            assert_eq!(stack.size(), LARGEST);
            stacks.put_back(stack);
        }
    }
}
