//! `std::thread`.

pub use ::std::thread::*;
pub use sim::thread::{
    AccessError, Builder, JoinHandle, LocalKey, Scope, ScopedJoinHandle, Thread, ThreadId,
    available_parallelism, current, panicking, park, park_timeout, park_timeout_ms, scope, sleep,
    sleep_ms, spawn, yield_now,
};
