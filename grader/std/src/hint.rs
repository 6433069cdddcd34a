//! `std::hint`: a thread that spins lets others run.

pub use ::std::hint::*;
pub use sim::thread::spin_loop;
