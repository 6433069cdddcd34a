//! The network between the programs of a simulation, and std's types for it.
//!
//! There is one host, which has the addresses 127.0.0.0/8 and ::1, and all
//! simulated processes run on it. What is written to a connection can be read
//! at its other end at once; that a message is on its way for long looks like
//! a reader that comes late, and is the scheduler's matter. Buffers are finite.
//! What the network may do beside that (cut what is read into pieces, lose,
//! double and reorder datagrams) are choices, for which an execution has
//! budgets.
//!
//! - `address`: whose an address is, and how it is shown.
//! - `ports`: who has which port.
//! - `listener`, `connection`, `flow`: TCP.
//! - `datagram`: UDP.
//! - `passing`: what is done between two steps, and may have to be one.
//! - `pieces`: how much of what is there a read gives.
//! - `socket`: what descriptors stand for.
//! - `types`: `TcpListener`, `TcpStream` and `UdpSocket`.
//!
//! All of it lies in the [`Run`](crate::kernel::Run), outside of the memory of
//! the simulated processes: they share it. Threads share it, too, so each use of
//! a part of it is told to the kernel; parts are small, that what different
//! connections do can change places (see `kernel/order.rs`). The model knows
//! nothing of libc: that is `host::socket`.

mod address;
mod connection;
mod datagram;
mod flow;
mod listener;
mod passing;
mod pieces;
mod ports;
mod socket;
mod types;

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::net::SocketAddr;

use crate::arena::Outside;
use crate::host;
use crate::kernel::{self, Use};
use crate::op::{Kind, Object, Op, Woken};
use connection::Connection;
use datagram::Inbox;
use flow::{Fate, Flow};
use listener::Listener;
use ports::Port;

pub use types::{Incoming, TcpListener, TcpStream, TcpStreamExt, UdpSocket};

pub(crate) use connection::{Half, Reading};
pub(crate) use host::vanish;
pub(crate) use socket::{Family, Options, Socket, State, Transport, new};

/// Why a call on a socket fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Error {
    /// The address is another one's already.
    InUse,
    /// The address is none of this host.
    NotAvailable,
    /// Nobody listens there.
    Refused,
    /// Nobody answers.
    TimedOut,
    /// The other side broke the connection off.
    Reset,
    /// Nobody reads any more.
    Broken,
    /// There is no connection.
    NotConnected,
    /// There is one already.
    Connected,
    /// It would have to wait.
    WouldBlock,
    /// The call makes no sense on this socket.
    Invalid,
    /// The address is of another family.
    Family,
    /// A datagram is longer than one can be.
    TooLong,
    /// It is not said where a datagram is to go.
    NoDestination,
    /// A datagram to everybody, which is not allowed.
    Forbidden,
}

impl Error {
    /// The words for it in a timeline.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Error::InUse => "fails: the address is in use",
            Error::NotAvailable => "fails: the address is not available",
            Error::Refused => "fails: the connection is refused",
            Error::TimedOut => "fails: nobody answers",
            Error::Reset => "fails: the connection was reset",
            Error::Broken => "fails: nobody reads any more",
            Error::NotConnected => "fails: it is not connected",
            Error::Connected => "fails: it is connected",
            Error::WouldBlock => "fails: it would have to wait",
            Error::TooLong => "fails: it is too long",
            Error::NoDestination => "fails: it has no destination",
            Error::Forbidden => "fails: it is not allowed",
            Error::Invalid | Error::Family => "fails: the call makes no sense here",
        }
    }
}

pub(crate) type Result<T> = std::result::Result<T, Error>;

/// The network of an execution.
#[derive(Default)]
pub(crate) struct Network {
    sockets: BTreeMap<usize, Socket>,
    ports: BTreeMap<usize, Port>,
    listeners: BTreeMap<usize, Listener>,
    connections: BTreeMap<usize, Connection>,
    flows: BTreeMap<usize, Flow>,
    fates: BTreeMap<usize, Fate>,
    inboxes: BTreeMap<usize, Inbox>,
    /// How many things each thread has made.
    made: BTreeMap<u32, usize>,
    /// Addresses that steps were on.
    addresses: Vec<SocketAddr>,
    /// Bytes that each direction of a connection holds.
    buffer: usize,
    /// What is left of the budgets.
    pieces: u32,
    lost: u32,
    doubled: u32,
    overtaken: u32,
}

impl Network {
    /// A network that may do this.
    pub(crate) fn new(limits: &verdict::Network) -> Network {
        Network {
            buffer: limits.buffer.max(1),
            pieces: limits.pieces,
            lost: limits.lost,
            doubled: limits.doubled,
            overtaken: limits.overtaken,
            ..Network::default()
        }
    }

