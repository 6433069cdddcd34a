//! The memory of one execution.
//!
//! Everything that simulated threads allocate lies in one range of addresses
//! that is emptied between executions. So a thread that is abandoned in the
//! middle (as by `process::exit`) leaks nothing, a static that held a `Vec`
//! can be put back byte for byte, and an address is the same in every replay.
//!
//! Each thread has a window of the range for itself, by its
//! [lane](crate::kernel::Lane), and takes from there what it allocates; what it frees, whoever
//! had it from whom, it uses again itself. So where a block lies depends on nothing
//! but the thread's own past: else the order in which threads allocate could be seen
//! without a step. What the simulation keeps for all threads has a window of its own
//! ([`with_nobodys`]), and its blocks stay there.
//!
//! The allocator keeps three lists of free blocks for each size class (powers of
//! two, and the middle between two of them), for blocks that are aligned to 16 bytes,
//! to more, and to more than a page, and is meant for one thread at a time: the one that runs
//! the simulation. All other threads, and the simulation's own code ([`Outside`]),
//! use the system's allocator.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::collections::HashMap;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, Ordering};

use crate::kernel;

/// Where the windows begin: far from what the system hands out, and the same in
/// every process, so that programs that look at addresses replay too.
const BASE: usize = 32 << 40;
/// Bytes of addresses that a window has.
const WINDOW: usize = 512 << 20;
/// How many windows there are: so many that the last ends below where the system puts
/// a program, and that numbers of descriptors are enough for all.
pub(crate) const WINDOWS: u32 = 96 << 10;
/// The window of what is nobody's own.
const NOBODYS: u32 = WINDOWS - 1;
/// The most memory that an execution can hold, whatever its limit.
const MOST: usize = 384 << 20;
/// Bytes of all windows that an execution may use, with what is free in them: what
/// one thread frees is of no use to another.
const SPREAD: usize = 2 * MOST;
/// Bytes by which the used part of a window grows.
const CHUNK: usize = 256 << 10;
/// Bytes of a window, and of all, that are kept for the next execution at most.
const KEPT_OF_ONE: usize = 32 << 20;
const KEPT: usize = 128 << 20;
/// Size classes: two for each power of two up to [`MOST`].
const CLASSES: usize = 64;

