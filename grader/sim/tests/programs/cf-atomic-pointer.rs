//! outputs: ["2 1 1\n"]
//! Pointers are counted up, and tagged in their low bits, from two threads.

use std::sync::atomic::{AtomicPtr, Ordering};

fn main() {
    let elements = AtomicPtr::<u32>::default();
    let tagged = AtomicPtr::<u32>::default();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                elements.fetch_ptr_add(1, Ordering::Relaxed);
                tagged.fetch_or(1, Ordering::Relaxed);
            });
        }
    });
    let bytes = elements.fetch_byte_sub(4, Ordering::Relaxed).addr();
    println!(
        "{} {} {}",
        bytes / 4,
        elements.load(Ordering::Relaxed).addr() / 4,
        tagged.load(Ordering::Relaxed).addr()
    );
}
