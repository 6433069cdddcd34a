//! What descriptors stand for: sockets, with their options.

use std::net::{IpAddr, SocketAddr};
use std::panic::Location;

use super::connection::End;
use super::listener::{self, Listener};
use super::passing::{self, How, Passing};
use super::{Error, Id, Patience, Result, address, number, ports};
use crate::host;
use crate::kernel;
use crate::op::{Kind, Object, Op};

/// Which addresses a socket has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    V4,
    V6,
}

impl Family {
    fn of(ip: IpAddr) -> Family {
        match ip {
            IpAddr::V4(_) => Family::V4,
            IpAddr::V6(_) => Family::V6,
        }
    }

    /// The address that stands for all.
    fn any(self) -> SocketAddr {
        match self {
            Family::V4 => SocketAddr::from(([0, 0, 0, 0], 0)),
            Family::V6 => SocketAddr::from(([0u16; 8], 0)),
        }
    }
}

/// How a socket carries bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    Stream,
    Datagram,
}

/// What can be set of a socket.
#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    pub(crate) nonblocking: bool,
    /// Nanoseconds that a read waits, where they have an end.
    pub(crate) read_timeout: Option<u64>,
    /// The same for a write.
    pub(crate) write_timeout: Option<u64>,
    /// For how many seconds a close waits; after 0 of them, what is left is
    /// thrown away.
    pub(crate) linger: Option<i32>,
    /// Whether its port may be another one's, too.
    pub(crate) shares: bool,
    /// Whether `::` means the addresses of IPv6 only.
    pub(crate) only_v6: bool,
    /// Whether it may send to everybody.
    pub(crate) broadcasts: bool,
    /// What is kept and given back, and means nothing here: by level and name.
    pub(crate) others: Vec<((i32, i32), i32)>,
}

/// A socket.
pub(crate) struct Socket {
    family: Family,
    transport: Transport,
    /// Descriptors that stand for it.
    descriptors: usize,
    options: Options,
    /// Its own address, once it has one.
    bound: Option<SocketAddr>,
    state: State,
    /// Who has looked at what is set of it, and who has set it.
    passing: Passing,
    made: Option<&'static Location<'static>>,
}

impl Socket {
    /// Its address in its name.
    pub(super) fn told(&self) -> Option<SocketAddr> {
        Some(address::told(self.bound?, self.family))
    }
}

/// What a socket is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// It does nothing yet.
    Fresh,
    /// It is to be connected as soon as somebody waits for that.
    Connecting(SocketAddr),
    /// It could not be connected, for this reason.
    Failed(Error),
    Listening(Id<Listener>),
    Connected(End),
}

impl Default for Socket {
    fn default() -> Self {
        Socket {
            family: Family::V4,
            transport: Transport::Stream,
            descriptors: 0,
            options: Options::default(),
            bound: None,
            state: State::Fresh,
            passing: Passing::default(),
            made: None,
        }
    }
}

/// What a call does with a socket before it waits, or does not.
pub(super) const LOOKS: &str = "looks at the options of";

/// A new socket, with one descriptor.
pub(crate) fn new(family: Family, transport: Transport) -> Id<Socket> {
    let id = Id::<Socket>::of(number());
    let made = host::place();
    id.apart(|socket| {
        *socket = Socket {
            family,
            transport,
            descriptors: 1,
            made,
            ..Socket::default()
        }
    });
    id
}

impl Id<Socket> {
    /// What it is at.
    pub(crate) fn state(self) -> State {
        self.look(|socket| socket.state)
    }

    /// The running thread is about to look at what may be set of it. That is a
    /// step where it matters when it does.
    pub(crate) fn looks(self, call: &'static str, verb: &'static str) {
        self.passes(Op::new(call, verb, self.object()).looking(), How::Looks);
    }

    /// The same for a thread that is about to change it.
    pub(crate) fn changes(self, call: &'static str, verb: &'static str) {
        self.passes(Op::new(call, verb, self.object()), How::Changes);
    }

    /// Takes a step that changes it, and is one in every search.
    pub(super) fn changes_with(self, step: Op<'_>) {
        host::take(step);
        if !kernel::sockets_are_steps() {
            self.notes(How::Changes);
        }
    }

    fn passes(self, op: Op<'_>, how: How) {
        // What a peer has is its own.
        if kernel::is_peer() {
            return;
        }
        if kernel::sockets_are_steps() {
            host::take(op);
            return;
        }
        self.notes(how);
    }

    fn notes(self, how: How) {
        passing::notes(self, |socket| &mut socket.passing, how);
    }

    pub(crate) fn transport(self) -> Transport {
        self.apart(|socket| socket.transport)
    }

    pub(crate) fn family(self) -> Family {
        self.apart(|socket| socket.family)
    }

    /// Whether it has an address.
    pub(crate) fn is_bound(self) -> bool {
        self.look(|socket| socket.bound.is_some())
    }

