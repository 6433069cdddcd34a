//! The processes of an execution that has several: which there are, which of
//! them are to be started, and when all of it is over.
//!
//! Each program runs in static memory of its own, and the peers share one (see
//! [`crate::image`]). What processes know of each other beside the network
//! (what was printed and typed, who has ended) is in [`Common`], which lies in
//! the memory of the execution, where its threads share things.
//!
//! Time in such an execution: a peer waits *patiently*, that is, its time comes
//! only when nobody can run and no time of a program comes sooner. So that a
//! program that polls holds nobody up for ever, there is also an end to
//! patience that counts what goes on without any [`Progress`].

use std::collections::VecDeque;

use verdict::placeholder::{self, ADDRESS, NOBODY, OUT};
use verdict::script::Action;
use verdict::{Ending, Value, What, World};

use super::calls::stop;
use super::lane::{self, Lane};
use super::pick::pending;
use super::{Eager, Kernel, Run, Shared, Use, given, record, with};
use crate::arena::{self, Outside};
use crate::image::Image;
use crate::op::State;
use crate::sync::Cell;
use crate::{host, peer};

/// How long a peer waits, and how long programs go on when all peers are done:
/// virtual nanoseconds.
pub(crate) const MINUTE: u64 = 60_000_000_000;
/// Who rests does not wait for what comes later than this.
pub(super) const SOON: u64 = 10_000_000_000;
/// How often the time of a program's thread may come without progress: while
/// somebody rests, and while somebody waits.
pub(super) const ROUNDS_OF_REST: u64 = 64;
pub(super) const ROUNDS: u64 = 1_000;
/// Steps without progress after which those that go on are taken to do so for
/// ever.
pub(super) const STALLED: u64 = 4_096;
/// How many more of them there may be for each byte that was read at once,
/// beyond the first few.
const STEPS_FOR_A_BYTE: u64 = 256;
const FEW_BYTES: u64 = 64;
/// Bytes of a main thread's stack, as on Linux.
pub(super) const MAIN: usize = 8 << 20;
/// An address at which nobody listens: no program is given so low a port.
pub(super) const NOWHERE: &str = "127.0.0.1:9";
/// The folder that programs run in, as they see it.
pub(super) const FOLDER: &str = "/scratch";

/// The processes of an execution: the programs, then the peers.
pub(crate) struct Processes {
    pub(crate) all: Vec<Process>,
    /// How many of them are programs.
    programs: usize,
    /// Those that are to be started, and by whom.
    due: VecDeque<(usize, Option<usize>)>,
    pub(super) progress: Progress,
    /// Lies in the memory of the execution.
    common: *const Common,
    /// Where static memory is: each process has its own at these addresses.
    statics: Vec<(usize, usize)>,
    memories: Memories,
    main: &'static dyn Fn() -> i32,
}

/// A process of an execution.
pub(crate) struct Process {
    pub(crate) name: String,
    pub(crate) is_peer: bool,
    pub(crate) exit: Option<i32>,
    /// Its arguments, with addresses for names.
    pub(super) args: Vec<String>,
    started: bool,
    /// Whether it is to start as soon as its arguments are known.
    wanted: bool,
    /// Whether it is over.
    ended: bool,
    /// Threads that were ever started in it.
    pub(super) threads: u32,
}

/// When something was last recorded, or read that a peer had sent: who only
/// polls does neither.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Progress {
    pub(super) steps: u64,
    pub(super) clock: u64,
    /// How often the time of a program's thread has come since.
    pub(super) rounds: u64,
    /// The step until which there is work to do with what was read.
    pub(super) busy: u64,
}

/// What processes know of each other, beside the network.
pub(crate) struct Common {
    pub(crate) programs: Vec<Outward>,
    /// Where each peer listens.
    pub(crate) listens: Vec<Cell<Option<String>>>,
    /// What peers tell each other, by name.
    pub(crate) told: Vec<(String, Cell<bool>)>,
}

