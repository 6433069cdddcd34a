//! Time stands still where it can go on no further, and never goes back.
//! outputs: ["1µs\n"]

use std::thread;
use std::time::{Duration, Instant};

fn main() {
    thread::sleep(Duration::from_nanos(u64::MAX - 1_000));
    let late = Instant::now();
    let mut latest = late;
    for _ in 0..2_000 {
        let now = Instant::now();
        assert!(now >= latest);
        latest = now;
    }
    println!("{:?}", late.elapsed());
}
