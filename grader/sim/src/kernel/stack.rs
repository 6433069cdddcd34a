//! The stacks of simulated threads.
//!
//! They are mapped once and used by one execution after another. Each has its
//! address from its size and from how many there are of that size, so that the
//! stacks of an execution lie where they lie in its replay, in another process.
//! And whether there is one is counted, and not left to the system, which has less
//! to give after executions that took much: see [`BUDGET`].
//! Memory is the system's until it is touched: a large stack costs addresses.

use std::io;
use std::num::NonZeroUsize;

use corosensei::stack::{Stack as CoroutineStack, StackPointer};

/// Bytes of a thread's stack: what std gives a spawned thread.
const USUAL: usize = 2 << 20;
/// Bytes of the main thread's stack: what Linux gives it.
const MAIN: usize = 8 << 20;
/// The largest stack that there is, as a power of two; what asks for more gets
/// that.
const LARGEST: usize = 256 << 20;
/// More than any machine has, which a real system refuses.
const ABSURD: usize = 1 << 40;
/// Sizes: the powers of two from [`USUAL`] to [`LARGEST`].
const SIZES: usize = (LARGEST / USUAL).ilog2() as usize + 1;

/// Bytes of stacks that an execution may have, of each size as many as it had at the
/// same time: more than as many of the usual size as it may have threads. What is
/// kept ([`KEPT`]) and this are within the memory of an examined process, with room
/// for all else.
const BUDGET: usize = 1792 << 20;
/// What larger stacks leave of it for usual ones.
const USUAL_ONES: usize = 256 << 20;
/// Bytes of stacks that are kept for the next execution at most.
const KEPT: usize = 256 << 20;

/// Where the stacks of the first size begin, and go down from; those of each
/// further size begin this much higher. The main thread's comes last.
const REGION: usize = 1 << 40;
/// Bytes below each stack that nobody may touch.
const GUARD: usize = 64 << 10;

/// A range of memory that a thread has as its stack, with its guard.
pub(crate) struct Stack {
    base: NonZeroUsize,
    /// With the guard.
    length: usize,
}

