//! Datagrams: UDP.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};

use verdict::Bytes;

use super::connection::Reading;
use super::socket::LOOKS;
use super::{Error, Id, Result, Socket, address, failed, ports};
use crate::kernel;
use crate::op::Op;

/// What came to a socket, and was not read yet.
#[derive(Default)]
pub(super) struct Inbox {
    queue: VecDeque<Datagram>,
    /// Bytes of memory that the queue takes.
    used: usize,
    /// From whom it takes datagrams, where that is only one.
    peer: Option<SocketAddr>,
    /// An error that was not told yet: where it has sent to, nobody was.
    error: Option<Error>,
}

#[derive(Clone)]
struct Datagram {
    from: SocketAddr,
    bytes: Vec<u8>,
}

/// Memory that what came to a socket may take (`rmem_default`); and how much of
/// it a datagram takes beside its bytes.
const MEMORY: usize = 212_992;
const BESIDE: usize = 768;

/// The longest datagram: 65,535 bytes with the headers of IP and UDP. That of
/// IPv6 does not count.
const LONGEST: usize = 65_535 - 8;
const HEADER: usize = 20;

impl Datagram {
    fn memory(&self) -> usize {
        self.bytes.len() + BESIDE
    }
}

impl Inbox {
    /// Takes a datagram if there is room, before the last one where it has
    /// `overtaken` that.
    fn put(&mut self, datagram: Datagram, overtaken: bool) {
        if self.used + datagram.memory() > MEMORY {
            return;
        }
        self.used += datagram.memory();
        let at = self.queue.len() - usize::from(overtaken && !self.queue.is_empty());
        self.queue.insert(at, datagram);
    }

    fn take(&mut self) {
        if let Some(first) = self.queue.pop_front() {
            self.used -= first.memory();
        }
    }
}

/// What happens to a datagram on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Arrives,
    IsLost,
    Doubles,
    Overtakes,
}

impl Way {
    /// One of the ways for which there is a budget.
    fn choose(may_overtake: bool) -> Way {
        let ways = super::with(|network| {
            let mut ways = [Way::Arrives; 4];
            let mut count = 1;
            for (left, way) in [
                (network.lost, Way::IsLost),
                (network.doubled, Way::Doubles),
                (network.overtaken * u32::from(may_overtake), Way::Overtakes),
            ] {
                if left > 0 {
                    ways[count] = way;
                    count += 1;
                }
            }
            (ways, count)
        });
        let way = ways.0[kernel::choose(ways.1, true)];
        super::with(|network| match way {
            Way::Arrives => {}
            Way::IsLost => network.lost -= 1,
            Way::Doubles => network.doubled -= 1,
            Way::Overtakes => network.overtaken -= 1,
        });
        way
    }

    /// The words for it in a timeline.
    fn words(self) -> &'static str {
        match self {
            Way::Arrives => "",
            Way::IsLost => ", which is lost",
            Way::Doubles => ", which comes twice",
            Way::Overtakes => ", which overtakes the one before",
        }
    }
}

impl Id<Socket> {
    fn inbox(self) -> Id<Inbox> {
        Id::of(self.0 + 1)
    }

    /// Where it sends to if nothing else is said.
    pub(super) fn sends_to(self) -> Option<SocketAddr> {
        self.inbox().look(|inbox| inbox.peer)
    }

    /// Takes datagrams from nobody else from now on, and sends there.
    pub(super) fn connect_datagrams(self, to: SocketAddr) -> Result<()> {
        self.take_any_port()?;
        let shown = address::told(to, self.family());
        let op = Op::new("UdpSocket::connect", "connects to", address::object(shown));
        self.changes_with(op.looking());
        self.narrow(to);
        self.inbox().change(|inbox| inbox.peer = Some(to));
        Ok(())
    }

    /// Whether there is something to receive, or an error.
    pub(crate) fn has_received(self) -> bool {
        self.inbox()
            .look(|inbox| !inbox.queue.is_empty() || inbox.error.is_some())
    }

