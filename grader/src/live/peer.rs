//! A peer at work: its script, carried out with real sockets.

mod socket;

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::net::{Shutdown, TcpListener, TcpStream, UdpSocket};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use sandbox::Neighbours;
use verdict::script::{self, Action, Sought, Until, find};
use verdict::{Bytes, Did, Peer, Program, World};

use super::board::{Board, State, Status};
use super::program::Typist;
use super::rest::{LOOK, Quiet};
use socket::{Got, Socket};

/// How often is looked whether somebody has come.
const KNOCK: Duration = Duration::from_millis(2);

/// Where peers listen, by their names. Several may accept from one.
#[derive(Debug, Default)]
pub(super) struct Listeners {
    open: BTreeMap<String, Mutex<Option<Listener>>>,
    /// Those that were closed, which keep their ports: another process that got
    /// one would answer in the place of nobody.
    closed: Mutex<Vec<Listener>>,
}

#[derive(Debug, Clone)]
enum Listener {
    Tcp(Arc<TcpListener>),
    Udp(Arc<UdpSocket>),
}

impl Listeners {
    /// Has every peer listen whose script begins with it, and gives their
    /// addresses. The programs of the run reach them.
    pub(super) fn open(
        world: &World,
        neighbours: &Neighbours,
    ) -> std::io::Result<(Listeners, Vec<(String, String)>)> {
        let mut listeners = Listeners::default();
        let mut addresses = Vec::new();
        for peer in &world.peers {
            let (listener, address) = match peer.script.actions.first() {
                Some(Action::Listen) => {
                    let listener = TcpListener::bind("127.0.0.1:0")?;
                    listener.set_nonblocking(true)?;
                    neighbours.admit(&listener)?;
                    let address = listener.local_addr()?;
                    (Listener::Tcp(Arc::new(listener)), address)
                }
                Some(Action::ListenUdp) => {
                    let socket = UdpSocket::bind("127.0.0.1:0")?;
                    neighbours.admit(&socket)?;
                    let address = socket.local_addr()?;
                    (Listener::Udp(Arc::new(socket)), address)
                }
                _ => continue,
            };
            addresses.push((peer.name.clone(), address.to_string()));
            let listener = Mutex::new(Some(listener));
            listeners.open.insert(peer.name.clone(), listener);
        }
        Ok((listeners, addresses))
    }

    fn get(&self, name: &str) -> Option<Listener> {
        let listener = self.open.get(name)?;
        let listener = listener.lock().unwrap_or_else(PoisonError::into_inner);
        listener.clone()
    }

    /// Has nobody listen there any more. Who has connected and was not accepted
    /// is reset.
    fn close(&self, name: &str) {
        let Some(listener) = self.open.get(name) else {
            return;
        };
        let listener = listener
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(listener) = listener else { return };
        if let Listener::Tcp(tcp) = &listener {
            // A process that is just being started may have a copy of the
            // descriptor for a moment, so that closing ours would close nothing.
            // A listener can always be shut down.
            let _ = socket2::SockRef::from(&**tcp).shutdown(Shutdown::Both);
        }
        let mut closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        closed.push(listener);
    }
}

/// How an action went.
enum Went {
    /// On to the next one.
    On,
    /// What it waits for does not come.
    GaveUp,
}

/// A peer of a run.
pub(super) struct Run<'a> {
    board: &'a Board,
    world: &'a World,
    listeners: &'a Listeners,
    neighbours: &'a Neighbours,
    peer: &'a Peer,
    /// The number of its process and of its thread.
    number: u32,
    /// The line of its script.
    line: u32,
    socket: Option<Socket>,
    /// Connections that are kept and left alone.
    left_alone: Vec<Socket>,
    /// How much of each program's output it has watched.
    watched: BTreeMap<&'a str, usize>,
}

