//! When something was done, as far as the record can tell.

/// What a peer does is recorded after it was done. So it was done somewhere
/// between the event before it of the same peer and its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Moment {
    /// The event of the record after which it was done, at the earliest.
    pub(crate) since: usize,
    /// The event before which it was done, at the latest.
    pub(crate) at: usize,
}
