//! What a peer has a connection or a socket for.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream, ToSocketAddrs, UdpSocket};
use std::os::fd::AsRawFd;
use std::time::Duration;

use verdict::script::Until;
use verdict::{Bytes, Did};

use super::control::find;
use super::{GivesUp, Goes, LISTENERS, Line, Listener, Peer, at, did, wait_until};
use crate::kernel;
use crate::op::Patience;

/// Bytes that one read can give.
const PIECE: usize = 64 << 10;

/// An error as it is recorded.
fn reason(error: &io::Error) -> String {
    format!("{:?}", error.kind())
}

/// What a read came to.
enum Got {
    Bytes,
    /// The other side has closed, in whichever way.
    End,
    /// Nothing, and nothing else goes on.
    Nothing,
}

impl Peer {
    pub(super) fn listens(&self, bind: impl FnOnce() -> io::Result<Listener>) -> Goes {
        // Nobody else runs yet, and nobody can tell when it was.
        let bound = kernel::unseen(bind).and_then(|listener| {
            let address = match &listener {
                Listener::Tcp(listener) => listener.local_addr(),
                Listener::Udp(socket) => socket.local_addr(),
            }?;
            Ok((listener, address))
        });
        match bound {
            Ok((listener, address)) => {
                let address = address.to_string();
                LISTENERS.with_mut(|all| all.push((self.number, listener)));
                self.common.listens[self.number].set(Some(address.clone()));
                kernel::announces(self.name, &address);
                did(Did::Acted);
                Ok(())
            }
            Err(error) => {
                did(Did::NotConnected(reason(&error)));
                Err(GivesUp)
            }
        }
    }

    /// The descriptor's own object of a peer's listener, which stays where it
    /// is for as long as it listens.
    fn listener<R>(&self, of: usize, f: impl FnOnce(&Listener) -> io::Result<R>) -> io::Result<R> {
        let duplicate = LISTENERS.with_mut(|all| {
            let (_, listener) = all.iter().find(|(own, _)| *own == of)?;
            Some(match listener {
                // Duplicates of a descriptor take no step.
                Listener::Tcp(listener) => listener.try_clone().map(Listener::Tcp),
                Listener::Udp(socket) => socket.try_clone().map(Listener::Udp),
            })
        });
        f(&duplicate.ok_or(ErrorKind::NotConnected)??)
    }

    pub(super) fn accepts(&mut self, from: Option<&str>) -> Goes {
        let of = match from {
            None => Some(self.number),
            Some(peer) => kernel::process_called(peer)
                .and_then(|process| process.checked_sub(self.common.programs.len())),
        };
        let accepted = self.listener(of.unwrap_or(usize::MAX), |listener| match listener {
            Listener::Tcp(listener) => listener.accept(),
            Listener::Udp(_) => Err(ErrorKind::InvalidInput.into()),
        });
        self.connected(accepted.map(|(stream, _)| Line::Tcp(stream)))
    }

    /// The address that a name or an address means, once it is known.
    fn address(&self, to: &str) -> String {
        let common = self.common;
        let known = match kernel::process_called(to) {
            None => return to.to_owned(),
            Some(process) => match process.checked_sub(common.programs.len()) {
                None => &common.programs[process].address,
                Some(peer) => &common.listens[peer],
            },
        };
        wait_until("address", "knows the address", &|| {
            known.look(Option::is_some)
        });
        known.look(Clone::clone).unwrap_or_default()
    }

    pub(super) fn connects(&mut self, to: &str) -> Goes {
        self.hangs_up();
        let address = self.address(to);
        let stream = TcpStream::connect(address);
        self.connected(stream.map(Line::Tcp))
    }

    pub(super) fn opens_udp(&mut self, to: &str) -> Goes {
        self.hangs_up();
        let address = self.address(to);
        let opened = address.to_socket_addrs().and_then(|mut addresses| {
            let address = addresses.next().ok_or(ErrorKind::InvalidInput)?;
            let any = match address {
                SocketAddr::V4(_) => "127.0.0.1:0",
                SocketAddr::V6(_) => "[::1]:0",
            };
            Ok(Line::Udp(UdpSocket::bind(any)?, Some(address)))
        });
        self.connected(opened)
    }

