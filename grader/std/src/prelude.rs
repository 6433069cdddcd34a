//! `std::prelude`: std's macros come from here.

macro_rules! preludes {
    ($($edition:ident),*) => {
        $(
            /// The prelude of this edition.
            pub mod $edition {
                pub use ::std::prelude::$edition::*;
                pub use attributes::global_allocator;
                pub use crate::{dbg, eprint, eprintln, is_x86_feature_detected, print, println, thread_local};
            }
        )*
    };
}

preludes!(v1, rust_2015, rust_2018, rust_2021, rust_2024);
