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
//! - `descriptors`: those that the system knows nothing of: pipes, sockets, and
//!   duplicates of the standard streams.
//! - `pipe`: what is in a pipe.
//! - `lock`: the locks of files.
//! - `files`: what has a path: a step, then the real system call.
//! - `streams`: what has a descriptor.
//! - `listing`: the entries of a folder, in an order of our own.
//! - `identity`: what is not told of a file, since it is the machine's own affair.
//! - `keys`: the keys of `HashMap`, which each thread has for itself.
//! - `disk`: how many files there are and how much is in them, within limits.
//! - `folder`: the only folders that a submission may use.
//! - `given`: files that a scenario gives, and those that are left.
//! - `socket`: sockets, over the simulated network.
//! - `names`: the addresses of hosts.
//! - `refused`: what is not there: other programs, Unix-domain sockets.
//! - `futex`: the last net under a thread that would wait for ever.
//! - `real`: the path of the current directory, and real paths.
//! - `here`: the line of the submission that a call came from.

mod clock;
mod descriptors;
mod disk;
mod files;
mod folder;
mod futex;
mod given;
mod here;
mod identity;
pub(crate) mod keys;
mod listing;
mod lock;
mod names;
mod pipe;
mod real;
mod refused;
mod socket;
mod streams;

pub use here::Here;

pub(crate) use descriptors::close_all;
pub(crate) use folder::{install, scratch};
pub(crate) use given::{give, left};
pub(crate) use here::{apart as take, place, put_back, row};
pub(crate) use identity::Numbers;
pub(crate) use socket::vanish;
