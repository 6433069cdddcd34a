//! Peers: those who talk to the programs of an execution, each a simulated
//! thread that carries out a script of the check.
//!
//! They use std's own types for sockets, whose system calls are simulated as
//! those of the programs are. All peers are one process: they share its
//! memory, so that one can accept from another's listener.
//!
//! A peer waits patiently: its time comes when nobody else can run and no time
//! of a program comes sooner. It waits for a minute of that time, or until the
//! times of the programs have come a thousand times, or 4,096 steps were
//! taken, and nothing was printed or reached a peer meanwhile: then what goes
//! on does so in vain, as a loop that polls. `rest` and `read rest` end as soon
//! as nobody can run, and no program (and no peer that sleeps) waits for a time
//! within the next ten seconds, or such times have come 64 times in vain.
//!
//! - `talk`: what a peer has a connection or a socket for.
//! - `control`: what it does to programs, and with other peers.

mod control;
mod talk;

use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::RawFd;
use std::time::Duration;

use verdict::script::{Action, Script};
use verdict::{Did, What};

use crate::kernel::{self, Common};
use crate::op::{Object, Op, Patience};
use crate::sync::Cell;
use crate::time::deadline;

/// The listeners of all peers.
static LISTENERS: Cell<Vec<(usize, Listener)>> = Cell::new(Vec::new());
/// What each peer is at, for the case that it gives up in the middle of it.
static AT: Cell<Vec<(usize, At)>> = Cell::new(Vec::new());

/// Where somebody can come to.
enum Listener {
    Tcp(TcpListener),
    Udp(UdpSocket),
}

/// What a peer is at.
#[derive(Clone, Copy, Default)]
struct At {
    line: u32,
    /// The descriptor of its connection.
    open: Option<RawFd>,
}

/// What a peer talks through.
enum Line {
    Tcp(TcpStream),
    /// A socket, and where it sends to.
    Udp(UdpSocket, Option<SocketAddr>),
}

/// A peer at work.
struct Peer {
    /// Which of the peers it is.
    number: usize,
    name: &'static str,
    common: &'static Common,
    line: Option<Line>,
    /// What was received and is not read yet.
    received: Vec<u8>,
    /// Whether the other side has ended the connection.
    is_over: bool,
    /// How much of each program's output it has watched.
    watched: Vec<usize>,
}

/// Why a script does not go on.
struct GivesUp;

type Goes = Result<(), GivesUp>;

/// Carries out the script of a peer.
pub(crate) fn run(number: usize) {
    let script = kernel::with(|kernel| {
        let peer = &kernel.plan.world.peers[number];
        (&raw const peer.script, &raw const *peer.name)
    });
    let Some((script, name)) = script else { return };
    // SAFETY: the plan is never changed while it is carried out, and outlives
    // the execution.
    let (script, name): (&'static Script, &'static str) = unsafe { (&*script, &*name) };
    let Some(common) = kernel::common() else {
        return;
    };
    let mut peer = Peer {
        number,
        name,
        common,
        line: None,
        received: Vec::new(),
        is_over: false,
        watched: vec![0; common.programs.len()],
    };
    for (line, action) in script.actions.iter().enumerate() {
        at(|at| at.line = line as u32);
        if peer.does(action).is_err() {
            give_up();
        }
    }
    did(Did::Done);
    peer.hangs_up();
    kernel::end_peer();
}

/// The running peer waits no longer for what its line waits for: it closes its
/// connection and does no more.
pub(crate) fn give_up() -> ! {
    did(Did::GaveUp);
    if let Some(open) = at(|at| at.open.take()) {
        // SAFETY: to close a descriptor has no preconditions; whoever owns it
        // never runs again.
        unsafe { libc::close(open) };
    }
    kernel::end_peer();
}

/// What the running peer is at.
fn at<R>(f: impl FnOnce(&mut At) -> R) -> R {
    let process = kernel::process();
    AT.apart(
        |all| match all.iter_mut().find(|(own, _)| *own == process) {
            Some((_, at)) => f(at),
            None => {
                all.push((process, At::default()));
                let last = all.len() - 1;
                f(&mut all[last].1)
            }
        },
    )
}

/// Records what the running peer did.
fn did(did: Did) {
    let (line, at) = (at(|at| at.line), kernel::now());
    kernel::record(What::Peer { line, at, did });
}

/// A step of the running peer on nothing that has a name.
fn step(call: &'static str, verb: &'static str) {
    kernel::step(&Op::new(call, verb, Object::NONE));
}

/// Waits, patiently, until this holds. Who waits too long gives up.
fn wait_until(call: &'static str, verb: &'static str, holds: &dyn Fn() -> bool) {
    kernel::step(&Op::new(call, verb, Object::NONE).when(holds));
}

impl Peer {
    fn does(&mut self, action: &Action) -> Goes {
        match action {
            Action::Listen => self.listens(|| TcpListener::bind("127.0.0.1:0").map(Listener::Tcp)),
            Action::ListenUdp => self.listens(|| UdpSocket::bind("127.0.0.1:0").map(Listener::Udp)),
            Action::Accept { from } => self.accepts(from.as_deref()),
            Action::Connect { to } => self.connects(to),
            Action::Udp { to } => self.opens_udp(to),
            Action::Unlisten => self.unlistens(),
            Action::Send(bytes) => self.sends(bytes, bytes.len()),
            Action::SendSlowly(bytes) => self.sends(bytes, 1),
            Action::Read { until, slowly } => self.reads(until, *slowly),
            Action::Shutdown => self.shuts_down(),
            Action::Close => self.closes(),
            Action::Reset => self.resets(),
            Action::Vanish => self.vanishes(),
            Action::Tell(name) => self.tells(name),
            Action::Await(name) => self.awaits(name),
            Action::Sleep(duration) => self.sleeps(*duration),
            Action::Rest => self.rests(),
            Action::Start(program) => self.starts(program),
            Action::Type { program, bytes } => self.types(program, bytes),
            Action::HangUp(program) => self.hangs_up_on(program),
            Action::Watch { program, bytes } => self.watches(program, bytes),
            Action::Exit(program) => self.awaits_exit(program),
            Action::Kill(program) => self.kills(program),
        }
    }

    fn sleeps(&self, duration: Duration) -> Goes {
        let never = || false;
        let op = Op::new("sleep", "sleeps", Object::NONE);
        kernel::step(
            &op.when(&never)
                .until(Some(deadline(duration)), None)
                .patient(Patience::Sleeping),
        );
        did(Did::Acted);
        Ok(())
    }

    fn rests(&self) -> Goes {
        let never = || false;
        let until = deadline(Duration::from_nanos(kernel::MINUTE));
        let op = Op::new("rest", "has rested", Object::NONE);
        kernel::step(
            &op.when(&never)
                .until(Some(until), None)
                .patient(Patience::Resting),
        );
        did(Did::Acted);
        Ok(())
    }
}
