//! Whether there is memory left tells nobody what another thread holds: who asks for
//! what another one may have is stopped.
//! outputs: ["room\n", ""]
//! ending: too-much
//! says: it used more than 16 MiB of memory
//! limits: {"memory_mib": 16}
//! search: {"preemptions": 1}

use std::thread;

fn main() {
    let other = thread::spawn(|| {
        thread::yield_now();
        let held = std::hint::black_box(vec![1u8; 10 << 20]);
        thread::yield_now();
        drop(held);
    });
    let mut room: Vec<u8> = Vec::new();
    if room.try_reserve_exact(10 << 20).is_ok() {
        println!("room");
    } else {
        println!("no room");
    }
    drop(room);
    other.join().unwrap();
}
