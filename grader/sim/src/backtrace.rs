//! `std::backtrace`.
//!
//! A backtrace names addresses and files of the machine, and to make one takes
//! real locks inside of std, across which no simulated thread may wait. So
//! here none is ever captured, as where `RUST_BACKTRACE` is off.

use std::backtrace::BacktraceStatus;
use std::fmt;

/// See [`std::backtrace::Backtrace`].
pub struct Backtrace(std::backtrace::Backtrace);

impl Backtrace {
    /// See [`std::backtrace::Backtrace::capture`].
    #[must_use]
    pub fn capture() -> Backtrace {
        Backtrace::disabled()
    }

    /// See [`std::backtrace::Backtrace::force_capture`].
    #[must_use]
    pub fn force_capture() -> Backtrace {
        Backtrace::disabled()
    }

    /// See [`std::backtrace::Backtrace::disabled`].
    #[must_use]
    pub const fn disabled() -> Backtrace {
        Backtrace(std::backtrace::Backtrace::disabled())
    }

    /// See [`std::backtrace::Backtrace::status`].
    #[must_use]
    pub fn status(&self) -> BacktraceStatus {
        self.0.status()
    }
}

impl fmt::Debug for Backtrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Backtrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
