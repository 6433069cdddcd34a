//! The memory of one execution.
//!
//! Everything that simulated threads allocate lies in one range of addresses
//! that is emptied between executions. So a thread that is abandoned in the
//! middle (as by `process::exit`) leaks nothing, a static that held a `Vec`
//! can be put back byte for byte, and an address is the same in every replay.
//!
//! The allocator keeps three lists of free blocks for each size class (powers of
//! two, and the middle between two of them), for blocks that are aligned to 16 bytes,
//! to more, and to more than a page, and is meant for one thread at a time: the one that runs
//! the simulation. All other threads, and the simulation's own code ([`Outside`]),
//! use the system's allocator.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::{Cell, UnsafeCell};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

/// Where the range begins: far from what the system hands out, and the same in
/// every process, so that programs that look at addresses replay too.
const BASE: usize = 0x10_0000_0000;
/// The size of the range, and so the most memory that an execution can hold,
/// whatever its limit.
const SIZE: usize = 384 << 20;
/// The limit of a plan, in bytes of the range, once the range is mapped. It lies
/// on the system's heap, since statics are put back.
static LIMIT: AtomicPtr<AtomicUsize> = AtomicPtr::new(null_mut());
/// Size classes: two for each power of two up to [`SIZE`].
const CLASSES: usize = 64;

