//! What the ends of a channel share.

use std::panic::Location;
use std::sync::mpsc::{RecvTimeoutError, SendError, TrySendError};

use super::queue::Queue;
use super::rendezvous::Rendezvous;
use crate::kernel::{self, Run};
use crate::op::{Kind, Made, Object, Op};
use crate::sync::Cell;

pub(super) struct Channel<T> {
    ends: Ends,
    flow: Flow<T>,
}

/// How messages get from one side to the other.
enum Flow<T> {
    Queue(Queue<T>),
    Rendezvous(Rendezvous<T>),
}

/// Who is there.
pub(super) struct Ends {
    made: Made,
    senders: Cell<usize>,
    receiver: Cell<bool>,
    /// Which threads (a bit each) have dropped a sender without a step.
    left: std::cell::Cell<u64>,
}

impl Ends {
    fn object(&self) -> Object {
        Object::at(Kind::Channel, self, Some(&self.made))
    }

    pub(super) fn nobody_sends(&self) -> bool {
        self.senders.get() == 0
    }

    pub(super) fn nobody_receives(&self) -> bool {
        !self.receiver.get()
    }

    /// A step of a call on this channel.
    pub(super) fn op<'a>(&self, call: Call, verb: &'static str) -> Op<'a> {
        Op::new(call.name, verb, self.object()).at(call.place)
    }
}

/// A call of the submission's.
#[derive(Clone, Copy)]
pub(super) struct Call {
    name: &'static str,
    place: &'static Location<'static>,
}

impl Call {
    /// One that the caller's caller has made.
    #[track_caller]
    pub(super) fn here(name: &'static str) -> Call {
        let place = Location::caller();
        Call { name, place }
    }

    /// The same, at `made` instead where that caller is not the submission
    /// itself but, say, `Iterator::collect`.
    #[track_caller]
    pub(super) fn nearest(name: &'static str, made: &'static Location<'static>) -> Call {
        let call = Call::here(name);
        match Run::place_of(call.place) {
            Some(_) => call,
            None => Call { name, place: made },
        }
    }
}

/// How long a receiver waits.
#[derive(Clone, Copy)]
pub(super) enum Patience {
    None,
    /// In nanoseconds of virtual time.
    Until(u64),
    Endless,
}

impl Patience {
    /// The step, with `ready` as what is waited for.
    pub(super) fn wait<'a>(self, op: Op<'a>, ready: &'a dyn Fn() -> bool) -> Op<'a> {
        match self {
            Patience::None => op,
            Patience::Until(deadline) => op.when(ready).until(Some(deadline), None),
            Patience::Endless => op.when(ready),
        }
    }
}

impl<T> Channel<T> {
    pub(super) fn unbounded(made: &'static Location<'static>) -> Channel<T> {
        Channel::with(Flow::Queue(Queue::new(None)), made)
    }

    pub(super) fn bounded(bound: usize, made: &'static Location<'static>) -> Channel<T> {
        let flow = if bound == 0 {
            Flow::Rendezvous(Rendezvous::new())
        } else {
            Flow::Queue(Queue::new(Some(bound)))
        };
        Channel::with(flow, made)
    }

    fn with(flow: Flow<T>, made: &'static Location<'static>) -> Channel<T> {
        Channel {
            ends: Ends {
                made: Made::at(made),
                senders: Cell::new(0),
                receiver: Cell::new(true),
                left: std::cell::Cell::new(0),
            },
            flow,
        }
    }

    /// One more sender: nobody can tell, and so it is no step.
    pub(super) fn sender_comes(&self) {
        self.ends.senders.set(self.ends.senders.get() + 1);
    }

    /// A sender is dropped, which only the last one's receiver notices. So the
    /// others are no steps, unless a receiver looks without waiting: it might
    /// have looked before one of them was gone.
    pub(super) fn sender_goes(&self, place: &'static Location<'static>) {
        if !self.ends.nobody_receives() {
            let is_last = self.ends.senders.get() == 1;
            if is_last || kernel::releases_are_steps() {
                let verb = match is_last {
                    true => "drops the last sender of",
                    false => "drops a sender of",
                };
                let op = Op::new("Sender::drop", verb, self.ends.object());
                kernel::step(&op.at(place));
            } else {
                let left = self.ends.left.get() | kernel::bit(kernel::current() as usize);
                self.ends.left.set(left);
            }
        }
        self.ends.senders.set(self.ends.senders.get() - 1);
    }

    /// The receiver is dropped, and what was sent with it.
    pub(super) fn receiver_goes(&self, place: &'static Location<'static>) {
        if !self.ends.nobody_sends() {
            let op = Op::new(
                "Receiver::drop",
                "drops the receiver of",
                self.ends.object(),
            );
            kernel::step(&op.at(place));
        }
        self.ends.receiver.set(false);
        match &self.flow {
            Flow::Queue(queue) => queue.discard(),
            // Offers go back to those who made them.
            Flow::Rendezvous(_) => {}
        }
    }

    pub(super) fn send(&self, call: Call, message: T) -> Result<(), SendError<T>> {
        let sent = match &self.flow {
            Flow::Queue(queue) => queue.send(&self.ends, call, message),
            Flow::Rendezvous(rendezvous) => rendezvous.send(&self.ends, call, message),
        };
        if sent.is_err() {
            kernel::value(|| "there is no receiver any more");
        }
        sent
    }

    pub(super) fn try_send(&self, call: Call, message: T) -> Result<(), TrySendError<T>> {
        let sent = match &self.flow {
            Flow::Queue(queue) => queue.try_send(&self.ends, call, message),
            Flow::Rendezvous(rendezvous) => rendezvous.try_send(&self.ends, call, message),
        };
        kernel::value(|| match &sent {
            Ok(()) => "sent",
            Err(TrySendError::Full(_)) => "there is no room",
            Err(TrySendError::Disconnected(_)) => "there is no receiver any more",
        });
        sent
    }

    pub(super) fn receive(&self, call: Call, patience: Patience) -> Result<T, RecvTimeoutError> {
        let received = match &self.flow {
            Flow::Queue(queue) => queue.receive(&self.ends, call, patience),
            Flow::Rendezvous(rendezvous) => rendezvous.receive(&self.ends, call, patience),
        };
        let looked = !matches!(patience, Patience::Endless);
        let ended = matches!(received, Err(RecvTimeoutError::Disconnected));
        if looked && ended && kernel::may_still_run(self.ends.left.get()) {
            kernel::looks_at_locks();
        }
        kernel::value(|| match &received {
            Ok(_) => "a message",
            Err(RecvTimeoutError::Timeout) => "no message",
            Err(RecvTimeoutError::Disconnected) => "there is no sender any more",
        });
        received
    }
}