/// What is seen of a program from outside.
#[derive(Default)]
pub(crate) struct Outward {
    /// The address that it has announced.
    pub(crate) address: Cell<Option<String>>,
    /// What it has printed on standard output.
    pub(crate) printed: Cell<Vec<u8>>,
    /// What was typed on its standard input.
    pub(crate) typed: Cell<Vec<u8>>,
    /// Whether nothing more will be typed.
    pub(crate) hung_up: Cell<bool>,
    /// Whether it has begun to run, and whether it has ended.
    pub(crate) started: Cell<bool>,
    pub(crate) ended: Cell<bool>,
}

impl Common {
    fn of(world: &World) -> Common {
        let mut told: Vec<(String, Cell<bool>)> = Vec::new();
        for peer in &world.peers {
            for action in &peer.script.actions {
                let (Action::Tell(name) | Action::Await(name)) = action else {
                    continue;
                };
                if !told.iter().any(|(known, _)| known == name) {
                    told.push((name.clone(), Cell::new(false)));
                }
            }
        }
        Common {
            programs: world.programs.iter().map(|_| Outward::default()).collect(),
            listens: world.peers.iter().map(|_| Cell::new(None)).collect(),
            told,
        }
    }
}

impl Processes {
    /// The processes of a world with several. Must be called before anything
    /// of the execution runs, and after its memory was emptied.
    fn new(world: &World, fresh: &Image, main: &'static dyn Fn() -> i32) -> Processes {
        let programs = world.programs.iter().map(|program| Process {
            name: program.label.clone(),
            is_peer: false,
            exit: None,
            args: program.args.clone(),
            started: false,
            wanted: false,
            ended: false,
            threads: 0,
        });
        let peers = world.peers.iter().map(|peer| Process {
            name: peer.name.clone(),
            is_peer: true,
            exit: None,
            args: Vec::new(),
            started: false,
            wanted: false,
            ended: false,
            threads: 0,
        });
        // No thread runs: it is nobody's.
        arena::set_inside(true);
        let common = Box::leak(Box::new(Common::of(world)));
        arena::set_inside(false);
        let mut processes = Processes {
            all: programs.chain(peers).collect(),
            programs: world.programs.len(),
            due: VecDeque::new(),
            progress: Progress::default(),
            common,
            statics: fresh.ranges(),
            // The peers share one.
            memories: Memories {
                images: vec![fresh.clone(); world.programs.len() + 1],
                loaded: 0,
            },
            main,
        };
        // Who listens does so before anybody can ask; programs come before
        // those who talk to them, that this is the order where nobody is
        // preempted.
        let listens = |peer: &verdict::Peer| {
            let first = peer.script.actions.first();
            matches!(first, Some(Action::Listen | Action::ListenUdp))
        };
        for wanted in [true, false] {
            for (index, peer) in world.peers.iter().enumerate() {
                if listens(peer) == wanted {
                    processes.due.push_back((processes.programs + index, None));
                }
            }
            if wanted {
                for index in 0..processes.programs {
                    if !world.programs[index].waits {
                        processes.due.push_back((index, None));
                    }
                }
            }
        }
        processes
    }