    /// Something of its options.
    pub(crate) fn option<R>(self, f: impl FnOnce(&Options) -> R) -> R {
        self.look(|socket| f(&socket.options))
    }

    /// Sets something. Where other threads use the socket, they could tell
    /// when.
    pub(crate) fn set<R>(self, f: impl FnOnce(&mut Options) -> R) -> R {
        self.changes("setsockopt", "sets an option of");
        self.begins_with(f)
    }

    /// Sets something of a socket that nobody else knows yet.
    pub(crate) fn begins_with<R>(self, f: impl FnOnce(&mut Options) -> R) -> R {
        self.change(|socket| f(&mut socket.options))
    }

    /// As something that a step is on.
    pub(super) fn object(self) -> Object {
        Object {
            kind: Kind::Socket,
            id: self.0,
            number: 0,
            made: self.apart(|socket| socket.made),
        }
    }

    /// How long a read waits.
    pub(crate) fn reads(self, at_once: bool) -> Patience {
        self.looks("recv", LOOKS);
        self.patience(at_once, |options| options.read_timeout)
    }

    /// How long a write waits.
    pub(crate) fn writes(self, at_once: bool) -> Patience {
        self.looks("send", LOOKS);
        self.patience(at_once, |options| options.write_timeout)
    }

    fn patience(self, at_once: bool, time: impl Fn(&Options) -> Option<u64>) -> Patience {
        let (never, time) = self.option(|options| (options.nonblocking, time(options)));
        match (at_once || never, time) {
            (true, _) => Patience::None,
            // Not to look at the clock is to have no order with it.
            (false, None) => Patience::Endless,
            (false, time) => Patience::of(time),
        }
    }

    /// Its own address.
    pub(crate) fn local(self) -> SocketAddr {
        if self.transport() == Transport::Datagram {
            self.looks("getsockname", "asks for the address of");
        }
        let (family, bound) = self.look(|socket| (socket.family, socket.bound));
        let address = match self.state() {
            State::Connected(end) => Some(end.local()),
            _ => bound,
        };
        address::told(address.unwrap_or(family.any()), family)
    }

    /// The address of who it is connected to.
    pub(crate) fn peer(self) -> Result<SocketAddr> {
        let (call, verb) = ("getpeername", "asks for the peer of");
        self.looks(call, verb);
        if let Some(peer) = self.sends_to() {
            return Ok(address::told(peer, self.family()));
        }
        let State::Connected(end) = self.state() else {
            return Err(Error::NotConnected);
        };
        if end.has_said_all() && !kernel::sockets_are_steps() {
            // Any end of the other one's is that of the connection, too.
            host::take(Op::new(call, verb, self.object()).looking());
        }
        if end.is_over() {
            return Err(Error::NotConnected);
        }
        end.was_well();
        Ok(address::told(end.peer(), self.family()))
    }

    /// An address that was given to it, without what makes it one of IPv6.
    pub(super) fn given(self, to: SocketAddr) -> Result<SocketAddr> {
        match Family::of(to.ip()) == self.family() {
            true => Ok(address::plain(to)),
            false => Err(Error::Family),
        }
    }

    /// Has this address from now on.
    pub(crate) fn bind(self, to: SocketAddr) -> Result<()> {
        let to = self.given(to)?;
        if self.is_bound() {
            return Err(Error::Invalid);
        }
        let shown = address::told(to, self.family());
        if to.port() != 0 {
            // Who wants no port in particular gets one that nobody has.
            let op = Op::new("bind", "binds to", address::object(shown));
            host::take(op.looking());
        }
        self.take_port(to).or_else(super::failed)
    }

    /// Has any port from now on, if it has none.
    pub(super) fn take_any_port(self) -> Result<()> {
        match self.is_bound() {
            true => Ok(()),
            false => self.take_port(self.family().any()),
        }
    }

    /// The address that it sends from to there.
    pub(super) fn source(self, to: SocketAddr) -> SocketAddr {
        // Whoever asks has given it an address.
        let own = self.look(|socket| socket.bound).unwrap_or(to);
        match own.ip().is_unspecified() {
            true => SocketAddr::new(address::source(to.ip()), own.port()),
            false => own,
        }
    }

    /// Narrows the address that it has down to the one that it sends from.
    pub(super) fn narrow(self, to: SocketAddr) {
        let own = self.source(to);
        self.change(|socket| socket.bound = Some(own));
    }

    fn take_port(self, address: SocketAddr) -> Result<()> {
        let (shares, only_v6) = self.option(|options| (options.shares, options.only_v6));
        let wish = ports::Wish {
            address,
            both: !only_v6,
            shares,
            transport: self.transport(),
        };
        let bound = ports::take(self, wish)?;
        self.change(|socket| socket.bound = Some(bound));
        Ok(())
    }

