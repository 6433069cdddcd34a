//! outputs: ["None Some(5) 6\nOk(()) Err(2)\ntrue false\nSome(6) None\nOnceLock(<uninit>)\npanicked, then 3\nSome(\"owned\")\n"]
//!
//! What one thread alone sees of a `OnceLock`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

fn main() {
    let mut cell = OnceLock::new();
    print!("{:?} ", cell.get());
    assert_eq!(cell.get_mut(), None);
    cell.get_or_init(|| 5);
    print!("{:?} ", cell.get());
    *cell.get_mut().unwrap() += 1;
    println!("{}", cell.wait());

    let other = OnceLock::default();
    println!("{:?} {:?}", other.set(1), other.set(2));
    println!("{} {}", cell.clone() == cell, other == cell);
    println!("{:?} {:?}", cell.take(), cell.take());
    println!("{cell:?}");
    let failed = catch_unwind(AssertUnwindSafe(|| {
        *cell.get_or_init(|| panic!("on purpose"))
    }));
    assert!(failed.is_err());
    println!("panicked, then {}", cell.get_or_init(|| 3));
    println!("{:?}", OnceLock::from(String::from("owned")).into_inner());
}
