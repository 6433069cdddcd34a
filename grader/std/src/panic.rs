//! `std::panic`: panics belong to simulated threads.

pub use ::std::panic::*;
pub use sim::panics::{catch as catch_unwind, resume as resume_unwind, set_hook, take_hook};
