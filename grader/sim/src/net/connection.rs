//! A connection, and what is done at an end of it.
//!
//! What is told of an end follows Linux: what has come is read before an error
//! is told, an error is told once, and an end that was broken off has no peer
//! any more.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::panic::Location;

use verdict::Bytes;

use super::flow::{Fate, Flow};
use super::passing::{self, How, Passing};
use super::{Error, Id, Patience, Result, failed, number, pieces};
use crate::host;
use crate::kernel;
use crate::op::{Kind, Object, Op};

/// A connection: what never changes of it, and who has asked.
pub(super) struct Connection {
    /// The address of each end: of the one that has connected, then of the one
    /// that was connected to.
    addresses: [SocketAddr; 2],
    /// Where it was made.
    made: Option<&'static Location<'static>>,
    /// Who has asked in passing how each end fares.
    asked: [Passing; 2],
}

impl Default for Connection {
    fn default() -> Self {
        let none = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);
        Connection {
            addresses: [none; 2],
            made: None,
            asked: Default::default(),
        }
    }
}

/// An end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct End {
    /// The number of the connection. Those after it stand for its parts.
    connection: usize,
    /// 0 for the end that has connected.
    side: usize,
}

/// A new connection: the end that has connected, and the other.
pub(super) fn new(from: SocketAddr, to: SocketAddr) -> (End, End) {
    let connection = number();
    let made = host::place();
    Id::<Connection>::of(connection).apart(|connection| {
        *connection = Connection {
            addresses: [from, to],
            made,
            ..Connection::default()
        }
    });
    let end = |side| End { connection, side };
    (end(0), end(1))
}

/// Which half of a connection an end gives up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Half {
    Reading,
    Writing,
    Both,
}

impl Half {
    fn reads(self) -> bool {
        self != Half::Writing
    }

    fn writes(self) -> bool {
        self != Half::Reading
    }
}

/// How an end is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    pub(crate) patience: Patience,
    /// Whether what is read stays there.
    pub(crate) peeks: bool,
}

impl End {
    fn other(self) -> End {
        End {
            connection: self.connection,
            side: 1 - self.side,
        }
    }

    /// What this end writes.
    fn outgoing(self) -> Id<Flow> {
        Id::of(self.connection + 1 + self.side)
    }

    /// What this end reads.
    fn incoming(self) -> Id<Flow> {
        self.other().outgoing()
    }

    fn fate(self) -> Id<Fate> {
        Id::of(self.connection + 3 + self.side)
    }

    fn part<R>(self, f: impl FnOnce(&Connection) -> R) -> R {
        Id::<Connection>::of(self.connection).apart(|connection| f(connection))
    }

    /// A direction of the connection, as something that a step is on.
    fn object(self, flow: Id<Flow>) -> Object {
        Object {
            kind: Kind::Connection,
            id: flow.0,
            number: 0,
            made: self.part(|connection| connection.made),
        }
    }

    /// What a timeline names.
    pub(super) fn thing(self) -> Object {
        self.object(self.outgoing())
    }

    /// Its own address.
    pub(crate) fn local(self) -> SocketAddr {
        self.part(|connection| connection.addresses[self.side])
    }

    /// The address of the other end.
    pub(crate) fn peer(self) -> SocketAddr {
        self.other().local()
    }

    /// Whether there is no connection any more: it was broken off, or both
    /// ends have said that this was all.
    pub(crate) fn is_over(self) -> bool {
        self.fate().look(|fate| fate.broken)
            || (self.incoming().look(|flow| flow.ended) && self.outgoing().look(|flow| flow.ended))
    }

    /// Whether this end has said that this was all.
    pub(super) fn has_said_all(self) -> bool {
        self.outgoing().look(|flow| flow.ended)
    }

    /// The running thread was told that this end is well, as a part of its last
    /// step.
    pub(super) fn was_well(self) {
        self.notes(How::Looks);
    }

    /// This end fares otherwise from now on: who was told something else could have
    /// asked later.
    fn is_news(self) {
        self.notes(How::Steps);
    }

    fn notes(self, how: How) {
        let connection = Id::<Connection>::of(self.connection);
        passing::notes(
            connection,
            |connection| &mut connection.asked[self.side],
            how,
        );
    }

    /// Changes how this end fares.
    fn fares<R>(self, f: impl FnOnce(&mut Fate) -> R) -> R {
        let result = self.fate().change(f);
        self.is_news();
        result
    }