    /// What the processes share.
    fn common(&self) -> &'static Common {
        // SAFETY: it was leaked in the memory of this execution, which is
        // emptied when nothing of it runs any more; nobody has a mutable
        // reference.
        unsafe { &*self.common }
    }

    /// Whether a peer still has something to do.
    fn has_peers(&self) -> bool {
        self.all[self.programs..].iter().any(|peer| !peer.ended)
    }

    /// The address that a name in braces stands for, or the folder; `None`
    /// where it is not known yet.
    pub(super) fn value(&self, name: &str) -> Option<String> {
        match name {
            NOBODY => return Some(NOWHERE.to_owned()),
            OUT => return Some(FOLDER.to_owned()),
            _ => {}
        }
        let index = self.all.iter().position(|process| process.name == name)?;
        let common = self.common();
        let known = match index.checked_sub(self.programs) {
            Some(peer) => &common.listens[peer],
            None => &common.programs[index].address,
        };
        known.look(Clone::clone)
    }

    /// Whether all that a program's arguments name, or the files that are
    /// given, is known. Other names in braces stand for themselves.
    fn is_ready(&self, process: usize, world: &World) -> bool {
        let known = world.placeholders();
        given::texts(world, process)
            .filter(|_| process < self.programs)
            .flat_map(placeholder::names)
            .filter(|name| known.contains(name))
            .all(|name| self.value(name).is_some())
    }
}

impl Run {
    /// The process that a thread belongs to; 0 where there is only one.
    pub(super) fn process_of(&self, thread: usize) -> usize {
        self.threads
            .get(thread)
            .map_or(0, |thread| thread.process as usize)
    }

    /// Whether a thread is a peer's.
    pub(super) fn is_peer(&self, thread: usize) -> bool {
        match &self.processes {
            None => false,
            Some(processes) => self.process_of(thread) >= processes.programs,
        }
    }

    /// Whether a process is to be started before anything else goes on.
    pub(super) fn is_due(&self) -> bool {
        self.processes
            .as_ref()
            .is_some_and(|processes| !processes.due.is_empty())
    }

    /// Something was recorded: whatever goes on does not do so in vain.
    pub(super) fn progresses(&mut self) {
        let (steps, clock) = (self.steps, self.clock);
        if let Some(processes) = &mut self.processes {
            let progress = &mut processes.progress;
            (progress.steps, progress.clock, progress.rounds) = (steps, clock, 0);
        }
    }

    /// Bytes of a peer were read, of which there are only so many: that is
    /// progress, and who has got much at once may have much to do with it.
    fn reads(&mut self, bytes: usize) {
        self.progresses();
        let more = (bytes as u64).saturating_sub(FEW_BYTES) * STEPS_FOR_A_BYTE;
        // Who only polls stalls long before it counts as endless.
        let until = self.steps + more.min(self.limits.steps / 8);
        if let Some(processes) = &mut self.processes {
            let busy = &mut processes.progress.busy;
            *busy = until.max(*busy);
        }
    }

    /// What stands for something of a process among the things that threads
    /// share: no address is so low, and no number of a thread so high.
    pub(super) fn thing_of(&self, process: usize, thing: Shared) -> usize {
        match &self.processes {
            None => thing as usize,
            Some(_) => 0x8_0000 + process * 0x10 + thing as usize,
        }
    }

    /// What stands for something at an address. Static memory is another one
    /// in each process, at the same addresses.
    pub(super) fn salted(&self, thread: usize, address: usize) -> usize {
        let Some(processes) = &self.processes else {
            return address;
        };
        let is_static = |(start, length): &(usize, usize)| address.wrapping_sub(*start) < *length;
        if !processes.statics.iter().any(is_static) {
            return address;
        }
        let memory = self.process_of(thread).min(processes.programs);
        // Addresses have fewer bits, and processes are few.
        address | (memory + 1) << 48
    }

    /// The end of a process: its threads are abandoned where they are.
    fn ends_process(&mut self, process: usize) {
        let current = self.current;
        for number in 0..self.threads.len() {
            let thread = &self.threads[number];
            if thread.process as usize == process && thread.alive {
                self.dies(number);
                if let Some(order) = &mut self.order {
                    order.uses(current, super::number_of(number), Use::ALONE);
                }
            }
        }
        let ends = self.thing_of(process, Shared::Ends);
        self.uses(current, ends, Use::ALONE);
        if let Some(processes) = &mut self.processes {
            processes.all[process].ended = true;
        }
    }

