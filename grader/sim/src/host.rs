//! The system calls below the real std.
//!
//! What std has from the operating system it asks through functions of libc.
//! Those that would tell one execution from another (the clock, random
//! numbers) or let threads see one another's work (files) are defined here
//! again, which the linker prefers: so `Instant`, `SystemTime`, `HashMap` and
//! `std::fs` are std's own and yet under control. Outside of a simulated thread
//! they do what the system does.
//!
//! - `clock`: what time it is, random numbers, the process's number.
//! - `files`: what has a path: a step, then the real system call.
//! - `streams`: what has a descriptor.
//! - `listing`: the entries of a folder, in an order of our own.
//! - `folder`: the only folder that a submission may use.
//! - `refused`: what is not simulated: processes, pipes, the real network.
//! - `here`: the line of the submission that a call came from.

mod clock;
mod files;
mod folder;
mod here;
mod listing;
mod refused;
mod streams;

pub use here::Here;

pub(crate) use folder::{install, scratch};
