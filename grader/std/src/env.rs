//! `std::env`: the arguments are those of the simulated program.

pub use ::std::env::*;