impl Stack {
    /// The stack number `index` of those that begin at the end of a region.
    fn map(region: usize, index: usize, size: usize) -> io::Result<Stack> {
        let length = size + GUARD;
        let base = (region + 1) * REGION - index * length;
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

    /// Its number among those of its size, from 0.
    fn index(&self) -> usize {
        let end = (size_index(self.size()) + 1) * REGION;
        (end - self.base.get()) / self.length
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
    free: [Free; SIZES],
    main: Option<Stack>,
    /// What this execution has used up of its [`BUDGET`], in bytes.
    spent: usize,
}

/// Those of one size.
#[derive(Default)]
struct Free {
    stacks: Vec<Stack>,
    /// How many are mapped, in use or not.
    mapped: usize,
    /// How many this execution has had at the same time.
    had: usize,
}

impl Stacks {
    /// A stack for a thread that asks for this many bytes. Where the budget has not
    /// as much left, a smaller one has to do.
    ///
    /// # Errors
    /// When the budget has not even the usual size left, and when no system would
    /// give as much as is asked for.
    ///
    /// # Panics
    /// When the system does not give what is within the budget.
    pub(super) fn take(&mut self, wanted: usize) -> io::Result<Stack> {
        let nothing_left = || io::Error::from_raw_os_error(libc::EAGAIN);
        if wanted > ABSURD {
            return Err(nothing_left());
        }
        let left = BUDGET - self.spent;
        let fits = |region: &usize| {
            let kept_back = if *region > 0 { USUAL_ONES } else { 0 };
            match self.free[*region].costs(*region) {
                0 => true,
                costs => costs + kept_back <= left,
            }
        };
        let region = (0..=region(wanted)).rev().find(fits);
        let region = region.ok_or_else(nothing_left)?;
        self.spent += self.free[region].costs(region);
        Ok(self.free[region].take(region))
    }

    /// The stack of a process's first thread, whatever is left of the budget: there
    /// are few processes, and each begins.
    ///
    /// # Panics
    /// When the system does not give it.
    pub(super) fn take_for_process(&mut self, wanted: usize) -> Stack {
        let region = region(wanted);
        self.free[region].take(region)
    }

    /// The main thread's stack.
    ///
    /// # Panics
    /// When the system does not give it.
    pub(super) fn take_main(&mut self) -> Stack {
        let map = || Stack::map(SIZES, 0, MAIN).expect(GIVEN);
        self.main.take().unwrap_or_else(map)
    }

    /// A thread has ended.
    pub(super) fn put_back(&mut self, stack: Stack) {
        self.free[size_index(stack.size())].stacks.push(stack);
    }

    /// The same for the main thread.
    pub(super) fn put_back_main(&mut self, stack: Stack) {
        self.main = Some(stack);
    }

    /// An execution has ended, and all stacks were put back: the next one has its
    /// whole budget, and the same thread of it gets the same stack.
    pub(super) fn settle(&mut self) {
        let kept = |free: &Free| free.stacks.iter().map(Stack::size).sum::<usize>();
        let all = self.free.iter().map(kept).sum::<usize>() <= KEPT;
        for free in &mut self.free {
            free.had = 0;
            free.stacks.sort_by_key(|stack| stack.base);
            if !all {
                free.stacks.clear();
                free.mapped = 0;
            }
        }
        self.spent = 0;
    }
}

/// Why a stack is there.
const GIVEN: &str = "the system gives memory for a stack";

impl Free {
    /// What the next one takes from the budget: nothing where this execution has had
    /// as many.
    fn costs(&self, region: usize) -> usize {
        let next = self.stacks.last().map_or(self.mapped, Stack::index);
        if next < self.had { 0 } else { USUAL << region }
    }

    fn take(&mut self, region: usize) -> Stack {
        let stack = self.stacks.pop().unwrap_or_else(|| {
            let stack = Stack::map(region, self.mapped, USUAL << region).expect(GIVEN);
            self.mapped += 1;
            stack
        });
        self.had = self.had.max(stack.index() + 1);
        stack
    }
}

/// The index of the size that is enough for so many bytes.
fn region(wanted: usize) -> usize {
    size_index(wanted.clamp(USUAL, LARGEST).next_power_of_two())
}

/// The index of a size that is a power of two.
fn size_index(size: usize) -> usize {
    (size / USUAL).ilog2() as usize
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
            let stack = stacks.take(wanted).expect("the system gives it");
            assert_eq!(stack.size(), size);
            stacks.put_back(stack);
        }
        assert!(stacks.take(usize::MAX).is_err());
    }

    #[test]
    fn the_first_stack_of_the_next_execution_is_that_of_the_last() {
        let _alone = alone();
        let mut stacks = Stacks::default();
        let mut bases = || {
            let taken: Vec<Stack> = (0..3)
                .map(|_| stacks.take(4 << 20).expect("the system gives it"))
                .collect();
            let bases: Vec<NonZeroUsize> = taken.iter().map(|stack| stack.base).collect();
            for stack in taken {
                stacks.put_back(stack);
            }
            stacks.settle();
            bases
        };
        let first = bases();
        assert_eq!(first, bases());
        assert!(first[0] > first[1] && first[1] > first[2]);
    }

    #[test]
    fn what_an_execution_gets_does_not_depend_on_those_before() {
        let _alone = alone();
        // The sizes and places of as many as there are, of a size that is asked for.
        let all_of = |stacks: &mut Stacks, wanted: usize| {
            let mut taken = Vec::new();
            while let Ok(stack) = stacks.take(wanted) {
                taken.push(stack);
            }
            let places: Vec<_> = taken
                .iter()
                .map(|stack| (stack.size(), stack.base))
                .collect();
            taken.into_iter().for_each(|stack| stacks.put_back(stack));
            stacks.settle();
            places
        };
        let mut stacks = Stacks::default();
        let first = all_of(&mut stacks, 300 << 20);
        let bytes: usize = first.iter().map(|(size, _)| size).sum();
        assert_eq!(bytes, BUDGET);
        let usual = first.iter().filter(|(size, _)| *size == USUAL);
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
        for _ in 0..3 * BUDGET / LARGEST {
            let stack = stacks.take(LARGEST).expect("the budget has one left");
            assert_eq!(stack.size(), LARGEST);
            stacks.put_back(stack);
        }
    }
}