thread_local! {
    /// Whether this thread runs a simulated thread right now.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

#[derive(Clone, Copy)]
pub(crate) struct Arena {
    /// First address that was never handed out in this execution; 0 while the
    /// range is not mapped.
    top: usize,
    free: [[usize; CLASSES]; 3],
    /// Whether an allocation was refused.
    full: bool,
}

struct Shared(UnsafeCell<Arena>);
// SAFETY: the arena is only touched by the thread for which `INSIDE` is set or
// whose address lies in the range; the simulation has one such thread.
unsafe impl Sync for Shared {}

static ARENA: Shared = Shared(UnsafeCell::new(Arena {
    top: 0,
    free: [[0; CLASSES]; 3],
    full: false,
}));

/// The allocator of every examined process.
struct Allocator;

#[global_allocator]
static GLOBAL: Allocator = Allocator;

/// While it lives, this thread's code is the simulation's own: what it
/// allocates outlives the execution.
pub(crate) struct Outside(bool);

impl Outside {
    pub(crate) fn enter() -> Outside {
        Outside(INSIDE.replace(false))
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        INSIDE.set(self.0);
    }
}

/// Says that this thread now runs a simulated thread (or no longer does).
pub(crate) fn set_inside(inside: bool) {
    INSIDE.set(inside);
}

/// Whether a simulated thread runs.
pub(crate) fn is_inside() -> bool {
    INSIDE.get()
}

/// Maps the range. Must be called once, before the first execution.
///
/// # Panics
/// When the system does not give the memory.
pub(crate) fn map() {
    // SAFETY: only called before any execution, by the one simulating thread.
    let arena = unsafe { &mut *ARENA.0.get() };
    if arena.top != 0 {
        return;
    }
    // SAFETY: a fixed mapping that replaces nothing (NOREPLACE) is a plain
    // request for memory; the result is checked.
    let got = unsafe {
        libc::mmap(
            BASE as *mut _,
            SIZE,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE
                | libc::MAP_ANONYMOUS
                | libc::MAP_NORESERVE
                | libc::MAP_FIXED_NOREPLACE,
            -1,
            0,
        )
    };
    assert!(
        got as usize == BASE,
        "the system does not give the memory that an execution needs"
    );
    arena.top = BASE;
    let limit = Box::new(AtomicUsize::new(SIZE));
    LIMIT.store(Box::into_raw(limit), Ordering::Relaxed);
}

/// Limits what an execution can hold from now on to so many MiB.
pub(crate) fn limit(mib: u64) {
    let bytes = usize::try_from(mib << 20).unwrap_or(SIZE);
    // SAFETY: it is null, or a box that is never freed.
    if let Some(limit) = unsafe { LIMIT.load(Ordering::Relaxed).as_ref() } {
        limit.store(bytes.min(SIZE), Ordering::Relaxed);
    }
}

/// How much of the range may be handed out.
fn most() -> usize {
    // SAFETY: as above.
    let limit = unsafe { LIMIT.load(Ordering::Relaxed).as_ref() };
    limit.map_or(SIZE, |limit| limit.load(Ordering::Relaxed))
}

/// Forgets everything that was allocated inside.
pub(crate) fn reset() {
    // SAFETY: called between executions, when nothing inside is used any more.
    let arena = unsafe { &mut *ARENA.0.get() };
    // Memory that one greedy execution touched is given back to the system.
    const KEEP: usize = 8 << 20;
    if arena.top > BASE + KEEP {
        // SAFETY: the range is ours and nothing in it is used any more.
        unsafe {
            libc::madvise(
                (BASE + KEEP) as *mut _,
                arena.top - BASE - KEEP,
                libc::MADV_DONTNEED,
            )
        };
    }
    arena.top = BASE;
    arena.free = [[0; CLASSES]; 3];
    arena.full = false;
}

/// What was handed out: all processes of an execution share its memory.
pub(crate) fn state() -> Arena {
    // SAFETY: only asked by the thread that simulates, outside.
    unsafe { *ARENA.0.get() }
}

/// Puts back what was handed out, after static memory has changed.
pub(crate) fn set_state(state: Arena) {
    // SAFETY: as above.
    unsafe { *ARENA.0.get() = state };
}

/// Whether an allocation of this execution was refused.
pub(crate) fn is_full() -> bool {
    // SAFETY: only asked by the thread that simulates.
    unsafe { (*ARENA.0.get()).full }
}

fn is_ours(pointer: *mut u8) -> bool {
    (pointer as usize).wrapping_sub(BASE) < SIZE
}

/// The class of a size: 2k for sizes up to 1.5 * 2^k, 2k+1 up to 2^(k+1).
fn class(size: usize) -> (usize, usize) {
    let size = size.max(16);
    let power = (size - 1).ilog2() as usize;
    let middle = (1 << power) + (1 << (power - 1));
    if size <= middle {
        (2 * power, middle)
    } else {
        (2 * power + 1, 1 << (power + 1))
    }
}

/// What blocks of a size are aligned to, where more than [`USUAL`] is asked for: as
/// much as anybody may ask for with that size, but for what is larger than a page.
/// So each of them is good for the next who asks.
fn alignment(size: usize, asked: usize) -> usize {
    asked.max(PAGE.min(1 << size.ilog2()))
}

/// What blocks are aligned to.
const USUAL: usize = 16;
const PAGE: usize = 4096;

impl Arena {
    /// The free blocks of a class that are aligned as is asked for.
    fn free(&mut self, layout: Layout, class: usize) -> &mut usize {
        let list = usize::from(layout.align() > USUAL) + usize::from(layout.align() > PAGE);
        &mut self.free[list][class]
    }

    fn alloc(&mut self, layout: Layout) -> *mut u8 {
        if layout.size() > SIZE {
            self.full = true;
            return null_mut();
        }
        let (class, size) = class(layout.size().max(layout.align()));
        let mut free = self.free(layout, class);
        // The first is aligned enough but for what is aligned to more than a page.
        while *free != 0 {
            let block = *free;
            // SAFETY: a free block holds the address of the next one, and is nobody else's.
            let next = unsafe { &mut *(block as *mut usize) };
            if block.is_multiple_of(layout.align()) {
                *free = *next;
                return block as *mut u8;
            }
            free = next;
        }
        let start = self.top.next_multiple_of(match layout.align() > USUAL {
            true => alignment(size, layout.align()),
            false => USUAL,
        });
        if start + size > BASE + most() {
            self.full = true;
            return null_mut();
        }
        self.top = start + size;
        start as *mut u8
    }

    fn dealloc(&mut self, pointer: *mut u8, layout: Layout) {
        let (class, _) = class(layout.size().max(layout.align()));
        let free = self.free(layout, class);
        // SAFETY: the block is at least 16 bytes, aligned to 16, and unused.
        unsafe { *pointer.cast::<usize>() = *free };
        *free = pointer as usize;
    }
}

// SAFETY: blocks come from the system or from the arena, which hands out
// disjoint ranges of the asked size and alignment; a block goes back to where
// its address says that it came from.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if INSIDE.get() {
            // SAFETY: see `Shared`.
            unsafe { (*ARENA.0.get()).alloc(layout) }
        } else {
            // SAFETY: the caller's promise.
            unsafe { System.alloc(layout) }
        }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        if is_ours(pointer) {
            // SAFETY: see `Shared`.
            unsafe { (*ARENA.0.get()).dealloc(pointer, layout) }
        } else {
            // SAFETY: the caller's promise, and the block is the system's.
            unsafe { System.dealloc(pointer, layout) }
        }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        if !is_ours(pointer) {
            // SAFETY: the caller's promise, and the block is the system's.
            return unsafe { System.realloc(pointer, layout, new_size) };
        }
        if class(layout.size().max(layout.align())) == class(new_size.max(layout.align())) {
            return pointer;
        }
        // SAFETY: the caller promises that the new size fits the alignment.
        let new_layout = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
        // SAFETY: see `Shared`. A block of the arena stays in the arena.
        let new = unsafe { (*ARENA.0.get()).alloc(new_layout) };
        if !new.is_null() {
            // SAFETY: both blocks hold that many bytes and do not overlap.
            unsafe { std::ptr::copy_nonoverlapping(pointer, new, layout.size().min(new_size)) };
            // SAFETY: see `Shared`.
            unsafe { (*ARENA.0.get()).dealloc(pointer, layout) };
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use super::class;

    #[test]
    fn every_size_fits_its_class() {
        for size in 1..5000 {
            let (index, room) = class(size);
            assert!(room >= size && room < 2 * size.max(16), "{size} in {room}");
            assert_eq!(class(room), (index, room));
        }
    }
}
