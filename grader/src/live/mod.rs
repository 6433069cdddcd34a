//! The real system: a scenario with the submission's programs as real processes,
//! compiled against the real std, and peers with real sockets on loopback.
//!
//! What comes of it is an execution like those of the simulation, for the same
//! judge, with these differences:
//!
//! - There is one of it, and no schedule that would give it again: the schedule
//!   is empty. No number of steps or of preemptions is known.
//! - `began` is the real date, whatever date the scenario has.
//! - A program has one thread in it, whichever of its threads did something.
//!   Panics are seen as what the runtime prints of them on standard error.
//! - What several processes did at the same time stands in the order in which
//!   it was heard of. What a program printed may stand after what came of it.
//! - It does not end by a deadlock. A peer that waits in vain gives up 20
//!   seconds after the last thing that happened anywhere, less the time in which a
//!   program or the grader wanted to run and did not get to: a machine that is
//!   loaded makes it wait longer, not give up sooner.
//! - `rest` and `read rest` wait until no thread of a program has run for a
//!   while, and nothing has happened. No right program can be found wrong by
//!   that; but one that sleeps is taken to be at rest, so a judge must not find
//!   fault with what had not come yet at a rest.
//!
//! Once all peers are done, the run goes on until the programs are that can be
//! expected to end: those that announce no address. One whose standard input has
//! ended is waited for as a peer would, another until it is at rest. All that
//! still run then are ended, and nothing is told of that. So where a judge asks
//! how a program ends, a peer should wait for its end (`exit PROGRAM`).

mod board;
mod folder;
mod peer;
mod program;
mod rest;
mod site;
mod turns;
mod watch;

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use sandbox::Neighbours;
use socket2::{Domain, SockAddr, Socket, Type};
use verdict::placeholder::{FILE, NOBODY, OUT};
use verdict::record::Thread;
use verdict::{Ending, Event, Execution, Limit, Process, What, World};

use crate::home::Home;
use crate::process::place_of;
use board::{Board, Patience, State};
use peer::Listeners;
use program::End;
use rest::{LOOK, Quiet};
use site::Serving;

/// Runs a scenario of a program that was built for the real system.
///
/// # Errors
/// When the run cannot be had: there is no loopback, a process cannot be
/// started. That says nothing about the program.
pub(crate) fn run(home: &Home, program: Called<'_>, world: &World) -> Result<Execution> {
    run_with(home, program, world, Patience::GENEROUS)
}

/// A program, and what it is told that it is called.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Called<'a> {
    /// Its file.
    pub(crate) file: &'a Path,
    /// Its name, as in the simulation.
    pub(crate) name: &'a str,
}

fn run_with(
    home: &Home,
    program: Called<'_>,
    world: &World,
    patience: Patience,
) -> Result<Execution> {
    let scratch = home.scratch()?;
    let folder = scratch.path();
    let board = Arc::new(Board::new(
        patience,
        world.programs.len(),
        world.peers.len(),
    ));
    let loopback = "cannot listen on 127.0.0.1, which the real system is run on";
    let neighbours = Neighbours::default();
    let (listeners, addresses) = Listeners::open(world, &neighbours).context(loopback)?;
    for (name, address) in addresses {
        let peers = &mut world.peers.iter();
        let peer = peers.position(|peer| peer.name == name);
        board.named(
            number(world.programs.len() + peer.unwrap_or_default()),
            &name,
            &address,
        );
    }
    let mut serving = Vec::new();
    for (site, index) in world
        .sites
        .iter()
        .zip(world.programs.len() + world.peers.len()..)
    {
        let listener = TcpListener::bind("127.0.0.1:0").context(loopback)?;
        neighbours.admit(&listener).context(loopback)?;
        let address = listener.local_addr().context(loopback)?.to_string();
        board.named(number(index), &site.name, &address);
        serving.push(Serving::begin(site, listener, &board, number(index))?);
    }
    // Held until the end, so that nobody else gets that port and listens there.
    let (_held, nobody) = closed_port().context(loopback)?;
    board.named(0, NOBODY, &nobody);
    let out = place_of(folder)
        .to_str()
        .context("the scratch folder's path is not Unicode")?;
    board.named(0, OUT, out);
    let names = board.state().names.clone();
    folder::give(folder, &world.given, |name| names.get(name).cloned())?;
    let given = folder::held(folder, &world.limits, folder::Held::default())?;

    let ends = processes(
        &board,
        program,
        folder,
        world,
        &listeners,
        &neighbours,
        given,
    )?;
    drop(serving);
    // Also where nobody asks for the files: they have limits.
    let left = folder::left(folder, &world.limits, given)?;
    let flooded = board.state().is_flooded().then_some((0, Limit::Output));
    let passed = board
        .state()
        .passed
        .or(flooded)
        .or(left.as_ref().err().map(|limit| (0, *limit)));
    if let (true, Ok(files)) = (world.files, left) {
        for value in files {
            let name = FILE.to_owned();
            board.happened(0, What::Mark { name, value });
        }
    }
    let events = std::mem::take(&mut board.state().events);
    Ok(told(world, &ends, passed, board.date(), events))
}

/// A port of the loopback where nobody listens, with what holds it.
fn closed_port() -> std::io::Result<(Socket, String)> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.bind(&SockAddr::from(SocketAddr::from(([127, 0, 0, 1], 0))))?;
    let address = socket.local_addr()?.as_socket();
    let address = address.ok_or_else(|| std::io::Error::other("a socket of TCP has no port"))?;
    Ok((socket, address.to_string()))
}

/// Processes are few.
fn number(index: usize) -> u32 {
    index as u32
}

