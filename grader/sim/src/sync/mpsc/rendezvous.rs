//! Channels that keep no message: sender and receiver meet.

use std::collections::VecDeque;
use std::sync::mpsc::{RecvTimeoutError, SendError, TrySendError};

use super::channel::{Call, Ends, Patience};
use crate::kernel;
use crate::sync::Cell;

pub(super) struct Rendezvous<T> {
    /// The messages of senders that wait, each with its number.
    offers: Cell<VecDeque<(u64, T)>>,
    /// The number of the next offer.
    next: Cell<u64>,
    receiver: Cell<Taker<T>>,
}

/// What the receiver does.
enum Taker<T> {
    Away,
    Waiting,
    /// It still waits, and was given this.
    Given(T),
}

impl<T> Rendezvous<T> {
    pub(super) fn new() -> Rendezvous<T> {
        Rendezvous {
            offers: Cell::new(VecDeque::new()),
            next: Cell::new(0),
            receiver: Cell::new(Taker::Away),
        }
    }

    /// Gives the message to the receiver if it waits for one.
    fn give(&self, message: T) -> Result<(), T> {
        self.receiver.with_mut(|taker| match taker {
            Taker::Waiting => {
                *taker = Taker::Given(message);
                Ok(())
            }
            Taker::Away | Taker::Given(_) => Err(message),
        })
    }

    pub(super) fn send(&self, ends: &Ends, call: Call, message: T) -> Result<(), SendError<T>> {
        kernel::step(&ends.op(call, "offers a message on"));
        let Err(message) = self.give(message) else {
            return Ok(());
        };
        if ends.nobody_receives() {
            return Err(SendError(message));
        }
        let number = self.next.get();
        self.next.set(number + 1);
        self.offers
            .with_mut(|offers| offers.push_back((number, message)));
        let place = |offers: &VecDeque<(u64, T)>| offers.iter().position(|(of, _)| *of == number);
        let settled = || self.offers.with_mut(|offers| place(offers).is_none());
        kernel::step(
            &ends
                .op(call, "has sent on")
                .when(&|| settled() || ends.nobody_receives()),
        );
        let back = self.offers.with_mut(|offers| {
            let at = place(offers)?;
            offers.remove(at)
        });
        match back {
            Some((_, message)) => Err(SendError(message)),
            None => Ok(()),
        }
    }

    pub(super) fn try_send(
        &self,
        ends: &Ends,
        call: Call,
        message: T,
    ) -> Result<(), TrySendError<T>> {
        kernel::step(&ends.op(call, "tries to send on"));
        match self.give(message) {
            Ok(()) => Ok(()),
            Err(message) if ends.nobody_receives() => Err(TrySendError::Disconnected(message)),
            Err(message) => Err(TrySendError::Full(message)),
        }
    }

    pub(super) fn receive(
        &self,
        ends: &Ends,
        call: Call,
        patience: Patience,
    ) -> Result<T, RecvTimeoutError> {
        // To begin to wait is a step: whether a `try_send` comes before or
        // after it makes a difference.
        kernel::step(&ends.op(call, "asks for a message on"));
        if let Some((_, message)) = self.offers.with_mut(VecDeque::pop_front) {
            return Ok(message);
        }
        if ends.nobody_sends() {
            return Err(RecvTimeoutError::Disconnected);
        }
        if matches!(patience, Patience::None) {
            return Err(RecvTimeoutError::Timeout);
        }
        self.receiver.set(Taker::Waiting);
        let given = || {
            self.receiver
                .with_mut(|taker| matches!(taker, Taker::Given(_)))
        };
        let ready = || given() || ends.nobody_sends();
        kernel::step(&patience.wait(ends.op(call, "receives from"), &ready));
        match self.receiver.replace(Taker::Away) {
            Taker::Given(message) => Ok(message),
            _ if ends.nobody_sends() => Err(RecvTimeoutError::Disconnected),
            _ => Err(RecvTimeoutError::Timeout),
        }
    }
}