    fn connected(&mut self, line: io::Result<Line>) -> Goes {
        match line {
            Ok(line) => {
                self.hangs_up();
                let open = match &line {
                    Line::Tcp(stream) => stream.as_raw_fd(),
                    Line::Udp(socket, _) => socket.as_raw_fd(),
                };
                at(|at| at.open = Some(open));
                self.line = Some(line);
                did(Did::Connected);
                Ok(())
            }
            Err(error) => {
                did(Did::NotConnected(reason(&error)));
                Err(GivesUp)
            }
        }
    }

    pub(super) fn unlistens(&mut self) -> Goes {
        let own = LISTENERS.with_mut(|all| {
            let index = all.iter().position(|(own, _)| *own == self.number)?;
            Some(all.swap_remove(index))
        });
        drop(own);
        did(Did::Closed("unlisten".to_owned()));
        Ok(())
    }

    /// Its own UDP listener serves as its socket where it has no other.
    fn borrow_listener(&mut self) {
        if self.line.is_none()
            && let Ok(socket) = self.listener(self.number, |listener| match listener {
                Listener::Udp(socket) => socket.try_clone(),
                Listener::Tcp(_) => Err(ErrorKind::NotConnected.into()),
            })
        {
            at(|at| at.open = Some(socket.as_raw_fd()));
            self.line = Some(Line::Udp(socket, None));
        }
    }

    /// Sends all of it, at most this many bytes at a time.
    pub(super) fn sends(&mut self, bytes: &[u8], most: usize) -> Goes {
        self.borrow_listener();
        let mut left = bytes;
        loop {
            let piece = &left[..left.len().min(most.max(1))];
            let sent = match &mut self.line {
                None => Err(ErrorKind::NotConnected.into()),
                Some(Line::Tcp(_)) if piece.is_empty() => Ok(0),
                Some(Line::Tcp(stream)) => stream.write(piece),
                Some(Line::Udp(socket, Some(to))) => socket.send_to(piece, *to),
                Some(Line::Udp(_, None)) => Err(ErrorKind::NotConnected.into()),
            };
            match sent {
                Ok(0) if piece.is_empty() && matches!(self.line, Some(Line::Tcp(_))) => {
                    return Ok(());
                }
                Ok(sent) => {
                    did(Did::Sent(Bytes::from(&piece[..sent])));
                    left = &left[sent..];
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    did(Did::NotSent(reason(&error)));
                    return Ok(());
                }
            }
            if left.is_empty() {
                return Ok(());
            }
        }
    }

    pub(super) fn reads(&mut self, until: &Until, slowly: bool) -> Goes {
        self.borrow_listener();
        loop {
            if let Some(end) = enough(&self.received, until) {
                self.received.drain(..end);
                return Ok(());
            }
            match (self.receives(*until == Until::Rest, slowly), until) {
                (Got::Bytes, _) => {}
                (Got::End, Until::End | Until::Rest | Until::Some)
                | (Got::Nothing, Until::Rest) => {
                    self.received.clear();
                    return Ok(());
                }
                (Got::End | Got::Nothing, _) => return Err(GivesUp),
            }
        }
    }

