//! `std::sync::mpsc`.
//!
//! The errors are std's own. Who sends next of those that wait for room is the
//! schedule's choice; messages of one sender stay in order.

mod channel;
mod iter;
mod queue;
mod rendezvous;

use crate::sync::Shared;
use std::fmt;
use std::marker::PhantomData;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::sync::mpsc::{RecvError, RecvTimeoutError, SendError, TryRecvError, TrySendError};
use std::time::Duration;

pub use iter::{IntoIter, Iter, TryIter};

use crate::time::deadline;
use channel::{Call, Channel, Patience};

/// See [`std::sync::mpsc::Sender`].
pub struct Sender<T>(SendingEnd<T>);

/// See [`std::sync::mpsc::SyncSender`].
pub struct SyncSender<T>(SendingEnd<T>);

/// See [`std::sync::mpsc::Receiver`].
pub struct Receiver<T> {
    channel: Shared<Channel<T>>,
    place: &'static Location<'static>,
    not_sync: PhantomData<std::cell::Cell<()>>,
}

// SAFETY: messages move from thread to thread, which they may (`Send`); what
// else is shared is the channel's state, which simulated threads use one after
// another.
unsafe impl<T: Send> Send for Sender<T> {}
// SAFETY: as above; a shared sender only takes messages.
unsafe impl<T: Send> Sync for Sender<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Send for SyncSender<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for SyncSender<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Send for Receiver<T> {}

impl<T> UnwindSafe for Sender<T> {}
impl<T> RefUnwindSafe for Sender<T> {}
impl<T> UnwindSafe for SyncSender<T> {}
impl<T> RefUnwindSafe for SyncSender<T> {}
impl<T> UnwindSafe for Receiver<T> {}
impl<T> RefUnwindSafe for Receiver<T> {}

/// See [`std::sync::mpsc::channel`].
#[must_use]
#[track_caller]
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let (sender, receiver) = ends(Channel::unbounded(Location::caller()));
    (Sender(sender), receiver)
}

/// See [`std::sync::mpsc::sync_channel`].
#[must_use]
#[track_caller]
pub fn sync_channel<T>(bound: usize) -> (SyncSender<T>, Receiver<T>) {
    let (sender, receiver) = ends(Channel::bounded(bound, Location::caller()));
    (SyncSender(sender), receiver)
}

#[track_caller]
fn ends<T>(channel: Channel<T>) -> (SendingEnd<T>, Receiver<T>) {
    let channel = Shared::new(channel);
    let receiver = Receiver {
        channel: channel.clone(),
        place: Location::caller(),
        not_sync: PhantomData,
    };
    (SendingEnd::of(channel), receiver)
}

/// What both kinds of senders are.
struct SendingEnd<T> {
    channel: Shared<Channel<T>>,
    place: &'static Location<'static>,
}

impl<T> SendingEnd<T> {
    /// One more sender.
    #[track_caller]
    fn of(channel: Shared<Channel<T>>) -> SendingEnd<T> {
        channel.sender_comes();
        SendingEnd {
            channel,
            place: Location::caller(),
        }
    }
}

impl<T> Drop for SendingEnd<T> {
    fn drop(&mut self) {
        self.channel.sender_goes(self.place);
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.channel.receiver_goes(self.place);
    }
}

impl<T> Sender<T> {
    /// See [`std::sync::mpsc::Sender::send`].
    ///
    /// # Errors
    /// The message, when there is no receiver any more.
    #[track_caller]
    pub fn send(&self, t: T) -> Result<(), SendError<T>> {
        self.0.channel.send(Call::here("Sender::send"), t)
    }
}

impl<T> SyncSender<T> {
    /// See [`std::sync::mpsc::SyncSender::send`].
    ///
    /// # Errors
    /// The message, when there is no receiver any more.
    #[track_caller]
    pub fn send(&self, t: T) -> Result<(), SendError<T>> {
        self.0.channel.send(Call::here("SyncSender::send"), t)
    }

    /// See [`std::sync::mpsc::SyncSender::try_send`].
    ///
    /// # Errors
    /// The message, when there is no receiver any more or no room.
    #[track_caller]
    pub fn try_send(&self, t: T) -> Result<(), TrySendError<T>> {
        self.0
            .channel
            .try_send(Call::here("SyncSender::try_send"), t)
    }
}

impl<T> Clone for Sender<T> {
    #[track_caller]
    fn clone(&self) -> Sender<T> {
        Sender(SendingEnd::of(self.0.channel.clone()))
    }
}

impl<T> Clone for SyncSender<T> {
    #[track_caller]
    fn clone(&self) -> SyncSender<T> {
        SyncSender(SendingEnd::of(self.0.channel.clone()))
    }
}

impl<T> Receiver<T> {
    /// See [`std::sync::mpsc::Receiver::try_recv`].
    ///
    /// # Errors
    /// When there is no message now, or there will never be one.
    #[track_caller]
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        self.look(Call::here("Receiver::try_recv"))
    }

    fn look(&self, call: Call) -> Result<T, TryRecvError> {
        self.channel
            .receive(call, Patience::None)
            .map_err(|error| match error {
                RecvTimeoutError::Timeout => TryRecvError::Empty,
                RecvTimeoutError::Disconnected => TryRecvError::Disconnected,
            })
    }

    /// See [`std::sync::mpsc::Receiver::recv`].
    ///
    /// # Errors
    /// When there will never be a message.
    #[track_caller]
    pub fn recv(&self) -> Result<T, RecvError> {
        self.wait(Call::here("Receiver::recv"))
    }

    fn wait(&self, call: Call) -> Result<T, RecvError> {
        self.channel
            .receive(call, Patience::Endless)
            .map_err(|_| RecvError)
    }

    /// See [`std::sync::mpsc::Receiver::recv_timeout`].
    ///
    /// # Errors
    /// When there is no message in time, or there will never be one.
    #[track_caller]
    pub fn recv_timeout(&self, timeout: Duration) -> Result<T, RecvTimeoutError> {
        let patience = if timeout.is_zero() {
            Patience::None
        } else {
            Patience::Until(deadline(timeout))
        };
        self.channel
            .receive(Call::here("Receiver::recv_timeout"), patience)
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for SyncSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SyncSender").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").finish_non_exhaustive()
    }
}
