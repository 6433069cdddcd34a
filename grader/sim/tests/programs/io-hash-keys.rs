//! The keys of a thread's hashes tell nothing of how many hashes others have made.
//! outputs: ["true true\n"]
//! search: {"preemptions": 2}

use std::hash::{BuildHasher, RandomState};
use std::thread;

fn hashes() -> [u64; 3] {
    [(), (), ()].map(|()| {
        thread::yield_now();
        RandomState::new().hash_one(7)
    })
}

fn main() {
    let alone = thread::spawn(hashes).join().unwrap();
    let both = [thread::spawn(hashes), thread::spawn(hashes)].map(|thread| thread.join().unwrap());
    println!("{} {}", both.iter().all(|own| *own == alone), alone[0] != alone[1] && alone[1] != alone[2]);
}
