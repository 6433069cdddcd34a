//! A program may ask for the allocator that it has anyway.
//! real: the same

use std::alloc::System;

#[global_allocator]
static ALLOCATOR: System = System;

mod inner {
    #[allow(unused_imports)]
    use std::prelude::v1::*;

    pub fn list() -> Vec<String> {
        (0..3).map(|number| number.to_string()).collect()
    }
}

fn main() {
    let _ = &ALLOCATOR;
    let sorted = std::thread::spawn(|| inner::list().concat());
    println!("{}", sorted.join().unwrap());
}
