//! outputs: ["early None, then a\n", "early Some(\"a\"), then a\n", "early None, then b\n", "early Some(\"b\"), then b\n"]
//!
//! One of two values is set; the other comes back.

use std::sync::OnceLock;
use std::thread;

static CELL: OnceLock<&str> = OnceLock::new();

fn main() {
    let first = thread::spawn(|| CELL.set("a"));
    let second = thread::spawn(|| CELL.set("b"));
    let early = CELL.get();
    match (first.join().unwrap(), second.join().unwrap()) {
        (Ok(()), Err("b")) => assert_eq!(CELL.get(), Some(&"a")),
        (Err("a"), Ok(())) => assert_eq!(CELL.get(), Some(&"b")),
        other => unreachable!("{other:?}"),
    }
    println!("early {early:?}, then {}", CELL.get().unwrap());
}
