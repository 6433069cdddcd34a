//! Who has which port.

use std::net::{IpAddr, SocketAddr};

use super::{Error, Id, Listener, PORTS, Result, Socket, Transport, address};
use crate::op::Op;
use crate::{host, kernel};

/// A port of one transport.
#[derive(Default)]
pub(super) struct Port {
    holders: Vec<Holder>,
}

/// Somebody who has a port.
#[derive(Clone, Copy)]
struct Holder {
    ip: IpAddr,
    /// Whether `::` means the addresses of IPv4, too.
    both: bool,
    /// Whether others may have it as well, as long as nobody listens.
    shares: bool,
    socket: Id<Socket>,
    listener: Option<Id<Listener>>,
}

/// A wish for a port.
#[derive(Clone, Copy)]
pub(super) struct Wish {
    pub(super) address: SocketAddr,
    pub(super) both: bool,
    pub(super) shares: bool,
    pub(super) transport: Transport,
}

fn id(transport: Transport, port: u16) -> Id<Port> {
    let first = match transport {
        Transport::Stream => PORTS,
        Transport::Datagram => PORTS + (1 << 16),
    };
    Id::of(first + usize::from(port))
}

/// Whether the addresses of one are addresses of the other.
fn overlap((one, both): (IpAddr, bool), (other, both_other): (IpAddr, bool)) -> bool {
    let is_within = |ip: IpAddr, (whole, both): (IpAddr, bool)| {
        whole.is_unspecified() && (whole.is_ipv4() == ip.is_ipv4() || (both && whole.is_ipv6()))
    };
    one == other || is_within(one, (other, both_other)) || is_within(other, (one, both))
}

impl Holder {
    fn hinders(&self, wish: &Wish) -> bool {
        let listens = wish.transport == Transport::Stream && self.listener.is_some();
        overlap((self.ip, self.both), (wish.address.ip(), wish.both))
            && (listens || !self.shares || !wish.shares)
    }
}

/// Gives a port to a socket, any port where it wants none in particular. The
/// address that it then has.
pub(super) fn take(socket: Id<Socket>, wish: Wish) -> Result<SocketAddr> {
    let ip = wish.address.ip();
    if !ip.is_unspecified() && !address::is_ours(ip) {
        return Err(Error::NotAvailable);
    }
    match wish.address.port() {
        0 => any(socket, wish),
        _ if give(socket, wish) => Ok(wish.address),
        _ => Err(Error::InUse),
    }
}

/// The first port that is given to who wants any, and how many each thread has for
/// itself, so that it is no matter which of two threads asks first.
const FIRST: u16 = 40_000;
const EACH: u16 = 50;
/// How many threads have some.
const THREADS: u16 = 440;
/// Those for the others, and for who has used up its own. To get one of them is a step.
const SHARED: std::ops::Range<u16> = FIRST + THREADS * EACH..65_000;

fn any(socket: Id<Socket>, mut wish: Wish) -> Result<SocketAddr> {
    wish.shares = false;
    let wished = address::object(wish.address);
    let mut found = |mut ports: std::ops::Range<u16>| {
        ports.find_map(|port| {
            wish.address.set_port(port);
            let is_free = id(wish.transport, port).look(|port| port.holders.is_empty());
            (is_free && give(socket, wish)).then_some(wish.address)
        })
    };
    let own = kernel::own_share(THREADS.into());
    let own = own.and_then(|share| {
        // Less than the last port.
        let first = FIRST + share as u16 * EACH;
        found(first..first + EACH)
    });
    if let Some(address) = own {
        return Ok(address);
    }
    host::take(Op::new("bind", "takes any port of", wished));
    found(SHARED).ok_or(Error::InUse)
}

fn give(socket: Id<Socket>, wish: Wish) -> bool {
    id(wish.transport, wish.address.port()).change(|port| {
        if port.holders.iter().any(|holder| holder.hinders(&wish)) {
            return false;
        }
        port.holders.push(Holder {
            ip: wish.address.ip(),
            both: wish.both,
            shares: wish.shares,
            socket,
            listener: None,
        });
        true
    })
}

/// The socket listens on its port from now on.
pub(super) fn listens(socket: Id<Socket>, at: SocketAddr, listener: Id<Listener>) -> Result<()> {
    id(Transport::Stream, at.port()).change(|port| {
        let own = port.holders.iter().position(|held| held.socket == socket);
        let own = own.ok_or(Error::Invalid)?;
        let holder = port.holders[own];
        let others = port.holders.iter().filter(|held| held.socket != socket);
        let listening = |other: &&Holder| other.listener.is_some();
        let mut rivals = others.filter(listening);
        if rivals.any(|other| overlap((other.ip, other.both), (holder.ip, holder.both))) {
            return Err(Error::InUse);
        }
        port.holders[own].listener = Some(listener);
        Ok(())
    })
}

/// The socket gives its port back.
pub(super) fn leave(socket: Id<Socket>, transport: Transport, at: SocketAddr) {
    let holders = |port: &mut Port| port.holders.retain(|held| held.socket != socket);
    id(transport, at.port()).change(holders);
}

/// Who has this address, of those that are `wanted`: the one that has just it
/// before one that has all.
fn holder<R>(
    transport: Transport,
    at: SocketAddr,
    wanted: impl Fn(&Holder) -> Option<R>,
) -> Option<R> {
    id(transport, at.port()).look(|port| {
        let holders = port.holders.iter();
        let has = |held: &&Holder| overlap((held.ip, held.both), (at.ip(), false));
        // Of two that have all, the one of the address's own family.
        let rank = |held: &&Holder| (held.ip != at.ip(), held.ip.is_ipv4() != at.is_ipv4());
        let holders = holders.filter(has).filter(|held| wanted(held).is_some());
        holders.min_by_key(rank).and_then(wanted)
    })
}

/// Who listens there.
pub(super) fn listener(at: SocketAddr) -> Option<Id<Listener>> {
    holder(Transport::Stream, at, |held| held.listener)
}

/// Which socket gets datagrams that are sent there.
pub(super) fn receiver(at: SocketAddr) -> Option<Id<Socket>> {
    holder(Transport::Datagram, at, |held| Some(held.socket))
}
