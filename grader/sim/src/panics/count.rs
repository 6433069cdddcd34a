//! std's own count of panics, kept apart for each simulated thread.
//!
//! std counts, for each thread of the system, the panics that are under way,
//! and notes whether one of them is in its hook: a second one aborts the
//! process then. All simulated threads run on one thread of the system. So
//! what std has noted is put aside with a simulated thread, and comes back with
//! it. Where std keeps it, it does not say; it is found by a panic that is made
//! for the purpose, as the one place that changes as expected.

use std::panic::{catch_unwind, set_hook};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::image;
use crate::sync::Cell;

/// The address of std's note; 0 while it is not known.
static AT: AtomicUsize = AtomicUsize::new(0);

/// Static memory as it is within a hook, and while a panic unwinds.
static WITHIN: Cell<Vec<Vec<u8>>> = Cell::new(Vec::new());
static UNWINDING: Cell<Vec<Vec<u8>>> = Cell::new(Vec::new());

struct Unwinds;

impl Drop for Unwinds {
    fn drop(&mut self) {
        UNWINDING.set(copy());
    }
}

/// What std notes, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub(crate) struct Count {
    panics: usize,
    in_hook: bool,
}

impl Count {
    /// What std notes of a thread that never panicked.
    pub(crate) const NONE: Count = Count {
        panics: 0,
        in_hook: false,
    };
}

/// Finds std's note. Replaces the panic hook.
pub(super) fn find() {
    let before = copy();
    set_hook(Box::new(|_| WITHIN.set(copy())));
    // The panic is the purpose.
    let _ = catch_unwind(|| {
        let _unwinds = Unwinds;
        panic!()
    });
    let (within, unwinding) = (WITHIN.take(), UNWINDING.take());
    let mut found = None;
    for (range, (start, length)) in image::ranges().into_iter().enumerate() {
        for offset in (0..length).step_by(align_of::<Count>()) {
            let note = |copy: &[Vec<u8>]| {
                let bytes = copy.get(range)?;
                let panics = bytes.get(offset..)?.first_chunk()?;
                let in_hook = bytes.get(offset + size_of::<usize>())?;
                Some((usize::from_ne_bytes(*panics), *in_hook))
            };
            let notes = [&before, &within, &unwinding].map(|copy| note(copy));
            if notes == [Some((0, 0)), Some((1, 1)), Some((1, 0))] {
                if found.is_some() {
                    // Two places: better none than the wrong one.
                    return;
                }
                found = Some(start + offset);
            }
        }
    }
    AT.store(found.unwrap_or(0), Ordering::Relaxed);
}

/// The static memory of now.
fn copy() -> Vec<Vec<u8>> {
    image::ranges()
        .into_iter()
        .map(|(start, length)| {
            // SAFETY: the range is mapped, readable and initialised: it is a
            // segment of this executable.
            unsafe { std::slice::from_raw_parts(start as *const u8, length) }.to_vec()
        })
        .collect()
}

/// What std notes now.
pub(crate) fn get() -> Count {
    match AT.load(Ordering::Relaxed) {
        0 => Count::NONE,
        // SAFETY: std has a note of this layout there.
        at => unsafe { *(at as *const Count) },
    }
}

/// Makes std note this.
pub(crate) fn set(count: Count) {
    match AT.load(Ordering::Relaxed) {
        0 => {}
        // SAFETY: std has a note of this layout there, and only this thread of
        // the system uses it.
        at => unsafe { *(at as *mut Count) = count },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Looks;

    impl Drop for Looks {
        fn drop(&mut self) {
            let count = get();
            assert_eq!((count.panics, count.in_hook), (1, false));
            set(Count::NONE);
            assert!(!std::thread::panicking());
            set(count);
            assert!(std::thread::panicking());
        }
    }

    #[test]
    fn std_notes_panics_where_they_were_found() {
        let hook = std::panic::take_hook();
        find();
        std::panic::set_hook(hook);
        assert_ne!(AT.load(Ordering::Relaxed), 0);
        assert_eq!(get(), Count::NONE);
        let caught = catch_unwind(|| {
            let _looks = Looks;
            std::panic::resume_unwind(Box::new(()))
        });
        assert!(caught.is_err());
        assert_eq!(get(), Count::NONE);
    }
}