    /// Reads once.
    fn receives(&mut self, rests: bool, slowly: bool) -> Got {
        let mut piece = vec![0; if slowly { 1 } else { PIECE }];
        if self.is_over {
            return Got::End;
        }
        let got = match &mut self.line {
            // A script that reads from nobody waits for nothing.
            None => return Got::Nothing,
            Some(line) => {
                let patience = match rests {
                    true => Patience::Resting,
                    false => Patience::Waiting,
                };
                // Who rests is not done when it has waited long enough.
                let time = rests.then_some(Duration::from_nanos(kernel::MINUTE));
                kernel::waits(patience);
                let got = match line {
                    Line::Tcp(stream) => stream
                        .set_read_timeout(time)
                        .and_then(|()| stream.read(&mut piece)),
                    Line::Udp(socket, to) => socket.set_read_timeout(time).and_then(|()| {
                        piece.resize(PIECE, 0);
                        let (length, from) = socket.recv_from(&mut piece)?;
                        // What it sends next goes back there.
                        *to = Some(from);
                        Ok(length)
                    }),
                };
                kernel::waits(Patience::Waiting);
                got
            }
        };
        let is_tcp = matches!(self.line, Some(Line::Tcp(_)));
        match got {
            Ok(0) if is_tcp => {
                did(Did::End);
                self.is_over = true;
                Got::End
            }
            Ok(length) => {
                did(Did::Received(Bytes::from(&piece[..length])));
                self.received.extend_from_slice(&piece[..length]);
                Got::Bytes
            }
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::TimedOut if rests => Got::Nothing,
                ErrorKind::Interrupted => Got::Bytes,
                _ => {
                    did(Did::Broken(reason(&error)));
                    self.is_over = true;
                    Got::End
                }
            },
        }
    }

    pub(super) fn shuts_down(&mut self) -> Goes {
        if let Some(Line::Tcp(stream)) = &self.line {
            // An end that is gone needs none.
            let _ = stream.shutdown(Shutdown::Write);
        }
        did(Did::Closed("shutdown".to_owned()));
        Ok(())
    }

    pub(super) fn closes(&mut self) -> Goes {
        self.hangs_up();
        did(Did::Closed("close".to_owned()));
        Ok(())
    }

    pub(super) fn resets(&mut self) -> Goes {
        if let Some(Line::Tcp(stream)) = &self.line {
            let at_once = libc::linger {
                l_onoff: 1,
                l_linger: 0,
            };
            // SAFETY: the option is a `linger`, which is there.
            unsafe {
                libc::setsockopt(
                    stream.as_raw_fd(),
                    libc::SOL_SOCKET,
                    libc::SO_LINGER,
                    (&raw const at_once).cast(),
                    size_of::<libc::linger>() as libc::socklen_t,
                )
            };
        }
        self.hangs_up();
        did(Did::Closed("reset".to_owned()));
        Ok(())
    }

    pub(super) fn vanishes(&mut self) -> Goes {
        if let Some(Line::Tcp(stream)) = self.line.take() {
            crate::net::vanish(stream.as_raw_fd());
            // It is never closed either.
            std::mem::forget(stream);
        }
        self.hangs_up();
        did(Did::Closed("vanish".to_owned()));
        Ok(())
    }

    /// Has no connection any more.
    pub(super) fn hangs_up(&mut self) {
        at(|at| at.open = None);
        self.received.clear();
        self.is_over = false;
        drop(self.line.take());
    }
}

/// How much of what was received is what was waited for.
fn enough(received: &[u8], until: &Until) -> Option<usize> {
    let lines = || {
        let ends = received.iter().enumerate();
        ends.filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at)
    };
    match until {
        Until::Some => (!received.is_empty()).then_some(received.len()),
        Until::Bytes(wanted) => (received.len() >= *wanted).then_some(*wanted),
        Until::Lines(0) => Some(0),
        Until::Lines(wanted) => lines().nth(wanted - 1).map(|end| end + 1),
        Until::Line(wanted) => {
            let mut start = 0;
            lines().find_map(|end| {
                let line = &received[start..end];
                let line = line.strip_suffix(b"\r").unwrap_or(line);
                start = end + 1;
                (line == wanted.0).then_some(start)
            })
        }
        Until::Text(wanted) => find(received, wanted).map(|start| start + wanted.len()),
        Until::End | Until::Rest => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_takes_no_more_than_it_waits_for() {
        let table: [(&str, Until, Option<usize>); 11] = [
            ("ab", Until::Some, Some(2)),
            ("", Until::Some, None),
            ("ab", Until::Bytes(1), Some(1)),
            ("ab", Until::Bytes(3), None),
            ("a\nb\nc", Until::Lines(2), Some(4)),
            ("a\nb", Until::Lines(2), None),
            ("x\r\nann\r\nb", Until::Line("ann".into()), Some(8)),
            ("annx\nann", Until::Line("ann".into()), None),
            ("a\r\n\r\nb", Until::Text("\r\n\r\n".into()), Some(5)),
            ("a", Until::End, None),
            ("", Until::Lines(0), Some(0)),
        ];
        for (received, until, wanted) in table {
            assert_eq!(
                enough(received.as_bytes(), &until),
                wanted,
                "{received:?} {until:?}"
            );
        }
    }
}