    /// What is left of the budgets. Two executions that differ in it are not
    /// alike.
    pub(crate) fn budgets(&self) -> u64 {
        let left = [self.pieces, self.lost, self.doubled, self.overtaken];
        // No rubric has so many that they would run into one another.
        left.into_iter()
            .fold(0, |all, left| all << 16 | u64::from(left))
    }

    /// The name of what a step works on, after the number that it has.
    pub(crate) fn name(&self, object: Object) -> Option<String> {
        match object.kind {
            Kind::Address => Some(self.address_of(object.id)?.to_string()),
            _ => None,
        }
    }

    /// The number that a thing has in its name, of one that has several parts.
    pub(crate) fn whole(&self, object: Object) -> usize {
        match object.kind {
            Kind::Connection | Kind::Socket => object.id - object.id % PARTS,
            _ => object.id,
        }
    }

    /// What stands after a thing's name: the address of a listener.
    pub(crate) fn place_of(&self, object: Object) -> Option<String> {
        let address = match object.kind {
            Kind::Listener => self.listeners.get(&object.id)?.address,
            Kind::Socket => self.sockets.get(&object.id)?.told()?,
            _ => return None,
        };
        Some(format!(" ({address})"))
    }
}

/// The network of this execution, outside of its memory.
fn with<R>(f: impl FnOnce(&mut Network) -> R) -> R {
    let _outside = Outside::enter();
    // SAFETY: an execution is under way, and this is its thread; `f` is code of
    // this module that neither takes a step nor comes back here.
    f(unsafe { &mut *kernel::network() })
}

/// A part of the network that threads share.
trait Part: Default {
    fn all(network: &mut Network) -> &mut BTreeMap<usize, Self>;
}

/// Parts of the network by their number.
macro_rules! parts {
    ($($Part:ident in $table:ident;)*) => {
        $(
            impl Part for $Part {
                fn all(network: &mut Network) -> &mut BTreeMap<usize, Self> {
                    &mut network.$table
                }
            }
        )*
    };
}

parts! {
    Socket in sockets;
    Port in ports;
    Listener in listeners;
    Connection in connections;
    Flow in flows;
    Fate in fates;
    Inbox in inboxes;
}

/// Which part. The number also stands for it among the things that threads
/// share, and lies below every address of memory.
pub(crate) struct Id<T>(usize, PhantomData<fn(T)>);

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Id<T> {}

impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T> Eq for Id<T> {}

impl<T> std::fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[expect(private_bounds, reason = "parts are this module's own")]
impl<T: Part> Id<T> {
    fn of(number: usize) -> Id<T> {
        Id(number, PhantomData)
    }

    /// Looks at it.
    fn look<R>(self, f: impl FnOnce(&T) -> R) -> R {
        kernel::uses(self.0, Use::LOOK);
        self.apart(|part| f(part))
    }

    /// Changes it.
    fn change<R>(self, f: impl FnOnce(&mut T) -> R) -> R {
        kernel::uses(self.0, Use::ALONE);
        self.apart(f)
    }

    /// For what is no news to any other thread: what never changes, say.
    fn apart<R>(self, f: impl FnOnce(&mut T) -> R) -> R {
        with(|network| f(T::all(network).entry(self.0).or_default()))
    }
}

/// The first numbers of ports, and of what threads make: between those of
/// threads and the addresses of memory.
const PORTS: usize = 1 << 20;
const MADE: usize = 1 << 24;
/// Numbers that belong to one thing that is made.
const PARTS: usize = 8;

/// A number for something new, and [`PARTS`] minus one after it. It depends on
/// nothing but how much this thread has made before, so that it is the same
/// when steps of other threads change places with this one.
fn number() -> usize {
    let thread = kernel::current();
    let made = with(|network| {
        let made = network.made.entry(thread).or_default();
        *made += 1;
        *made
    });
    const EACH: usize = 1 << 20;
    MADE + thread as usize * EACH * PARTS + made % EACH * PARTS
}

/// How long a call waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// Not at all.
    None,
    /// Until this time, in nanoseconds of virtual time.
    Until(u64),
    /// For ever.
    Endless,
}

impl Patience {
    /// For this many nanoseconds, if they have an end.
    pub(crate) fn of(time: Option<u64>) -> Patience {
        match time {
            Some(time) => Patience::Until(kernel::now().saturating_add(time)),
            None => Patience::Endless,
        }
    }

    /// Takes a step that waits for this.
    fn take(self, op: Op<'_>, ready: &dyn Fn() -> bool) -> Woken {
        host::take(match self {
            Patience::None => op,
            Patience::Until(deadline) => op.when(ready).shared().until(Some(deadline), None),
            Patience::Endless => op.when(ready).shared(),
        })
    }
}

/// Tells of the last step that it failed.
fn failed<T>(error: Error) -> Result<T> {
    kernel::value(|| error.words());
    Err(error)
}