    /// Whether nothing is left to be done: every peer is done, and the programs
    /// have come to rest, or go on in vain. `soonest` is the next time that a
    /// program's thread waits for, where none can run.
    pub(super) fn is_over(&self, can_run: bool, soonest: Option<u64>) -> bool {
        let Some(processes) = &self.processes else {
            return false;
        };
        if processes.has_peers() {
            return false;
        }
        let progress = processes.progress;
        let later = progress.clock.saturating_add(MINUTE);
        let rests = !can_run
            && (soonest.is_none_or(|soonest| soonest > later) || progress.rounds >= ROUNDS);
        rests || self.is_stalled()
    }

    /// Whether those that could run have done so for long and in vain.
    pub(super) fn is_stalled(&self) -> bool {
        self.processes.as_ref().is_some_and(|processes| {
            let since = processes.progress.steps.max(processes.progress.busy);
            self.steps >= since + STALLED
        })
    }

    /// How an execution of several processes ends in which nobody can go on,
    /// or nobody needs to.
    pub(super) fn over(&mut self) -> Ending {
        let waits = self.waits();
        let Some(processes) = &self.processes else {
            return Ending::Deadlock { waits };
        };
        let programs = &processes.all[..processes.programs];
        let ended = programs.iter().any(|program| program.ended);
        let no_peers = processes.all.len() == processes.programs;
        // Programs among themselves that all wait wait for each other.
        match no_peers && !ended && !waits.is_empty() {
            true => Ending::Deadlock { waits },
            false => Ending::Over { waits },
        }
    }
}

/// Bytes that a peer had sent were read from a connection.
pub(crate) fn reads(bytes: usize) {
    with(|kernel| kernel.run.reads(bytes));
}

/// The static memory of processes that do not run now.
struct Memories {
    images: Vec<Image>,
    loaded: usize,
}

impl Memories {
    /// Makes this the memory that is in its place.
    ///
    /// # Safety
    /// As for [`Image::restore`]: the code that runs must be the simulation's
    /// own, outside of the execution.
    unsafe fn load(&mut self, memory: usize) {
        if self.loaded == memory {
            return;
        }
        self.images[self.loaded].save();
        // SAFETY: the caller's promise; what processes share is not static.
        unsafe { self.images[memory].restore() };
        self.loaded = memory;
    }
}

impl Processes {
    /// Which static memory a process has: peers share one.
    fn memory_of(&self, process: usize) -> usize {
        process.min(self.programs)
    }
}

impl Run {
    /// Whether the memory of a thread's process is in its place.
    fn is_loaded(&self, thread: usize) -> bool {
        let Some(processes) = &self.processes else {
            return true;
        };
        processes.memory_of(self.process_of(thread)) == processes.memories.loaded
    }

    /// Whether the announced step of a thread can be taken; and whether without
    /// a reason, where that is known. What is in the memory of a process that
    /// does not run stays as it was when it ran.
    pub(super) fn state_of(&self, thread: usize) -> (State, Option<bool>) {
        let of = &self.threads[thread];
        let op = pending(of.pending);
        match of.state {
            Some((state, may_wake)) if !op.shared && !self.is_loaded(thread) => {
                (state, Some(may_wake))
            }
            _ => (op.state(), None),
        }
    }

    /// Puts the memory of a thread's process in its place.
    pub(super) fn load_memory_of(&mut self, thread: usize) {
        if self.is_loaded(thread) {
            return;
        }
        for number in 0..self.threads.len() {
            let of = &self.threads[number];
            if of.alive && !of.pending.is_null() && self.is_loaded(number) {
                let op = pending(of.pending);
                self.threads[number].state = Some((op.state(), op.may_wake_spuriously()));
            }
        }
        self.exchange_memory(self.process_of(thread));
    }

    /// Puts the memory of a process in its place.
    fn exchange_memory(&mut self, process: usize) {
        if let Some(processes) = &mut self.processes {
            let memory = processes.memory_of(process);
            // SAFETY: called where no thread runs, or for what is the
            // simulation's own, outside of the execution.
            unsafe { processes.memories.load(memory) };
        }
    }
}

