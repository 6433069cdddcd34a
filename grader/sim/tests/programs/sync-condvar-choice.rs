//! outputs: ["1 before 2\n", "2 before 1\n"]
//!
//! `notify_one` wakes any one of those that wait.

use std::sync::{Condvar, Mutex};
use std::thread;

/// A number that grows with the threads that wait and lets one go at 3; and who
/// went, in order.
static ORDER: Mutex<(u32, Vec<u32>)> = Mutex::new((0, Vec::new()));
static TURN: Condvar = Condvar::new();
static CAME: Condvar = Condvar::new();

fn wait(number: u32) {
    let mut state = ORDER.lock().unwrap();
    state.0 += 1;
    CAME.notify_one();
    while state.0 < 3 {
        state = TURN.wait(state).unwrap();
    }
    state.0 = 0;
    state.1.push(number);
    CAME.notify_one();
}

fn main() {
    let first = thread::spawn(|| wait(1));
    let second = thread::spawn(|| wait(2));
    let mut state = CAME
        .wait_while(ORDER.lock().unwrap(), |state| state.0 < 2)
        .unwrap();
    state.0 = 3;
    TURN.notify_one();
    let mut state = CAME.wait_while(state, |state| state.1.is_empty()).unwrap();
    state.0 = 3;
    TURN.notify_all();
    drop(state);
    first.join().unwrap();
    second.join().unwrap();
    let state = ORDER.lock().unwrap();
    println!("{} before {}", state.1[0], state.1[1]);
}
