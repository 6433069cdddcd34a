//! `std::io`: the standard streams are those of the simulated program.

pub use ::std::io::*;
#[doc(hidden)]
pub use sim::io::{_eprint, _print};
