//! outputs: ["", "1 1\n"]
//! ending: exit 0
//! ending: deadlock
//! says: "call":"LazyLock::force"
//! says: "call":"Mutex::lock"
//!
//! A value whose making locks a mutex, used by a thread that holds the mutex:
//! that goes well only where the value was made before.

use std::sync::{LazyLock, Mutex};
use std::thread;

static LOCK: Mutex<u32> = Mutex::new(1);
static LAZY: LazyLock<u32> = LazyLock::new(|| *LOCK.lock().unwrap());

fn main() {
    let other = thread::spawn(|| *LAZY);
    let held = LOCK.lock().unwrap();
    let value = *LAZY * *held;
    drop(held);
    println!("{value} {}", other.join().unwrap());
}
