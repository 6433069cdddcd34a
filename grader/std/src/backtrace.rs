//! `std::backtrace`: none is captured.

pub use ::std::backtrace::*;
pub use sim::backtrace::Backtrace;