    /// Whether a read would not wait.
    pub(crate) fn is_readable(self) -> bool {
        self.incoming()
            .look(|flow| !flow.bytes.is_empty() || flow.ended || flow.deaf)
            || self.fate().look(Fate::is_bad)
    }

    fn room(self) -> usize {
        let most = super::with(|network| network.buffer);
        self.outgoing()
            .look(|flow| most.saturating_sub(flow.bytes.len()))
    }

    /// Whether a write would not wait.
    pub(crate) fn is_writable(self) -> bool {
        self.room() > 0
            || self.outgoing().look(|flow| flow.ended || flow.closed)
            || self.fate().look(Fate::is_bad)
    }

    /// Whether there is an error that was not told yet.
    pub(crate) fn has_error(self) -> bool {
        self.fate().look(|fate| fate.error.is_some())
    }

    /// The error that was not told yet.
    pub(crate) fn take_error(self) -> Option<Error> {
        // To find none is a look.
        self.fate().look(|fate| fate.error)?;
        self.fares(|fate| fate.error.take())
    }

    /// Reads what is there, as far as it fits; nothing at the end of what was
    /// written.
    pub(crate) fn read(self, buffer: &mut [u8], how: Reading) -> Result<usize> {
        let (call, verb) = match how.peeks {
            false => ("TcpStream::read", "reads from"),
            true => ("TcpStream::peek", "peeks at"),
        };
        let op = Op::new(call, verb, self.object(self.incoming()));
        how.patience.take(op, &|| self.is_readable());
        // Who wants no bytes waits for some all the same (as `recv` does).
        let nothing = self.incoming().look(|flow| flow.bytes.is_empty());
        if nothing {
            return self.read_nothing();
        }
        let most = self.incoming().look(|flow| {
            let most = flow.bytes.len().min(buffer.len());
            for (place, byte) in buffer.iter_mut().zip(&flow.bytes) {
                *place = *byte;
            }
            most
        });
        let length = pieces::read(&buffer[..most]);
        if !how.peeks {
            let by_peer = self.incoming().change(|flow| {
                flow.bytes.drain(..length);
                flow.by_peer
            });
            if by_peer {
                kernel::reads(length);
            }
        }
        kernel::value(|| {
            let bytes = Bytes::from(&buffer[..length]);
            match length == most {
                true => bytes.to_string(),
                false => format!("{bytes}, a part of {most} bytes"),
            }
        });
        Ok(length)
    }

    /// What a read gives that finds nothing.
    fn read_nothing(self) -> Result<usize> {
        let (ended, deaf) = self.incoming().look(|flow| (flow.ended, flow.deaf));
        let error = match ended {
            true => None,
            false => self.take_error(),
        };
        if let Some(error) = error {
            return failed(error);
        }
        if ended || deaf || self.fate().look(|fate| fate.broken) {
            kernel::value(|| "the end");
            return Ok(0);
        }
        failed(Error::WouldBlock)
    }

    /// Writes all of it, in as many parts as there is room for; less where it
    /// must not wait, where the connection is broken off meanwhile, or where a
    /// choice says so.
    pub(crate) fn write(self, bytes: &[u8], patience: Patience) -> Result<usize> {
        let mut written = 0;
        loop {
            let op = Op::new(
                "TcpStream::write",
                "writes to",
                self.object(self.outgoing()),
            );
            patience.take(op, &|| self.is_writable());
            let rest = &bytes[written..];
            match self.write_some(rest, written) {
                Ok(part) => {
                    written += part.bytes;
                    if part.is_last || written == bytes.len() || patience == Patience::None {
                        return Ok(written);
                    }
                }
                Err(error) if written == 0 => return Err(error),
                Err(error) => {
                    if error != Error::WouldBlock {
                        // It is told by the next call.
                        self.fares(|fate| fate.error = Some(error));
                    }
                    return Ok(written);
                }
            }
        }
    }

