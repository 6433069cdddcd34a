//! Memory that is aligned to more than usual is used again once it was given back.
//! outputs: ["100000\n"]
//! limits: {"memory_mib": 16}

use std::hint::black_box;

#[repr(align(64))]
struct Line([u8; 64]);

#[repr(align(4096))]
struct Page([u8; 4096]);

fn main() {
    let mut dropped = 0;
    for _ in 0..50_000 {
        for size in [black_box(Box::new(Line([1; 64]))).0.len(), black_box(Box::new(Page([1; 4096]))).0.len()] {
            dropped += usize::from(size > 0);
        }
    }
    println!("{dropped}");
}
