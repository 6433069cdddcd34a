//! What a `Display` wrote before it panicked is printed, and the lock is given
//! back. A `Display` that prints does so in the middle.
//! outputs: ["before [inner]\nafter\nouter inner\n!\n"]

use std::{fmt, panic};

struct Panics;

impl fmt::Display for Panics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[inner]\n")?;
        panic!("in the middle")
    }
}

struct Prints;

impl fmt::Display for Prints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        println!("inner");
        f.write_str("!")
    }
}

fn main() {
    assert!(panic::catch_unwind(|| println!("before {}", Panics)).is_err());
    println!("after");
    println!("outer {}", Prints);
}
