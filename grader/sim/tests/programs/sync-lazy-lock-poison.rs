//! outputs: ["making\nLazyLock instance has previously been poisoned\nNone\nLazyLock instance has previously been poisoned\n"]
//!
//! A value that could not be made is never made.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;
use std::thread;

static NEVER: LazyLock<u32> = LazyLock::new(|| {
    println!("making");
    panic!("on purpose")
});

fn message(payload: Box<dyn std::any::Any + Send>) -> &'static str {
    payload.downcast_ref::<&'static str>().copied().unwrap()
}

fn main() {
    assert!(thread::spawn(|| *NEVER).join().is_err());
    println!("{}", message(thread::spawn(|| *NEVER).join().unwrap_err()));
    println!("{:?}", LazyLock::get(&NEVER));

    let mut own: LazyLock<u32> = LazyLock::new(|| panic!("on purpose"));
    assert!(catch_unwind(AssertUnwindSafe(|| *own += 1)).is_err());
    let again = catch_unwind(AssertUnwindSafe(|| *own)).unwrap_err();
    println!("{}", message(again));
}
