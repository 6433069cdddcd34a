//! One direction of a connection, and how its ends fare.

use std::collections::VecDeque;

use super::Error;

/// One direction of a connection.
#[derive(Default)]
pub(super) struct Flow {
    /// What was written and is not read yet.
    pub(super) bytes: VecDeque<u8>,
    /// The writing end has said that this is all.
    pub(super) ended: bool,
    /// The reading end wants no more.
    pub(super) deaf: bool,
    /// The reading end is closed.
    pub(super) closed: bool,
    /// The reading end has vanished, and nothing says so.
    pub(super) vanished: bool,
}

/// How an end of a connection fares: what the other end has done to both
/// directions.
#[derive(Default)]
pub(super) struct Fate {
    /// The connection was broken off.
    pub(super) broken: bool,
    /// An error that was not told yet.
    pub(super) error: Option<Error>,
}

impl Fate {
    /// Whether there is something that the next call must know.
    pub(super) fn is_bad(&self) -> bool {
        self.broken || self.error.is_some()
    }

    /// The connection is broken off.
    pub(super) fn breaks(&mut self, error: Error) {
        if !self.broken {
            self.broken = true;
            self.error = Some(error);
        }
    }
}
