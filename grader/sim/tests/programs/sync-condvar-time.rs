//! outputs: ["timed out: false\n", "timed out: true\n"]
//!
//! A wait with a time ends by notification or when the time is over, and says
//! which.

use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

fn main() {
    let pair = Arc::new((Mutex::new(false), Condvar::new()));
    let begin = Instant::now();
    let alone = pair
        .1
        .wait_timeout_while(pair.0.lock().unwrap(), Duration::from_millis(5), |ready| {
            !*ready
        })
        .unwrap();
    assert!(alone.1.timed_out() && begin.elapsed() >= Duration::from_millis(5));
    drop(alone);

    let other = {
        let pair = pair.clone();
        thread::spawn(move || {
            *pair.0.lock().unwrap() = true;
            pair.1.notify_one();
        })
    };
    let (ready, result) = pair
        .1
        .wait_timeout_while(pair.0.lock().unwrap(), Duration::from_secs(1), |ready| {
            !*ready
        })
        .unwrap();
    assert_eq!(*ready, !result.timed_out());
    drop(ready);
    other.join().unwrap();
    println!("timed out: {}", result.timed_out());
}
