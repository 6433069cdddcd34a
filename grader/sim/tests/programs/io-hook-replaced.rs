//! To replace the panic hook is a step: threads that keep a number in it lose
//! what others add.
//! outputs: ["1\n", "2\n"]
//! search: {"preemptions": 2}

use std::cell::Cell;
use std::panic::{catch_unwind, panic_any, set_hook};
use std::thread;

std::thread_local! {
    static SEEN: Cell<u32> = const { Cell::new(0) };
}

fn number() -> u32 {
    let _ = catch_unwind(|| panic_any(()));
    SEEN.get()
}

fn set(number: u32) {
    set_hook(Box::new(move |_| SEEN.set(number)));
}

fn main() {
    set(0);
    let other = thread::spawn(|| set(number() + 1));
    set(number() + 1);
    other.join().unwrap();
    println!("{}", number());
}