    /// The error that was not told yet.
    pub(super) fn take_datagram_error(self) -> Option<Error> {
        self.inbox().look(|inbox| inbox.error)?;
        self.inbox().change(|inbox| inbox.error.take())
    }

    /// Sends a datagram, to where it is connected if nothing else is said.
    pub(crate) fn send(self, bytes: &[u8], to: Option<SocketAddr>) -> Result<usize> {
        self.looks("send", LOOKS);
        let to = match to {
            Some(to) => self.given(to)?,
            None => self.sends_to().ok_or(Error::NoDestination)?,
        };
        let header = if to.is_ipv4() { HEADER } else { 0 };
        if bytes.len() > LONGEST - header {
            return Err(Error::TooLong);
        }
        if to.port() == 0 {
            return Err(Error::Invalid);
        }
        if to.ip() == IpAddr::from([255; 4]) && !self.option(|options| options.broadcasts) {
            return Err(Error::Forbidden);
        }
        self.take_any_port()?;
        let shown = address::told(to, self.family());
        let op = Op::new("UdpSocket::send_to", "sends to", address::object(shown));
        crate::host::take(op.looking());
        if let Some(error) = self.take_datagram_error() {
            return failed(error);
        }
        let way = self.deliver(bytes, address::target(to));
        kernel::value(|| format!("{}{}", Bytes::from(bytes), way.words()));
        Ok(bytes.len())
    }

    fn deliver(self, bytes: &[u8], to: SocketAddr) -> Way {
        let from = self.source(to);
        let receiver = ports::receiver(to).map(Id::<Socket>::inbox);
        let takes = |inbox: &Id<Inbox>| {
            let peer = inbox.look(|inbox| inbox.peer);
            peer.is_none_or(|peer| peer == from)
        };
        let Some(receiver) = receiver.filter(takes) else {
            if self.sends_to() == Some(to) && address::is_ours(to.ip()) {
                let tell = |inbox: &mut Inbox| inbox.error = Some(Error::Refused);
                self.inbox().change(tell);
            }
            return Way::Arrives;
        };
        let way = Way::choose(receiver.look(|inbox| !inbox.queue.is_empty()));
        let times = match way {
            Way::IsLost => 0,
            Way::Arrives | Way::Overtakes => 1,
            Way::Doubles => 2,
        };
        for _ in 0..times {
            let bytes = bytes.to_vec();
            receiver.change(|inbox| {
                let datagram = Datagram { from, bytes };
                inbox.put(datagram, way == Way::Overtakes);
            });
        }
        way
    }

    /// Receives a datagram, of which what does not fit is cut off; and where it
    /// came from.
    pub(crate) fn receive(self, buffer: &mut [u8], how: Reading) -> Result<(usize, SocketAddr)> {
        let (call, verb) = match how.peeks {
            false => ("UdpSocket::recv_from", "receives from"),
            true => ("UdpSocket::peek_from", "peeks at"),
        };
        let op = Op::new(call, verb, self.inbox_object());
        how.patience.take(op, &|| self.has_received());
        if let Some(error) = self.take_datagram_error() {
            return failed(error);
        }
        let first = self.inbox().look(|inbox| {
            let first = inbox.queue.front()?;
            for (place, byte) in buffer.iter_mut().zip(&first.bytes) {
                *place = *byte;
            }
            Some((first.bytes.len(), first.from))
        });
        let Some((whole, from)) = first else {
            return failed(Error::WouldBlock);
        };
        if !how.peeks {
            self.inbox().change(Inbox::take);
        }
        let length = whole.min(buffer.len());
        let from = address::told(from, self.family());
        kernel::value(|| {
            let bytes = Bytes::from(&buffer[..length]);
            match whole - length {
                0 => format!("{bytes} from {from}"),
                rest => format!("{bytes} from {from}, without its last {rest} bytes"),
            }
        });
        Ok((length, from))
    }

    /// What came to it, as something that a step is on.
    fn inbox_object(self) -> crate::op::Object {
        let mut object = self.object();
        object.id = self.inbox().0;
        object
    }
}