    fn write_some(self, rest: &[u8], before: usize) -> Result<Part> {
        let said_all = self.outgoing().look(|flow| flow.ended);
        if said_all || self.fate().look(Fate::is_bad) {
            return failed(self.take_error().unwrap_or(Error::Broken));
        }
        let (closed, deaf) = self.outgoing().look(|flow| (flow.closed, flow.deaf));
        let other_said_all = self.incoming().look(|flow| flow.ended);
        if closed || (deaf && other_said_all) {
            // Nobody wants it, and the other side says so: by the next call,
            // that is known.
            if !closed {
                self.other().fares(|fate| fate.breaks(Error::Reset));
            }
            self.breaks();
            kernel::value(|| format!("{}, which nobody reads", Bytes::from(rest)));
            return Ok(Part {
                bytes: rest.len(),
                is_last: true,
            });
        }
        let most = self.room().min(rest.len());
        if most == 0 && !rest.is_empty() {
            return failed(Error::WouldBlock);
        }
        let cut = match before {
            0 => pieces::write(most, rest.len()),
            _ => None,
        };
        let taken = cut.unwrap_or(most);
        let by_peer = kernel::is_peer();
        self.outgoing().change(|flow| {
            flow.bytes.extend(&rest[..taken]);
            flow.by_peer = by_peer;
        });
        kernel::value(|| {
            let bytes = Bytes::from(&rest[..taken]);
            match taken == rest.len() {
                true => bytes.to_string(),
                false => format!("{bytes}, a part of {} bytes", rest.len()),
            }
        });
        Ok(Part {
            bytes: taken,
            is_last: cut.is_some(),
        })
    }

    /// This end learns that the connection is broken off.
    fn breaks(self) {
        let error = match self.incoming().look(|flow| flow.ended) {
            true => Error::Broken,
            false => Error::Reset,
        };
        self.fares(|fate| fate.breaks(error));
    }

    /// Gives up a half of the connection, or both.
    pub(crate) fn shutdown(self, half: Half) -> Result<()> {
        let verb = match half {
            Half::Reading => "shuts down the reading half of",
            Half::Writing => "shuts down the writing half of",
            Half::Both => "shuts down",
        };
        let op = Op::new("TcpStream::shutdown", verb, self.object(self.outgoing()));
        host::take(op);
        if self.is_over() {
            return failed(Error::NotConnected);
        }
        if half.reads() {
            self.incoming().change(|flow| flow.deaf = true);
        }
        if half.writes() {
            self.outgoing().change(|flow| flow.ended = true);
            self.is_news();
        }
        Ok(())
    }

    /// Whether somebody could notice that this end is closed.
    fn matters(self) -> bool {
        let gone = self.outgoing().look(|flow| flow.closed || flow.vanished);
        !gone && !self.fate().look(|fate| fate.broken)
    }

    /// The step that closes this end, where others could notice.
    pub(super) fn announce_close(self) {
        if !self.incoming().look(|flow| flow.vanished) && self.matters() {
            let op = Op::new("TcpStream::drop", "closes", self.object(self.outgoing()));
            host::take(op);
        }
    }

    /// Closes this end, in order where everything was read, and otherwise (or
    /// where it is to be `abrupt`) by breaking the connection off. This is no step.
    pub(crate) fn leave(self, abrupt: bool) {
        if self.incoming().look(|flow| flow.vanished) {
            return;
        }
        let unread = self.incoming().look(|flow| !flow.bytes.is_empty());
        if self.matters() && (unread || abrupt) {
            self.reset();
            kernel::value(|| match unread {
                true => "with unread input, which resets it",
                false => "which resets it",
            });
            return;
        }
        self.outgoing().change(|flow| flow.ended = true);
        self.incoming().change(Flow::close);
    }

    /// Breaks the connection off. What the other side has not read yet may be
    /// lost.
    pub(super) fn reset(self) {
        self.incoming().change(Flow::close);
        let ended = self.outgoing().look(|flow| flow.ended);
        let on_its_way = self.outgoing().look(|flow| !flow.bytes.is_empty());
        let lost = on_its_way && kernel::choose(2, true) == 1;
        if lost {
            self.outgoing().change(|flow| {
                flow.bytes.clear();
                flow.ended = false;
            });
            kernel::value(|| "and what was on its way is lost");
        }
        let error = match ended && !lost {
            true => Error::Broken,
            false => Error::Reset,
        };
        self.other().fares(|fate| fate.breaks(error));
        self.fate().change(|fate| fate.broken = true);
    }

    /// Is never heard of again. The other side is told nothing.
    pub(crate) fn vanish(self) {
        self.incoming().change(|flow| flow.vanished = true);
    }
}

/// What a write has done.
struct Part {
    bytes: usize,
    /// Whether it ends there.
    is_last: bool,
}

impl Flow {
    /// Its reading end is closed.
    fn close(&mut self) {
        self.closed = true;
        self.bytes.clear();
    }
}
