//! `std::process`: the simulated process.

pub use ::std::process::*;
pub use sim::process::exit;
