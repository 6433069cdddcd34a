//! Who waits for connections.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::panic::Location;

use super::connection::{self, End};
use super::{Error, Id, Patience, Result, address, failed, number, ports};
use crate::kernel;
use crate::op::{Kind, Object, Op};

/// Somebody who waits for connections.
pub(crate) struct Listener {
    /// Where it listens, as it is told.
    pub(super) address: SocketAddr,
    /// Connections that were made and not accepted yet: its ends of them.
    queue: VecDeque<End>,
    /// How many of these there may be.
    room: usize,
    made: Option<&'static Location<'static>>,
}

impl Default for Listener {
    fn default() -> Self {
        Listener {
            address: SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0),
            queue: VecDeque::new(),
            room: 0,
            made: None,
        }
    }
}

/// Nanoseconds for which the system tries to make a connection: six more times,
/// after 1, 2, 4, ... seconds (tcp(7), `tcp_syn_retries`).
const TRIES: u64 = 127_000_000_000;

impl Id<Listener> {
    /// A listener that is not found yet.
    pub(super) fn new(
        address: SocketAddr,
        backlog: usize,
        made: Option<&'static Location<'static>>,
    ) -> Id<Listener> {
        let id = Id::<Listener>::of(number());
        id.apart(|listener| {
            *listener = Listener {
                address,
                queue: VecDeque::new(),
                // Linux takes one more than it is told to.
                room: backlog + 1,
                made,
            }
        });
        id
    }

    pub(super) fn object(self) -> Object {
        Object {
            kind: Kind::Listener,
            id: self.0,
            made: self.apart(|listener| listener.made),
        }
    }

    /// Another backlog.
    pub(super) fn set_backlog(self, backlog: usize) {
        self.change(|listener| listener.room = backlog + 1);
    }

    fn has_room(self) -> bool {
        self.look(|listener| listener.queue.len() < listener.room)
    }

    /// Whether somebody has come.
    pub(crate) fn is_waited_for(self) -> bool {
        self.look(|listener| !listener.queue.is_empty())
    }

    /// Waits for the next connection.
    pub(super) fn accept(self, patience: Patience) -> Result<End> {
        let op = Op::new("TcpListener::accept", "accepts from", self.object());
        patience.take(op, &|| self.is_waited_for());
        match self.change(|listener| listener.queue.pop_front()) {
            Some(end) => {
                kernel::value(|| format!("{}, from {}", end.name(), end.peer()));
                Ok(end)
            }
            None => failed(Error::WouldBlock),
        }
    }

    /// Nobody will accept: who has come is turned away.
    pub(super) fn close(self) {
        let queue = self.change(|listener| std::mem::take(&mut listener.queue));
        for end in queue {
            end.reset();
        }
    }
}

/// Makes a connection from one address to another, as soon as there is room for
/// it at who listens there.
pub(super) fn connect(from: SocketAddr, to: SocketAddr, patience: Patience) -> Result<End> {
    let ours = address::is_ours(to.ip());
    let ready = || {
        ours && match ports::listener(to) {
            Some(listener) => listener.has_room(),
            None => true,
        }
    };
    let patience = match patience {
        Patience::Until(deadline) => {
            Patience::Until(deadline.min(kernel::now().saturating_add(TRIES)))
        }
        _ => Patience::of(Some(TRIES)),
    };
    let op = Op::new("TcpStream::connect", "connects to", address::object(to));
    patience.take(op.looking(), &ready);
    if !ready() {
        return failed(Error::TimedOut);
    }
    let Some(listener) = ports::listener(to) else {
        return failed(Error::Refused);
    };
    let (own, other) = connection::new(from, to);
    listener.change(|listener| listener.queue.push_back(other));
    kernel::value(|| own.name());
    Ok(own)
}
