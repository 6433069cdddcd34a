//! Blocks that one thread allocates and another one frees count as long as somebody has
//! them.
//! outputs: ["200\n"]
//! limits: {"memory_mib": 16}
//! search: {"preemptions": 0, "random": 3}

use std::sync::mpsc::sync_channel;
use std::thread;

fn main() {
    let (give, take) = sync_channel::<Vec<u8>>(3);
    let giver = thread::spawn(move || {
        for _ in 0..200 {
            give.send(vec![1u8; 1 << 20]).unwrap();
        }
    });
    let blocks = take.iter().filter(|block| block.len() == 1 << 20).count();
    giver.join().unwrap();
    println!("{blocks}");
}
