//! The clocks agree with `sleep`; waiting for a time ends.
//! outputs: ["true true true\ntrue\n1735732800\n"]

use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

fn main() {
    let (start, system) = (Instant::now(), SystemTime::now());
    thread::sleep(Duration::from_secs(3600));
    println!(
        "{} {} {}",
        start.elapsed() >= Duration::from_secs(3600),
        system.elapsed().unwrap() >= Duration::from_secs(3600),
        start.elapsed() < Duration::from_secs(3601)
    );
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(500) {}
    println!("{}", start.elapsed() < Duration::from_secs(60));
    println!("{}", system.duration_since(UNIX_EPOCH).unwrap().as_secs());
}