impl Kernel {
    /// Makes the processes of an execution ready, if it has several.
    pub(super) fn begin_processes(&mut self, fresh: &Image, main: &'static dyn Fn() -> i32) {
        let world = &self.plan.world;
        if world.is_alone() {
            return;
        }
        self.run.processes = Some(Processes::new(world, fresh, main));
    }

    /// Starts the next process that is to be started, and gives its thread;
    /// `None` when all were.
    pub(super) fn next_process(&mut self) -> Option<usize> {
        let world = &self.plan.world;
        let (process, by) = loop {
            let processes = self.run.processes.as_mut()?;
            let (process, by) = processes.due.pop_front()?;
            if processes.all[process].started {
                continue;
            }
            if processes.is_ready(process, world) {
                break (process, by);
            }
            // It comes again with the address that it waits for.
            processes.all[process].wanted = true;
        };
        if process < world.programs.len() {
            self.give_files();
        }
        let processes = self.run.processes.as_mut()?;
        processes.all[process].started = true;
        let args = std::mem::take(&mut processes.all[process].args);
        let filled = args
            .iter()
            .map(|arg| placeholder::filled(arg, |name| processes.value(name)))
            .collect();
        processes.all[process].args = filled;
        let main = processes.main;
        let (body, stack): (Box<dyn FnOnce()>, _) = match process.checked_sub(processes.programs) {
            None => {
                let started = &processes.common().programs[process].started;
                started.set(true);
                if let (Some(by), Some(order)) = (by, &mut self.run.order) {
                    order.uses(by, started.as_ptr().addr(), Use::ALONE);
                }
                (Box::new(move || super::run_main(main)), MAIN)
            }
            Some(peer) => (Box::new(move || peer::run(peer)), 0),
        };
        let lane = Lane::of_process(process, processes.all.len());
        let stack = self.stacks.take_for_process(lane.number(), stack);
        let number = self.run.threads.len();
        let before = self.run.current;
        self.add_thread(
            super::Started {
                name: None,
                spawned: None,
                eager: Some(Eager::Begin(before)),
                after: by,
                process,
                id: lane::FIRST_ID,
                lane,
            },
            stack,
            body,
        );
        Some(number)
    }
}

/// What the processes of this execution share, where there are several.
pub(crate) fn common() -> Option<&'static Common> {
    with(|kernel| kernel.run.processes.as_ref().map(Processes::common)).flatten()
}

/// What is seen from outside of the program that runs.
pub(crate) fn outward() -> Option<&'static Outward> {
    let process = process();
    common()?.programs.get(process)
}

/// Which process the running thread belongs to.
pub(crate) fn process() -> usize {
    with(|kernel| kernel.run.process_of(kernel.run.current)).unwrap_or(0)
}

/// The number of a thread within its process.
pub(crate) fn number_in_process(thread: u32) -> u32 {
    with(|kernel| {
        let thread = kernel.run.threads.get(thread as usize);
        thread.map_or(0, |thread| thread.local)
    })
    .unwrap_or(thread)
}

/// The number of the first thread of the running process.
pub(crate) fn main_thread() -> u32 {
    with(|kernel| {
        let process = kernel.run.process_of(kernel.run.current) as u32;
        let mut threads = kernel.run.threads.iter();
        threads.position(|thread| thread.process == process)
    })
    .flatten()
    .map_or(0, |number| number as u32)
}

/// Whether the running thread is a peer: what it reads and writes is never
/// split.
pub(crate) fn is_peer() -> bool {
    with(|kernel| kernel.run.is_peer(kernel.run.current)).unwrap_or(false)
}

