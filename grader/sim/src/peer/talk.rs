//! What a peer has a connection or a socket for.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream, UdpSocket};
use std::os::fd::AsRawFd;
use std::time::Duration;

use verdict::script::{Sought, Until, address};
use verdict::{Bytes, Did};

use super::{GivesUp, Goes, LISTENERS, Line, Listener, Peer, at, did, wait_until};
use crate::kernel;
use crate::op::Patience;

/// Bytes that one read can give.
const PIECE: usize = 64 << 10;

/// An error as it is recorded.
fn reason(error: &io::Error) -> String {
    format!("{:?}", error.kind())
}

impl Peer {
    pub(super) fn listens(&mut self, bind: impl FnOnce() -> io::Result<Listener>) -> Goes {
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
                if let Listener::Udp(socket) = &listener
                    && let Ok(socket) = socket.try_clone()
                {
                    at(|at| at.open = Some(socket.as_raw_fd()));
                    self.line = Some(Line::Udp(socket, None, false));
                }
                LISTENERS.with_mut(|all| all.push((self.number, listener)));
                self.common.listens[self.number].set(Some(address.clone()));
                kernel::announces(self.name, &address);
                did(Did::Acted);
                Ok(())
            }
            Err(error) => {
                did(Did::NotConnected(reason(&error)));
                Ok(())
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
        let stream = match address(&self.address(to)) {
            Some(to) => TcpStream::connect(to),
            None => Err(ErrorKind::InvalidInput.into()),
        };
        self.connected(stream.map(Line::Tcp))
    }

    pub(super) fn opens_udp(&mut self, to: &str) -> Goes {
        self.hangs_up();
        let to = address(&self.address(to)).ok_or(ErrorKind::InvalidInput.into());
        let opened = to.and_then(|to| {
            let any = match to {
                SocketAddr::V4(_) => "127.0.0.1:0",
                SocketAddr::V6(_) => "[::1]:0",
            };
            Ok(Line::Udp(UdpSocket::bind(any)?, Some(to), true))
        });
        self.connected(opened)
    }

    fn connected(&mut self, line: io::Result<Line>) -> Goes {
        match line {
            Ok(line) => {
                self.hangs_up();
                let open = match &line {
                    Line::Tcp(stream) => stream.as_raw_fd(),
                    Line::Udp(socket, ..) => socket.as_raw_fd(),
                };
                at(|at| at.open = Some(open));
                self.line = Some(line);
                did(Did::Connected);
                Ok(())
            }
            Err(error) => {
                did(Did::NotConnected(reason(&error)));
                Ok(())
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

    /// Sends all of it, at most this many bytes at a time.
    pub(super) fn sends(&mut self, bytes: &[u8], most: usize) -> Goes {
        let mut left = bytes;
        loop {
            let piece = &left[..left.len().min(most.max(1))];
            let sent = match &mut self.line {
                None => Err(ErrorKind::NotConnected.into()),
                Some(Line::Tcp(_)) if piece.is_empty() => return Ok(()),
                // A write that takes a part before it waits too long says so.
                Some(Line::Tcp(stream)) => stream
                    .set_write_timeout(Some(Duration::from_nanos(kernel::MINUTE)))
                    .and_then(|()| stream.write(piece)),
                Some(Line::Udp(socket, Some(to), _)) => socket.send_to(piece, *to),
                Some(Line::Udp(_, None, _)) => Err(ErrorKind::NotConnected.into()),
            };
            match sent {
                Ok(sent) => {
                    did(Did::Sent(Bytes::from(&piece[..sent])));
                    left = &left[sent..];
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Err(GivesUp),
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
        if self.line.is_none() {
            did(Did::Broken(reason(&ErrorKind::NotConnected.into())));
            return Ok(());
        }
        let rests = *until == Until::Rest;
        let mut sought = Sought::new(until);
        while !sought.is_found() {
            let is_tcp = matches!(self.line, Some(Line::Tcp(_)));
            match self.receives(&mut sought, rests, slowly) {
                Ok(bytes) if bytes.is_empty() && is_tcp => {
                    did(Did::End);
                    return Ok(());
                }
                Ok(bytes) => did(Did::Received(Bytes(bytes))),
                // Its time has come: nothing else goes on.
                Err(error) if rests && error.kind() == ErrorKind::WouldBlock => {
                    did(Did::Acted);
                    return Ok(());
                }
                Err(error) => {
                    did(Did::Broken(reason(&error)));
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Waits for something to come, and takes what is sought of it: the rest
    /// stays where it is. A datagram is received in full.
    fn receives(
        &mut self,
        sought: &mut Sought<'_>,
        rests: bool,
        slowly: bool,
    ) -> io::Result<Vec<u8>> {
        // Who rests goes on when it has waited long enough.
        let time = rests.then_some(Duration::from_nanos(kernel::MINUTE));
        let mut piece = vec![0; PIECE];
        kernel::waits(match rests {
            true => Patience::Resting,
            false => Patience::Waiting,
        });
        let there = match &mut self.line {
            None => Err(ErrorKind::NotConnected.into()),
            Some(Line::Tcp(stream)) => stream
                .set_read_timeout(time)
                .and_then(|()| stream.peek(&mut piece)),
            Some(Line::Udp(socket, to, given)) => socket.set_read_timeout(time).and_then(|()| {
                let (length, from) = socket.recv_from(&mut piece)?;
                if !*given {
                    // What it sends next goes back there.
                    *to = Some(from);
                }
                Ok(length)
            }),
        };
        kernel::waits(Patience::Waiting);
        let there = there?;
        let most = if slowly { 1 } else { PIECE };
        let wanted = sought.takes(&piece[..there.min(most)]);
        let length = match &mut self.line {
            // That it is there was seen in this step.
            Some(Line::Tcp(stream)) => kernel::unseen(|| stream.read(&mut piece[..wanted]))?,
            _ => there,
        };
        piece.truncate(length);
        Ok(piece)
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
        drop(self.line.take());
    }
}