impl<'a> Run<'a> {
    /// A peer, the number of its process, where all of them listen, and whom the
    /// programs reach.
    pub(super) fn new(
        board: &'a Board,
        world: &'a World,
        listeners: &'a Listeners,
        neighbours: &'a Neighbours,
        peer: &'a Peer,
        number: u32,
    ) -> Run<'a> {
        Run {
            board,
            world,
            listeners,
            neighbours,
            peer,
            number,
            line: 0,
            socket: None,
            left_alone: Vec::new(),
            watched: BTreeMap::new(),
        }
    }

    /// Carries out the script, and gives the connections that it still has: they
    /// stay until all is over.
    pub(super) fn carry_out(mut self) -> Vec<Socket> {
        let peer = self.peer;
        for (line, action) in (0..).zip(&peer.script.actions) {
            self.line = line;
            if let Went::GaveUp = self.does(action) {
                self.did(Did::GaveUp);
                self.socket = None;
                self.over();
                return self.left_alone;
            }
        }
        self.did(Did::Done);
        self.over();
        self.left_alone.extend(self.socket);
        self.left_alone
    }

    fn over(&self) {
        self.board.change(|state| state.peers -= 1);
    }

    fn did(&self, did: Did) {
        self.board.did(self.number, self.line, did);
    }

    fn acted(&self) -> Went {
        self.did(Did::Acted);
        Went::On
    }

    fn does(&mut self, action: &'a Action) -> Went {
        match action {
            Action::Listen => self.acted(),
            Action::ListenUdp => {
                if let Some(Listener::Udp(socket)) = self.listeners.get(&self.peer.name) {
                    self.socket = Some(Socket::udp(socket, None));
                }
                self.acted()
            }
            Action::Accept { from } => self.accepts(from.as_deref().unwrap_or(&self.peer.name)),
            Action::Connect { to } => self.connects(to),
            Action::Udp { to } => self.opens_udp(to),
            Action::Unlisten => {
                self.listeners.close(&self.peer.name);
                self.closed("unlisten")
            }
            Action::Send(bytes) => self.sends(bytes, bytes.len().max(1)),
            Action::SendSlowly(bytes) => self.sends(bytes, 1),
            Action::Read { until, slowly } => self.reads(until, *slowly),
            Action::Shutdown => {
                if let Some(socket) = &self.socket {
                    socket.shut_down();
                }
                self.closed("shutdown")
            }
            Action::Close => {
                self.socket = None;
                self.closed("close")
            }
            Action::Reset => {
                if let Some(socket) = self.socket.take() {
                    socket.reset();
                }
                self.closed("reset")
            }
            Action::Vanish => {
                self.left_alone.extend(self.socket.take());
                self.closed("vanish")
            }
            Action::Tell(what) => {
                self.board.change(|state| state.told.insert(what.clone()));
                self.acted()
            }
            Action::Await(what) => self.waits(|state| state.told.contains(what).then_some(())),
            Action::Sleep(time) => {
                self.board.change(|state| state.asleep += 1);
                thread::sleep(*time);
                self.board.change(|state| state.asleep -= 1);
                self.acted()
            }
            Action::Rest => self.rests(),
            Action::Start(program) => {
                self.change(program, |status| status.wanted = true);
                self.acted()
            }
            Action::Type { program, bytes } => self.types(program, |typist, _| typist.types(bytes)),
            Action::HangUp(program) => self.types(program, |typist, hung_up| {
                typist.hangs_up();
                *hung_up = true;
            }),
            Action::Watch { program, bytes } => self.watches(program, bytes),
            Action::Exit(program) => {
                let index = self.index(program);
                self.waits(|state| state.programs.get(index?)?.ended.then_some(()))
            }
            Action::Kill(program) => self.kills(program),
        }
    }

    fn closed(&self, how: &str) -> Went {
        self.did(Did::Closed(how.to_owned()));
        Went::On
    }

    fn index(&self, program: &str) -> Option<usize> {
        let programs = &mut self.world.programs.iter();
        programs.position(|other: &Program| other.label == program)
    }

    fn change(&self, program: &str, change: impl FnOnce(&mut Status)) {
        if let Some(index) = self.index(program) {
            self.board
                .change(|state| change(&mut state.programs[index]));
        }
    }

    /// Waits until a program has started, and types at it. One that has ended
    /// never reads that.
    fn types(&self, program: &str, types: impl Fn(&Typist, &mut bool)) -> Went {
        let index = self.index(program);
        self.waits(|state| {
            let status = state.programs.get_mut(index?)?;
            if let (Some(_), Some(typist)) = (&status.ender, &status.typist) {
                types(typist, &mut status.hung_up);
            }
            (status.ended || status.ender.is_some()).then_some(())
        })
    }

    /// Ends a program. What comes next comes after its end.
    fn kills(&self, program: &str) -> Went {
        let index = self.index(program);
        let ender = self.board.wait(|state| {
            let status = state.programs.get_mut(index?)?;
            status.killed = true;
            (status.ended || status.ender.is_some()).then(|| status.ender.clone())
        });
        let Some(ender) = ender else {
            return Went::GaveUp;
        };
        self.did(Did::Acted);
        if let Some(ender) = ender {
            ender.stop();
        }
        let ended = |state: &mut State| state.programs.get(index?)?.ended.then_some(());
        match self.board.wait(ended) {
            Some(()) => Went::On,
            None => Went::GaveUp,
        }
    }

    /// Waits until something is so.
    fn waits(&self, look: impl FnMut(&mut State) -> Option<()>) -> Went {
        match self.board.wait(look) {
            Some(()) => self.acted(),
            None => Went::GaveUp,
        }
    }

    fn watches(&mut self, program: &'a str, bytes: &[u8]) -> Went {
        let Some(index) = self.index(program) else {
            return Went::GaveUp;
        };
        let from = self.watched.get(program).copied().unwrap_or_default();
        let found = self.board.wait(|state| {
            let status = &state.programs[index];
            let found = find(&status.stdout[from..], bytes);
            match found {
                Some(at) => Some(Some(from + at + bytes.len())),
                // It prints no more.
                None => status.ended.then_some(None),
            }
        });
        match found.flatten() {
            Some(end) => {
                self.watched.insert(program, end);
                self.acted()
            }
            None => Went::GaveUp,
        }
    }

    fn rests(&self) -> Went {
        let since = Instant::now();
        let mut quiet = Quiet::new(self.board);
        while !quiet.is_long_enough() {
            if self.board.left(since).is_none() {
                return Went::GaveUp;
            }
            thread::sleep(LOOK);
        }
        self.acted()
    }

    fn accepts(&mut self, from: &str) -> Went {
        let since = Instant::now();
        loop {
            let Some(Listener::Tcp(listener)) = self.listeners.get(from) else {
                return self.not_connected(&ErrorKind::NotConnected.into());
            };
            match listener.accept() {
                Ok((stream, _)) => return self.connected(stream),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    if self.board.left(since).is_none() {
                        return Went::GaveUp;
                    }
                    thread::sleep(KNOCK);
                }
                Err(error) => return self.not_connected(&error),
            }
        }
    }

    fn connected(&mut self, stream: TcpStream) -> Went {
        match Socket::tcp(stream) {
            Ok(socket) => {
                self.socket = Some(socket);
                self.did(Did::Connected);
                Went::On
            }
            Err(error) => self.not_connected(&error),
        }
    }

    fn not_connected(&self, error: &std::io::Error) -> Went {
        self.did(Did::NotConnected(format!("{:?}", error.kind())));
        Went::On
    }

    /// The address that a name means; `None` where it never comes to be known.
    fn address(&self, to: &str) -> Option<String> {
        match self.world.placeholders().contains(&to) {
            true => self.board.address(to, &self.world.programs),
            false => Some(to.to_owned()),
        }
    }

    fn connects(&mut self, to: &str) -> Went {
        self.socket = None;
        let Some(address) = self.address(to) else {
            return Went::GaveUp;
        };
        let patience = self.board.patience().wait;
        // A program may tell any address, and is not reached by those of others.
        let stream = match script::address(&address) {
            None => Err(ErrorKind::InvalidInput.into()),
            Some(to) => match known(self.board, self.neighbours.are_connected_to(to)) {
                true => TcpStream::connect_timeout(&to, patience),
                false => Err(ErrorKind::ConnectionRefused.into()),
            },
        };
        match stream {
            Ok(stream) => self.connected(stream),
            Err(error) => self.not_connected(&error),
        }
    }

    fn opens_udp(&mut self, to: &str) -> Went {
        self.socket = None;
        let Some(address) = self.address(to) else {
            return Went::GaveUp;
        };
        let Some(to) = script::address(&address) else {
            return self.not_connected(&ErrorKind::InvalidInput.into());
        };
        let socket = UdpSocket::bind("127.0.0.1:0").and_then(|socket| {
            // It is answered.
            self.neighbours.admit(&socket)?;
            Ok(socket)
        });
        match socket {
            Ok(socket) => {
                self.socket = Some(Socket::udp(Arc::new(socket), Some(to)));
                self.did(Did::Connected);
                Went::On
            }
            Err(error) => self.not_connected(&error),
        }
    }

    fn sends(&mut self, bytes: &[u8], most: usize) -> Went {
        if self.socket.is_none() {
            self.did(Did::NotSent("NotConnected".to_owned()));
            return Went::On;
        }
        let mut rest = bytes;
        let mut since = Instant::now();
        loop {
            let (Some(socket), Some(left)) = (&mut self.socket, self.board.left(since)) else {
                return Went::GaveUp;
            };
            let piece = &rest[..rest.len().min(most)];
            let sent = match socket.sends_to() {
                // Who sends a datagram is not told that nobody is there.
                Some(to) if !known(self.board, self.neighbours.are_sent_to(to)) => {
                    Ok(Some(piece.len()))
                }
                _ => socket.send(piece, left),
            };
            if self.board.left(since).is_none() {
                return Went::GaveUp;
            }
            match sent {
                Ok(Some(length)) => {
                    self.did(Did::Sent(Bytes(piece[..length].to_vec())));
                    rest = &rest[length..];
                    since = Instant::now();
                    if rest.is_empty() {
                        return Went::On;
                    }
                }
                // Not yet: looks at how long there is still to wait.
                Ok(None) => {}
                Err(error) => {
                    self.did(Did::NotSent(format!("{:?}", error.kind())));
                    return Went::On;
                }
            }
        }
    }

    fn reads(&mut self, until: &Until, slowly: bool) -> Went {
        if self.socket.is_none() {
            self.did(Did::Broken("NotConnected".to_owned()));
            return Went::On;
        }
        let rests = *until == Until::Rest;
        let mut sought = Sought::new(until);
        let mut quiet = Quiet::new(self.board);
        let mut since = Instant::now();
        while !sought.is_found() {
            let (Some(socket), Some(left)) = (&mut self.socket, self.board.left(since)) else {
                return Went::GaveUp;
            };
            let got = socket.receive(if rests { LOOK } else { left }, |bytes| match slowly {
                true => sought.takes(&bytes[..bytes.len().min(1)]),
                false => sought.takes(bytes),
            });
            // What came only after that was too late.
            if self.board.left(since).is_none() {
                return Went::GaveUp;
            }
            match got {
                Ok(Got::Bytes(bytes)) => {
                    self.did(Did::Received(Bytes(bytes)));
                    since = Instant::now();
                }
                Ok(Got::End) => {
                    self.did(Did::End);
                    return Went::On;
                }
                Ok(Got::Nothing) if rests && quiet.is_long_enough() => return self.acted(),
                Ok(Got::Nothing) => {}
                Err(error) => {
                    self.did(Did::Broken(format!("{:?}", error.kind())));
                    return Went::On;
                }
            }
        }
        Went::On
    }
}

/// Whether an address is a program's of the run, if that could be found out. If not, it is
/// the grader's trouble, and no answer.
fn known(board: &Board, found: std::io::Result<bool>) -> bool {
    found.unwrap_or_else(|error| {
        let trouble = format!("cannot find out whose an address is: {error}");
        board.change(|state| state.trouble = Some(trouble));
        false
    })
}
