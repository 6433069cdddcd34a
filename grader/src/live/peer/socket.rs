//! The one connection, or UDP socket, that a peer has.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

/// Most bytes that are looked at, or received, at once.
const PIECE: usize = 64 << 10;

/// A connection or a UDP socket.
#[derive(Debug)]
pub(in crate::live) enum Socket {
    Tcp(TcpStream),
    Udp {
        socket: Arc<UdpSocket>,
        /// Where datagrams go: where the last one came from, if one did.
        to: Option<SocketAddr>,
    },
}

/// What came of receiving.
#[derive(Debug)]
pub(super) enum Got {
    /// These bytes.
    Bytes(Vec<u8>),
    /// The end of input.
    End,
    /// Nothing in that time.
    Nothing,
}

impl Socket {
    /// A connection. What is sent goes out at once, in the pieces in which it is
    /// sent.
    pub(super) fn tcp(stream: TcpStream) -> io::Result<Socket> {
        stream.set_nonblocking(false)?;
        stream.set_nodelay(true)?;
        Ok(Socket::Tcp(stream))
    }

    /// A UDP socket, and where it sends to.
    pub(super) fn udp(socket: Arc<UdpSocket>, to: Option<SocketAddr>) -> Socket {
        Socket::Udp { socket, to }
    }

    /// Where datagrams go, if it sends any.
    pub(super) fn sends_to(&self) -> Option<SocketAddr> {
        match self {
            Socket::Tcp(_) => None,
            Socket::Udp { to, .. } => *to,
        }
    }

    /// Sends as much as the connection takes now; `None` where it takes nothing
    /// in that time.
    pub(super) fn send(&mut self, bytes: &[u8], most: Duration) -> io::Result<Option<usize>> {
        let sent = match self {
            Socket::Tcp(_) if bytes.is_empty() => Ok(0),
            Socket::Tcp(stream) => {
                stream.set_write_timeout(Some(most))?;
                stream.write(bytes)
            }
            Socket::Udp { socket, to } => {
                let to = to.ok_or(ErrorKind::NotConnected)?;
                socket.set_write_timeout(Some(most))?;
                socket.send_to(bytes, to)
            }
        };
        match sent {
            Ok(length) => Ok(Some(length)),
            Err(error) if is_time(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Receives what `takes` wants of what is there, a byte at least: the rest
    /// stays for the next time. A datagram is received in full.
    pub(super) fn receive(
        &mut self,
        time: Duration,
        mut takes: impl FnMut(&[u8]) -> usize,
    ) -> io::Result<Got> {
        let mut buffer = vec![0; PIECE];
        let received = match self {
            Socket::Tcp(stream) => {
                stream.set_read_timeout(Some(time))?;
                stream.peek(&mut buffer).and_then(|there| {
                    let wanted = takes(&buffer[..there]);
                    stream.read(&mut buffer[..wanted])
                })
            }
            Socket::Udp { socket, to } => {
                socket.set_read_timeout(Some(time))?;
                socket.recv_from(&mut buffer).map(|(length, from)| {
                    // What it sends next goes back there.
                    *to = Some(from);
                    takes(&buffer[..length]);
                    length
                })
            }
        };
        match (received, &self) {
            (Ok(0), Socket::Tcp(_)) => Ok(Got::End),
            (Ok(length), _) => {
                buffer.truncate(length);
                Ok(Got::Bytes(buffer))
            }
            (Err(error), _) if is_time(&error) => Ok(Got::Nothing),
            (Err(error), _) => Err(error),
        }
    }

    /// Closes the sending half.
    pub(super) fn shut_down(&self) {
        if let Socket::Tcp(stream) = self {
            // Where it is closed or broken already, it is as closed as can be.
            let _ = stream.shutdown(Shutdown::Write);
        }
    }

    /// Closes it so that the other side sees a reset.
    pub(super) fn reset(self) {
        if let Socket::Tcp(stream) = self {
            let socket = socket2::Socket::from(stream);
            // A connection that is gone needs none.
            let _ = socket.set_linger(Some(Duration::ZERO));
        }
    }
}

/// Whether nothing happened in the time that was given, or a signal came.
fn is_time(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
    )
}