    /// Listens from now on.
    pub(crate) fn listen(self, backlog: usize) -> Result<()> {
        match self.state() {
            State::Listening(listener) => {
                listener.set_backlog(backlog);
                return Ok(());
            }
            State::Fresh if self.transport() == Transport::Stream => {}
            _ => return Err(Error::Invalid),
        }
        let bound = match self.look(|socket| socket.bound) {
            Some(bound) => bound,
            None => {
                self.take_port(self.family().any())?;
                return self.listen(backlog);
            }
        };
        let shown = address::told(bound, self.family());
        let listener = Id::<Listener>::new(shown, backlog, self.apart(|socket| socket.made));
        ports::listens(self, bound, listener)?;
        self.change(|socket| socket.state = State::Listening(listener));
        host::row("listens on", listener.object());
        Ok(())
    }

    /// Accepts a connection: a socket for it, and where it came from.
    pub(crate) fn accept(self) -> Result<(Id<Socket>, SocketAddr)> {
        let State::Listening(listener) = self.state() else {
            return Err(Error::Invalid);
        };
        let end = listener.accept(self.reads(false))?;
        let socket = new(self.family(), Transport::Stream);
        socket.apart(|socket| socket.state = State::Connected(end));
        Ok((socket, address::told(end.peer(), self.family())))
    }

    /// Connects, if that needs no waiting or it may wait; otherwise it does as
    /// soon as it [is waited for](Self::connects).
    pub(crate) fn connect(self, to: SocketAddr) -> Result<()> {
        let to = address::target(self.given(to)?);
        match self.state() {
            State::Fresh if self.transport() == Transport::Datagram => {
                return self.connect_datagrams(to);
            }
            State::Fresh => {}
            State::Connected(_) => return Err(Error::Connected),
            _ => return Err(Error::Invalid),
        }
        if self.option(|options| options.nonblocking) {
            self.change(|socket| socket.state = State::Connecting(to));
            return Err(Error::WouldBlock);
        }
        let patience = self.patience(false, |options| options.write_timeout);
        self.connect_now(to, patience)
    }

    /// Waits until it is connected or cannot be.
    pub(crate) fn connects(self, patience: Patience) -> Result<()> {
        let State::Connecting(to) = self.state() else {
            return Ok(());
        };
        let connected = self.connect_now(to, patience);
        if let Err(error) = connected
            && error != Error::TimedOut
        {
            self.change(|socket| socket.state = State::Failed(error));
        }
        connected
    }

    fn connect_now(self, to: SocketAddr, patience: Patience) -> Result<()> {
        if !self.is_bound() {
            let from = SocketAddr::new(address::source(to.ip()), 0);
            self.take_port(from)?;
        }
        let end = listener::connect(self.source(to), to, patience)?;
        self.change(|socket| socket.state = State::Connected(end));
        Ok(())
    }

    /// The error that was not told yet.
    pub(crate) fn take_error(self) -> Option<Error> {
        self.changes("getsockopt", "takes the error of");
        match self.state() {
            State::Failed(error) => {
                self.change(|socket| socket.state = State::Fresh);
                Some(error)
            }
            State::Connected(end) => {
                let error = end.take_error();
                if error.is_none() {
                    end.was_well();
                }
                error
            }
            State::Fresh => self.take_datagram_error(),
            _ => None,
        }
    }

    /// One more descriptor stands for it.
    pub(crate) fn duplicated(self) {
        self.apart(|socket| socket.descriptors += 1);
    }

    /// The step that closes it, where one descriptor less is none and others could
    /// notice. Until then it is open: should the process end, it is closed with it.
    pub(crate) fn announce_close(self) {
        if self.look(|socket| socket.descriptors) > 1 {
            return;
        }
        match self.state() {
            State::Connected(end) => end.announce_close(),
            State::Listening(listener) => {
                host::take(Op::new("TcpListener::drop", "closes", listener.object()));
            }
            State::Fresh if self.transport() == Transport::Datagram && self.is_bound() => {
                host::take(Op::new("UdpSocket::drop", "closes", self.object()));
            }
            State::Fresh | State::Connecting(_) | State::Failed(_) => {}
        }
    }

    /// One descriptor less stands for it: with the last one, it is closed.
    pub(crate) fn close(self) {
        let left = self.change(|socket| {
            socket.descriptors -= 1;
            socket.descriptors
        });
        if left > 0 {
            return;
        }
        let abrupt = self.option(|options| options.linger == Some(0));
        match self.state() {
            State::Connected(end) => end.leave(abrupt),
            State::Listening(listener) => listener.close(),
            State::Fresh | State::Connecting(_) | State::Failed(_) => {}
        }
        if let Some(bound) = self.look(|socket| socket.bound) {
            ports::leave(self, self.transport(), bound);
        }
    }

    /// Is never heard of again, and nothing says so.
    pub(crate) fn vanish(self) {
        if let State::Connected(end) = self.state() {
            end.vanish();
        }
    }
}