thread_local! {
    /// Whether this thread runs a simulated thread right now.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// The windows of this process. They are described on the system's heap, since
/// statics are put back.
struct Arena {
    windows: HashMap<u32, Box<Window>>,
    /// Those that this execution uses.
    used: Vec<*mut Window>,
    /// The running thread's.
    current: *mut Window,
    nobodys: *mut Window,
    /// Bytes of blocks that were handed out and not given back.
    held: usize,
    /// The most that may be held.
    limit: usize,
    /// Bytes of all windows that were used in this execution.
    spread: usize,
    /// Whether an allocation was refused.
    full: bool,
}

/// The memory of one lane.
struct Window {
    base: usize,
    /// First address that was never handed out in this execution.
    top: usize,
    /// Bytes from `base` that this execution may use so far, and that are mapped.
    reach: usize,
    mapped: usize,
    free: [[usize; CLASSES]; 3],
    used: bool,
}

static ARENA: AtomicPtr<Arena> = AtomicPtr::new(null_mut());

/// The arena.
///
/// # Safety
/// It must be mapped, and only the thread that simulates may ask, which keeps no
/// reference while it does anything else.
unsafe fn arena<'a>() -> &'a mut Arena {
    // SAFETY: the caller's promise; it is never freed.
    unsafe { &mut *ARENA.load(Ordering::Relaxed) }
}

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

/// Makes the arena. Must be called before the first execution.
pub(crate) fn make() {
    if !ARENA.load(Ordering::Relaxed).is_null() {
        return;
    }
    let mut arena = Box::new(Arena {
        windows: HashMap::new(),
        used: Vec::new(),
        current: null_mut(),
        nobodys: null_mut(),
        held: 0,
        limit: MOST,
        spread: 0,
        full: false,
    });
    arena.nobodys = arena.window(NOBODYS);
    arena.current = arena.nobodys;
    ARENA.store(Box::into_raw(arena), Ordering::Relaxed);
}

/// Limits what an execution can hold from now on to so many MiB.
pub(crate) fn limit(mib: u64) {
    let bytes = usize::try_from(mib << 20).unwrap_or(MOST);
    // SAFETY: between executions, and the reference ends here.
    unsafe { arena() }.limit = bytes.min(MOST);
}

/// A window that this execution uses.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Used(*mut Window);

/// The window of a lane, which this execution uses from now on. Must be called outside.
pub(crate) fn window(lane: u32) -> Used {
    // SAFETY: only called by the kernel, and the reference ends here.
    Used(unsafe { arena() }.window(lane))
}

/// From now on the thread that has this window runs.
pub(crate) fn takes_turn(window: Used) {
    // SAFETY: as above.
    unsafe { arena() }.current = window.0;
}

/// Does what concerns all threads and is no step: what it allocates is nobody's, so
/// that no thread's own addresses tell of it. `f` must not take a step.
pub(crate) fn with_nobodys<R>(f: impl FnOnce() -> R) -> R {
    struct Back(*mut Window);
    impl Drop for Back {
        fn drop(&mut self) {
            // SAFETY: as below.
            unsafe { arena() }.current = self.0;
        }
    }
    if !INSIDE.get() {
        return f();
    }
    // SAFETY: a simulated thread runs, so there is an arena; the reference ends here.
    let arena = unsafe { arena() };
    let _back = Back(std::mem::replace(&mut arena.current, arena.nobodys));
    f()
}

/// Forgets everything that was allocated inside.
pub(crate) fn reset() {
    // SAFETY: called between executions, when nothing inside is used any more.
    unsafe { arena() }.reset();
}

/// Whether an allocation of this execution was refused.
pub(crate) fn is_full() -> bool {
    // SAFETY: only asked by the thread that simulates; the reference ends here.
    unsafe { arena() }.full
}

/// Whether a block is of a window.
fn is_ours(pointer: *mut u8) -> bool {
    (pointer as usize).wrapping_sub(BASE) < WINDOWS as usize * WINDOW
}

/// Whether a block of a window is nobody's.
fn is_nobodys(pointer: *mut u8) -> bool {
    pointer as usize >= BASE + NOBODYS as usize * WINDOW
}

impl Window {
    /// Gives back what is mapped beyond so many bytes.
    fn shrink(&mut self, kept: usize) {
        if self.mapped > kept {
            // SAFETY: the range is the window's, and nothing in it is used any more.
            unsafe { libc::munmap((self.base + kept) as *mut _, self.mapped - kept) };
            self.mapped = kept;
        }
    }

    /// Has so many bytes mapped.
    fn map(&mut self, bytes: usize) {
        if bytes <= self.mapped {
            return;
        }
        let start = self.base + self.mapped;
        // SAFETY: a fixed mapping that replaces nothing (NOREPLACE) is a plain
        // request for memory; the result is checked.
        let got = unsafe {
            libc::mmap(
                start as *mut _,
                bytes - self.mapped,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE
                    | libc::MAP_ANONYMOUS
                    | libc::MAP_NORESERVE
                    | libc::MAP_FIXED_NOREPLACE,
                -1,
                0,
            )
        };
        if got as usize != start {
            not_given();
        }
        self.mapped = bytes;
    }
}

/// Ends the process, as one that the system does not give what any execution may
/// need: that is no fault of the program's. An allocator must not panic.
fn not_given() -> ! {
    const SAID: &[u8] = b"the system does not give the memory that an execution needs\n";
    // SAFETY: the bytes are there.
    unsafe { libc::write(2, SAID.as_ptr().cast(), SAID.len()) };
    crate::entry::leave(70)
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

impl Window {
    /// The free blocks of a class that are aligned as is asked for.
    fn free(&mut self, layout: Layout, class: usize) -> &mut usize {
        let list = usize::from(layout.align() > USUAL) + usize::from(layout.align() > PAGE);
        &mut self.free[list][class]
    }

    /// A free block of a class.
    fn take(&mut self, layout: Layout, class: usize) -> Option<*mut u8> {
        let mut free = self.free(layout, class);
        // The first is aligned enough but for what is aligned to more than a page.
        while *free != 0 {
            let block = *free;
            // SAFETY: a free block holds the address of the next one, and is nobody else's.
            let next = unsafe { &mut *(block as *mut usize) };
            if block.is_multiple_of(layout.align()) {
                *free = *next;
                return Some(block as *mut u8);
            }
            free = next;
        }
        None
    }
}

/// All that an execution may have is in use.
struct UsedUp;

/// A block from the window of the running thread. Where no memory is left, nobody
/// learns of it if it may be another thread that has it.
fn allocate(layout: Layout) -> *mut u8 {
    // SAFETY: the thread that simulates asks; the reference ends with the call.
    match unsafe { arena() }.alloc(layout) {
        Ok(block) => block,
        Err(UsedUp) => {
            kernel::memory_is_used_up();
            null_mut()
        }
    }
}

impl Arena {
    /// The window of a lane, which this execution uses from now on.
    fn window(&mut self, lane: u32) -> *mut Window {
        let window = self.windows.entry(lane).or_insert_with(|| {
            let base = BASE + lane as usize * WINDOW;
            Box::new(Window {
                base,
                top: base,
                reach: 0,
                mapped: 0,
                free: [[0; CLASSES]; 3],
                used: false,
            })
        });
        let window = &raw mut **window;
        // SAFETY: windows are never dropped, and nobody else has a reference.
        if !std::mem::replace(unsafe { &mut (*window).used }, true) {
            self.used.push(window);
        }
        window
    }

    fn reset(&mut self) {
        for window in std::mem::take(&mut self.used) {
            // SAFETY: as above.
            let window = unsafe { &mut *window };
            (window.top, window.reach, window.used) = (window.base, 0, false);
            window.free = [[0; CLASSES]; 3];
            // Memory that one greedy execution touched is given back to the system.
            window.shrink(KEPT_OF_ONE);
        }
        if self
            .windows
            .values()
            .map(|window| window.mapped)
            .sum::<usize>()
            > KEPT
        {
            self.windows
                .values_mut()
                .for_each(|window| window.shrink(0));
        }
        (self.held, self.spread, self.full) = (0, 0, false);
        self.nobodys = self.window(NOBODYS);
        self.current = self.nobodys;
    }

    /// A block; null where one thread asks for more than all may have.
    fn alloc(&mut self, layout: Layout) -> Result<*mut u8, UsedUp> {
        if layout.size() > self.limit {
            self.full = true;
            return Ok(null_mut());
        }
        let (class, size) = class(layout.size().max(layout.align()));
        if self.held + size > self.limit {
            self.full = true;
            return Err(UsedUp);
        }
        // SAFETY: the window of the thread that runs is there, and nobody has a
        // reference to it.
        let window = unsafe { &mut *self.current };
        if let Some(block) = window.take(layout, class) {
            self.held += size;
            return Ok(block);
        }
        let start = window.top.next_multiple_of(match layout.align() > USUAL {
            true => alignment(size, layout.align()),
            false => USUAL,
        });
        let reach = (start - window.base + size).next_multiple_of(CHUNK);
        let more = reach.saturating_sub(window.reach);
        if more > 0 {
            if reach > WINDOW || self.spread + more > SPREAD {
                self.full = true;
                return Err(UsedUp);
            }
            window.map(reach);
            window.reach = reach;
            self.spread += more;
        }
        self.held += size;
        window.top = start + size;
        Ok(start as *mut u8)
    }

    fn dealloc(&mut self, pointer: *mut u8, layout: Layout) {
        let (class, size) = class(layout.size().max(layout.align()));
        self.held = self.held.saturating_sub(size);
        let window = if is_nobodys(pointer) {
            self.nobodys
        } else {
            self.current
        };
        // SAFETY: as above.
        let free = unsafe { &mut *window }.free(layout, class);
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
            allocate(layout)
        } else {
            // SAFETY: the caller's promise.
            unsafe { System.alloc(layout) }
        }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        if is_ours(pointer) {
            // SAFETY: only the thread that simulates has such blocks.
            unsafe { arena() }.dealloc(pointer, layout)
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
        // A block of the arena stays in the arena.
        let new = allocate(new_layout);
        if !new.is_null() {
            // SAFETY: both blocks hold that many bytes and do not overlap.
            unsafe { std::ptr::copy_nonoverlapping(pointer, new, layout.size().min(new_size)) };
            // SAFETY: only the thread that simulates has such blocks.
            unsafe { arena() }.dealloc(pointer, layout);
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