/// The number of the process that the scenario calls so.
pub(crate) fn process_called(name: &str) -> Option<usize> {
    with(|kernel| {
        let processes = kernel.run.processes.as_ref()?;
        processes
            .all
            .iter()
            .position(|process| process.name == name)
    })
    .flatten()
}

/// Starts a program that has not been started yet.
pub(crate) fn start(process: usize) {
    with(|kernel| {
        let current = kernel.run.current;
        if let Some(processes) = &mut kernel.run.processes {
            processes.due.push_back((process, Some(current)));
        }
    });
}

/// Tells of an address that has become known, and starts the programs that
/// wait for one.
pub(crate) fn announces(name: &str, address: &str) {
    record(What::Mark {
        name: ADDRESS.to_owned(),
        value: vec![Value::from(name), Value::from(address)].into(),
    });
    with(|kernel| {
        let current = kernel.run.current;
        let world = &kernel.plan.world;
        let Some(processes) = &mut kernel.run.processes else {
            return;
        };
        for index in 0..world.programs.len() {
            let names = |text: &str| placeholder::names(text).any(|other| other == name);
            let of = &processes.all[index];
            if of.wanted && !of.started && given::texts(world, index).any(names) {
                processes.due.push_back((index, Some(current)));
            }
        }
    });
}

/// A program prints on standard output: peers may watch it, and it may tell
/// its address.
pub(super) fn printed(text: &str) {
    let Some(outward) = outward() else { return };
    let announced = outward.address.look(Option::is_some);
    let all = outward.printed.with_mut(|printed| {
        printed.extend_from_slice(text.as_bytes());
        (!announced).then(|| String::from_utf8_lossy(printed).into_owned())
    });
    let Some(all) = all else { return };
    let process = process();
    let wanted = with(|kernel| {
        let program = kernel.plan.world.programs.get(process)?;
        let announces = program.announces.clone()?;
        Some((program.label.clone(), announces))
    });
    let Some((label, prefix)) = wanted.flatten() else {
        return;
    };
    let mut lines = all
        .split_inclusive('\n')
        .filter_map(|line| line.strip_suffix('\n')?.strip_prefix(prefix.as_str()));
    if let Some(address) = lines.next() {
        let address = placeholder::announced(address);
        outward.address.set(Some(address.clone()));
        announces(&label, &address);
    }
}

/// The end of the running thread's process, by itself.
pub(super) fn exit_process(code: i32) -> ! {
    let process = process();
    host::close_all();
    if let Some(outward) = outward() {
        outward.ended.set(true);
    }
    record(What::Exited {
        process: process as u32,
        code: Some(code),
    });
    stop(|run| {
        if let Some(processes) = &mut run.processes {
            processes.all[process].exit = Some(code);
        }
        run.ends_process(process);
        run.next_of(run.current)
    })
}

/// Ends a program at once, as the system would.
pub(crate) fn kill(process: usize) {
    let goes_on = with(|kernel| {
        let processes = kernel.run.processes.as_ref()?;
        let of = processes.all.get(process)?;
        Some(of.started && !of.ended)
    });
    if goes_on.flatten() != Some(true) {
        return;
    }
    let _outside = Outside::enter();
    // SAFETY: a simulated thread runs; each use of the kernel is a reference
    // of its own.
    let this = || unsafe { super::kernel() };
    let own = this().run.process_of(this().run.current);
    this().run.exchange_memory(process);
    arena::set_inside(true);
    arena::with_nobodys(host::close_all);
    arena::set_inside(false);
    this().run.exchange_memory(own);
    arena::set_inside(true);
    if let Some(common) = common() {
        common.programs[process].ended.set(true);
    }
    record(What::Exited {
        process: process as u32,
        code: None,
    });
    arena::set_inside(false);
    this().run.ends_process(process);
}

/// The end of the running thread, which is a peer's only one.
pub(crate) fn end_peer() -> ! {
    let process = process();
    stop(|run| {
        run.ends_process(process);
        run.next_of(run.current)
    })
}
