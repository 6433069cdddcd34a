//! Channels that keep messages: any number of them, or up to a bound.

use std::collections::VecDeque;
use std::sync::mpsc::{RecvTimeoutError, SendError, TrySendError};

use super::channel::{Call, Ends, Patience};
use crate::kernel;
use crate::sync::Cell;

pub(super) struct Queue<T> {
    messages: Cell<VecDeque<T>>,
    bound: Option<usize>,
}

impl<T> Queue<T> {
    pub(super) fn new(bound: Option<usize>) -> Queue<T> {
        Queue {
            messages: Cell::new(VecDeque::new()),
            bound,
        }
    }

    fn length(&self) -> usize {
        self.messages.with_mut(|messages| messages.len())
    }

    fn has_room(&self) -> bool {
        self.bound.is_none_or(|bound| self.length() < bound)
    }

    fn put(&self, message: T) {
        self.messages
            .with_mut(|messages| messages.push_back(message));
    }

    pub(super) fn send(&self, ends: &Ends, call: Call, message: T) -> Result<(), SendError<T>> {
        let op = ends.op(call, "sends on");
        match self.bound {
            None => kernel::step(&op),
            Some(_) => kernel::step(&op.when(&|| self.has_room() || ends.nobody_receives())),
        };
        if ends.nobody_receives() {
            return Err(SendError(message));
        }
        self.put(message);
        Ok(())
    }

    pub(super) fn try_send(
        &self,
        ends: &Ends,
        call: Call,
        message: T,
    ) -> Result<(), TrySendError<T>> {
        kernel::step(&ends.op(call, "tries to send on"));
        if ends.nobody_receives() {
            Err(TrySendError::Disconnected(message))
        } else if self.has_room() {
            self.put(message);
            Ok(())
        } else {
            Err(TrySendError::Full(message))
        }
    }

    pub(super) fn receive(
        &self,
        ends: &Ends,
        call: Call,
        patience: Patience,
    ) -> Result<T, RecvTimeoutError> {
        let ready = || self.length() > 0 || ends.nobody_sends();
        kernel::step(&patience.wait(ends.op(call, "receives from"), &ready));
        // What was sent before the last sender went still arrives.
        match self.messages.with_mut(VecDeque::pop_front) {
            Some(message) => Ok(message),
            None if ends.nobody_sends() => Err(RecvTimeoutError::Disconnected),
            None => Err(RecvTimeoutError::Timeout),
        }
    }

    /// Drops the messages. That is code of the submission's: the queue is
    /// empty before it runs.
    pub(super) fn discard(&self) {
        drop(self.messages.take());
    }
}