/// Runs the programs and the peers to their ends.
fn processes(
    board: &Board,
    called: Called<'_>,
    folder: &Path,
    world: &World,
    listeners: &Listeners,
    neighbours: &Neighbours,
    given: folder::Held,
) -> Result<Vec<End>> {
    thread::scope(|scope| {
        let watching = scope.spawn(move || watch::watch(board, folder, world, given));
        let programs: Vec<_> = (0..)
            .zip(&world.programs)
            .map(|(number, program)| {
                let run = program::Run {
                    board,
                    number,
                    program,
                    called,
                    folder,
                    world,
                    neighbours,
                };
                scope.spawn(move || run.carry_out())
            })
            .collect();
        let first = number(world.programs.len());
        let peers: Vec<_> = (first..)
            .zip(&world.peers)
            .map(|(number, peer)| {
                let run = peer::Run::new(board, world, listeners, neighbours, peer, number);
                scope.spawn(move || run.carry_out())
            })
            .collect();
        // What peers have left alone stays until all is over.
        let kept: Vec<_> = peers
            .into_iter()
            .map(thread::ScopedJoinHandle::join)
            .collect();
        settles(board, world);
        let enders = board.change(|state| {
            state.over = true;
            let enders = state
                .programs
                .iter()
                .filter_map(|status| status.ender.clone());
            enders.collect::<Vec<_>>()
        });
        enders.iter().for_each(crate::process::Ender::stop);
        let mut ends = Vec::new();
        for program in programs {
            match program.join() {
                Ok(end) => ends.push(end?),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        match watching.join() {
            Ok(watched) => watched?,
            Err(panic) => std::panic::resume_unwind(panic),
        }
        for kept in kept {
            if kept.is_err() {
                bail!("a peer of the grader's panicked");
            }
        }
        if let Some(trouble) = board.state().trouble.take() {
            bail!("{trouble}");
        }
        Ok(ends)
    })
}

/// Waits for the programs that can be expected to end.
fn settles(board: &Board, world: &World) {
    let since = Instant::now();
    board.wait(|state| (!goes_on(state, world, false)).then_some(()));
    let mut quiet = Quiet::new(board);
    while goes_on(&board.state(), world, true) && !quiet.is_long_enough() {
        if board.left(since).is_none() {
            return;
        }
        thread::sleep(LOOK);
    }
}

/// Whether a program goes on that can be expected to end; `open` counts those
/// that still can be typed at.
fn goes_on(state: &State, world: &World, open: bool) -> bool {
    let mut programs = state.programs.iter().zip(&world.programs);
    programs.any(|(status, program)| {
        let started = status.wanted || !program.waits;
        let typed_at = program.open && !status.hung_up;
        let expected = program.announces.is_none() && (open || !typed_at);
        started && expected && !status.ended
    })
}

/// The execution of a run.
fn told(
    world: &World,
    ends: &[End],
    passed: Option<(u32, Limit)>,
    began: u128,
    mut events: Vec<Event>,
) -> Execution {
    let exit = |end: &End| match end {
        End::Exited(code) => Some(*code),
        _ => None,
    };
    let alone = world.is_alone();
    let processes = (0..)
        .zip(world.names())
        .map(|(number, name): (usize, _)| Process {
            name: name.to_owned(),
            peer: number >= world.programs.len(),
            exit: ends.get(number).and_then(exit),
        });
    let processes: Vec<Process> = processes.collect();
    let threads = (0..).zip(&processes).map(|(process, _)| Thread {
        name: None,
        spawned: None,
        process,
    });
    let threads = threads.collect();
    let too_much = |(thread, limit)| Ending::TooMuch {
        limit,
        what: world.limits.passed(limit),
        thread,
    };
    // Who is ended for one that passed a limit may have come to another end. What is
    // printed is bounded where it is read; here it is what was sent.
    let bad = passed.map(|(thread, limit)| match limit {
        Limit::Output => Ending::TooMuch {
            limit,
            what: format!("it sent more than {} MiB", board::MOST_TAKEN >> 20),
            thread,
        },
        _ => too_much((thread, limit)),
    });
    let bad = bad.or_else(|| of_the_ends(world, ends, too_much));
    let ending = match (bad, ends) {
        (Some(bad), _) => bad,
        (None, [End::Exited(code)]) if alone => Ending::Exited { code: *code },
        (None, _) if alone => Ending::TooMuch {
            limit: Limit::Wall,
            what: "it did not end, although nothing happened for 20 seconds".to_owned(),
            thread: 0,
        },
        (None, _) => Ending::Over { waits: Vec::new() },
    };
    if alone {
        events.retain(|event| !matches!(event.what, What::Exited { .. }));
    }
    Execution {
        schedule: String::new(),
        number: 0,
        preemptions: 0,
        began,
        ending,
        processes: if alone { Vec::new() } else { processes },
        threads,
        events,
    }
}

/// The first end that is none of the program's own.
fn of_the_ends(
    world: &World,
    ends: &[End],
    too_much: impl Fn((u32, Limit)) -> Ending,
) -> Option<Ending> {
    let alone = world.is_alone();
    (0..).zip(ends).find_map(|(thread, end)| match end {
        End::Limit(limit) => Some(too_much((thread, *limit))),
        End::Crashed(how) if alone => Some(Ending::Crashed {
            reason: format!("it {how}"),
        }),
        End::Crashed(how) => Some(Ending::Crashed {
            reason: format!("`{}` {how}", world.programs[thread as usize].label),
        }),
        End::Quiet | End::Exited(_) => None,
    })
}

#[cfg(test)]
mod tests;
