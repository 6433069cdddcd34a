//! A scenario says what the date is at the beginning.
//!
//! world: {"programs": [{"label": "clock"}], "date": 253402300799}
//! outputs: ["253402300799\n"]
//! always: exit 0
//! search: {"preemptions": 1, "random": 5}

use std::time::SystemTime;

fn main() {
    let now = SystemTime::now();
    let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap();
    println!("{}", since.as_secs());
}
