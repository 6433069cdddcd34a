//! The same by the name that core's prelude has for it.
//! real: the same

use std::alloc::System;

#[core::prelude::v1::global_allocator]
static ALLOCATOR: System = System;

mod inner {
    #[allow(unused_imports)]
    use core::prelude::rust_2024::*;

    #[derive(Debug, Clone, Default)]
    pub struct Number(pub Option<u8>);
}

fn main() {
    let number = inner::Number::default();
    println!("{:?} {:?}", number.clone(), &raw const ALLOCATOR == &raw const ALLOCATOR);
}
