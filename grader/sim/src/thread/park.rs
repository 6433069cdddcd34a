//! `park` and `unpark`.

use std::panic::Location;
use std::time::Duration;

use crate::kernel;
use crate::op::{Object, Op};
use crate::time::deadline;

/// See [`std::thread::park`]. It may return without a reason.
#[track_caller]
pub fn park() {
    park_until(None, Location::caller());
}

/// See [`std::thread::park_timeout`].
#[track_caller]
pub fn park_timeout(duration: Duration) {
    park_until(Some(deadline(duration)), Location::caller());
}

/// See [`std::thread::park_timeout_ms`].
#[track_caller]
pub fn park_timeout_ms(ms: u32) {
    park_until(
        Some(deadline(Duration::from_millis(u64::from(ms)))),
        Location::caller(),
    );
}

fn park_until(until: Option<u64>, place: &'static Location<'static>) {
    let thread = super::current();
    let unparked = || thread.has_token();
    let op = Op::new(
        "thread::park",
        "goes on from its park",
        Object::thread(thread.number()),
    );
    kernel::step(
        &op.at(place)
            .when(&unparked)
            .resting("is parked")
            .until(until, None)
            .spurious(&|| true),
    );
    thread.take_token();
}
