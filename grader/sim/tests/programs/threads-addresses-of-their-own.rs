//! Where a block lies tells nobody what other threads have allocated and freed.
//! outputs: ["true true\n"]
//! search: {"preemptions": 2}

use std::hint::black_box;
use std::thread;

/// Where the blocks of a thread lie that allocates and frees.
fn places() -> Vec<usize> {
    let place = |block: &Vec<u8>| black_box(block).as_ptr().addr();
    let mut places = Vec::with_capacity(8);
    for size in [64, 64, 5_000] {
        let first = vec![1u8; size];
        places.push(place(&first));
        thread::yield_now();
        drop(first);
        let second = vec![2u8; size];
        places.push(place(&second));
        thread::yield_now();
    }
    places
}

fn steps_between(places: &[usize]) -> Vec<usize> {
    places.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])).collect()
}

fn main() {
    let both = [thread::spawn(places), thread::spawn(places)].map(|thread| thread.join().unwrap());
    // Each uses its own blocks again, and nobody else's.
    let shared = both[0].iter().any(|place| both[1].contains(place));
    println!("{} {}", steps_between(&both[0]) == steps_between(&both[1]), !shared);
}
