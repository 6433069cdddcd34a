//! What the tests are given as `std`: the std that is tested, and the path
//! `std::sync::poison`, by which they name the same items. That path alone is
//! unstable, and would keep stable Rust from everything that is tested with it.

pub use ::std::*;

pub mod sync {
    pub use ::std::sync::*;

    pub mod poison {
        pub use ::std::sync::*;
    }
}
