//! Virtual time.
//!
//! `Instant` and `SystemTime` are std's own: the system call below them is
//! answered by the simulation (see `host`). This module is for durations.

use std::time::Duration;

use crate::kernel;

/// The virtual time at which a duration from now is over, in nanoseconds since
/// the execution began. The longest durations never end.
pub(crate) fn deadline(duration: Duration) -> u64 {
    let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
    kernel::now().saturating_add(nanos)
}
