//! The stacks of simulated threads.
//!
//! They are mapped once and used by one execution after another. Each has its
//! address from its size and from how many there are of that size, so that the
//! stacks of an execution lie where they lie in its replay, in another process.
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
}

/// Those of one size.
#[derive(Default)]
struct Free {
    stacks: Vec<Stack>,
    /// How many were ever mapped.
    mapped: usize,
}

impl Stacks {
    /// A stack for a thread that asks for this many bytes. Where the system
    /// does not give as much, a smaller one has to do.
    ///
    /// # Errors
    /// When the system does not give the usual size, and when it would never
    /// give as much as is asked for.
    pub(super) fn take(&mut self, wanted: usize) -> io::Result<Stack> {
        if wanted > ABSURD {
            return Err(io::Error::from_raw_os_error(libc::EAGAIN));
        }
        let size = wanted.clamp(USUAL, LARGEST).next_power_of_two();
        let mut region = size_index(size);
        loop {
            match self.free[region].take(region) {
                Err(_) if region > 0 => region -= 1,
                taken => return taken,
            }
        }
    }

    /// The main thread's stack.
    ///
    /// # Errors
    /// When the system does not give it.
    pub(super) fn take_main(&mut self) -> io::Result<Stack> {
        match self.main.take() {
            Some(stack) => Ok(stack),
            None => Stack::map(SIZES, 0, MAIN),
        }
    }

    /// A thread has ended.
    pub(super) fn put_back(&mut self, stack: Stack) {
        self.free[size_index(stack.size())].stacks.push(stack);
    }

    /// The same for the main thread.
    pub(super) fn put_back_main(&mut self, stack: Stack) {
        self.main = Some(stack);
    }

    /// Puts them in order: the same thread of the next execution gets the same
    /// stack.
    pub(super) fn sort(&mut self) {
        for free in &mut self.free {
            free.stacks.sort_by_key(|stack| stack.base);
        }
    }
}

impl Free {
    fn take(&mut self, region: usize) -> io::Result<Stack> {
        if let Some(stack) = self.stacks.pop() {
            return Ok(stack);
        }
        let stack = Stack::map(region, self.mapped, USUAL << region)?;
        self.mapped += 1;
        Ok(stack)
    }
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
            stacks.sort();
            bases
        };
        let first = bases();
        assert_eq!(first, bases());
        assert!(first[0] > first[1] && first[1] > first[2]);
    }
}
