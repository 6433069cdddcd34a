//! Executions of several processes: what each peer sent, received and saw, and
//! what each program printed and how it ended.
//!
//! ```no_run
//! use judge::world::{End, Seen};
//! use judge::{Execution, Fault, FindingKind, Judge, Lost, Question};
//!
//! fn one_line(question: &Question) -> Result<Box<dyn Judge>, Lost> {
//!     let world = question.world.clone();
//!     Ok(Box::new(move |execution: &Execution| {
//!         let seen = Seen::new(&world, execution);
//!         seen.sound()?;
//!         seen.nobody_gave_up()?;
//!         let ann = seen.peer("ann");
//!         match ann.received().as_slice() {
//!             b"hello\n" => Ok(()),
//!             _ => {
//!                 let message = format!("{}, and not \"hello\\n\"", ann.story());
//!                 Err(Fault::new(FindingKind::WrongAnswer, message))
//!             }
//!         }
//!     }))
//! }
//! ```
//!
//! The same judge sees executions of the simulation and of the real system.

mod peer;
mod program;
#[cfg(test)]
mod tests;

pub use peer::{Connection, Deed, End, Peer, Text};
pub use program::Program;

use verdict::record::Wait;
use verdict::{Did, Ending, Execution, FindingKind, World};

use crate::{Fault, deadlock, exited, no_panic};

/// An execution, with the world that it took place in.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    world: &'a World,
    execution: &'a Execution,
}

impl<'a> Seen<'a> {
    /// An execution of a world.
    pub fn new(world: &'a World, execution: &'a Execution) -> Seen<'a> {
        Seen { world, execution }
    }

    /// The execution.
    pub fn execution(&self) -> &'a Execution {
        self.execution
    }

    /// The world that it took place in.
    pub fn world(&self) -> &'a World {
        self.world
    }

    /// A peer's view of it.
    ///
    /// # Panics
    /// When the scenario has no peer of that name, which makes the judge be at
    /// a loss.
    pub fn peer(&self, name: &str) -> Peer<'a> {
        match self.peers().find(|peer| peer.name() == name) {
            Some(peer) => peer,
            None => panic!("the scenario has no peer `{name}`"),
        }
    }

    /// Every peer's view of it, in the order of the rubric.
    pub fn peers(&self) -> impl Iterator<Item = Peer<'a>> + use<'a> {
        let (execution, first) = (self.execution, self.world.programs.len());
        let peers = self.world.peers.iter().enumerate();
        peers.map(move |(index, peer)| Peer::new(peer, (first + index) as u32, execution))
    }

    /// What a program did.
    ///
    /// # Panics
    /// When the scenario has no program of that name, which makes the judge be
    /// at a loss.
    pub fn program(&self, name: &str) -> Program<'a> {
        match self.programs().find(|program| program.name() == name) {
            Some(program) => program,
            None => panic!("the scenario has no program `{name}`"),
        }
    }

    /// What each program did, in the order of the rubric.
    pub fn programs(&self) -> impl Iterator<Item = Program<'a>> + use<'a> {
        let execution = self.execution;
        let programs = self.world.programs.iter().zip(0..);
        programs.map(move |(program, number)| Program::new(program, number, execution))
    }

    /// The name of the process that a thread belongs to; empty where there is
    /// only one.
    pub fn process_of(&self, thread: u32) -> &'a str {
        let thread = self.execution.threads.get(thread as usize);
        let process = thread.map_or(0, |thread| thread.process);
        let process = self.execution.processes.get(process as usize);
        process.map_or("", |process| process.name.as_str())
    }

    /// The date at a time of the execution (that of a [`Deed`], say), in
    /// seconds since 1970-01-01 00:00 UTC, and the nanoseconds after them.
    pub fn date(&self, at: u64) -> (u64, u32) {
        const SECOND: u128 = 1_000_000_000;
        let nanos = self.execution.began + u128::from(at);
        let seconds = u64::try_from(nanos / SECOND).unwrap_or(u64::MAX);
        // A remainder of a thousand million fits.
        (seconds, (nanos % SECOND) as u32)
    }

    /// That the execution came to an end that is no fault by itself (that a
    /// program goes on and waits is none), and that no panic went uncaught.
    ///
    /// # Errors
    /// With the fault, which tells who and where.
    pub fn sound(&self) -> Result<(), Fault> {
        exited(self.execution)?;
        no_panic(self.execution)
    }

    /// That every peer got what it waited for.
    ///
    /// # Errors
    /// With the first peer that gave up, what it waited for, and what the
    /// programs' threads did meanwhile.
    pub fn nobody_gave_up(&self) -> Result<(), Fault> {
        let events = self.execution.events.iter();
        let first = events.filter_map(|event| match &event.what {
            verdict::What::Peer {
                did: Did::GaveUp, ..
            } => Some(event.thread),
            _ => None,
        });
        let first = first.map(|thread| self.process_of(thread)).next();
        let peer = first.and_then(|name| self.peers().find(|peer| peer.name() == name));
        match peer.and_then(|peer| self.gave_up(&peer)) {
            Some(fault) => Err(fault),
            None => Ok(()),
        }
    }

    /// That this peer gave up, as a fault; `None` where it did not.
    pub fn gave_up(&self, peer: &Peer<'_>) -> Option<Fault> {
        let line = peer.gave_up()?;
        let mut message = format!(
            "{} waited at line {} of its script (`{}`), and it never came",
            peer.name(),
            line + 1,
            peer.line(line),
        );
        let story = peer.story();
        if !story.is_empty() {
            message.push_str("; ");
            message.push_str(&story);
        }
        let waits = self.waiting();
        if !waits.is_empty() {
            message.push_str("; meanwhile ");
            message.push_str(&waits);
        }
        Some(Fault::new(FindingKind::NoAnswer, message))
    }

    /// What the threads of programs wait for at the end.
    pub fn waits(&self) -> &'a [Wait] {
        match &self.execution.ending {
            Ending::Over { waits } | Ending::Deadlock { waits } => waits,
            _ => &[],
        }
    }

    /// The same in words: `server T1 holds mutex 1 (taken at ...) and waits for
    /// ...; server waits for a connection ...`. Empty where no thread waits.
    pub fn waiting(&self) -> String {
        deadlock::waiting(self.execution, self.waits())
    }

    /// The same for one program's threads.
    pub fn waiting_in(&self, program: &str) -> String {
        let waits = self.waits().iter();
        let own = waits.filter(|wait| self.process_of(wait.thread) == program);
        let own: Vec<Wait> = own.cloned().collect();
        deadlock::waiting(self.execution, &own)
    }
}
