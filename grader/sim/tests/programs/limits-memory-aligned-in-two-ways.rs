//! Memory that is free is found behind some that is not aligned enough.
//! outputs: ["10000\n"]
//! limits: {"memory_mib": 16}

use std::hint::black_box;

#[repr(align(8192))]
struct Short([u8; 8192]);

#[repr(align(8192))]
struct Less([u8; 32768]);

#[repr(align(32768))]
struct More([u8; 32768]);

fn main() {
    let mut between = Vec::new();
    let mut dropped = 0;
    for number in 0..10_000 {
        let more = black_box(Box::new(More([1; 32768])));
        if number == 0 {
            // So that what is only aligned to 8192 is not aligned to more by luck.
            between.push(black_box(Box::new(Short([1; 8192]))));
        }
        let less = black_box(Box::new(Less([1; 32768])));
        dropped += usize::from(more.0[0] == less.0[1]);
        drop(more);
        drop(less);
    }
    println!("{}", dropped * usize::from(between[0].0[0]));
}
