//! The face of the simulation under std's names.
//!
//! Given to rustc as `std`, this crate is what a submission's `use std::...`,
//! its prelude and its macros resolve to. It has everything that the real std
//! has, which it shows again, but for the parts that block, communicate or
//! tell the time: those are the simulation's. It offers nothing that the real
//! std does not have.

pub use ::std::*;

pub mod arch;
pub mod backtrace;
pub mod env;
pub mod fs;
pub mod hint;
pub mod io;
mod macros;
pub mod net;
pub mod os;
pub mod panic;
pub mod prelude;
pub mod process;
pub mod sync;
pub mod thread;
