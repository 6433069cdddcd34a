//! One execution: threads that take turns on one thread of the system.
//!
//! Each simulated thread has a stack of its own (a coroutine). It runs until
//! it announces a step ([`step`]); then the kernel picks the thread whose step
//! is taken next. Between two steps a thread is alone in the world: so what it
//! does there, the effect of its step included, is atomic.
//!
//! The kernel knows threads, steps, time and choices. What a lock or a channel
//! is, it does not know.

mod calls;
mod ending;
mod given;
mod known;
mod lane;
mod memory;
mod order;
mod own;
mod pick;
mod stack;
mod told;
mod trace;
mod value;
mod words;
mod world;

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::sync::atomic::{AtomicPtr, Ordering};

use corosensei::{Coroutine, CoroutineResult, Yielder};
use verdict::{Did, Ending, Event, Place, Plan, Search, What};

use crate::arena::{self, Outside};
use crate::choice::{Chooser, Grain, Point, Site};
use crate::image::Image;
use crate::net::Network;
use crate::op::{Kind, Object, Op, Patience, State, Woken};
pub(crate) use calls::{
    abandon, exit, fails_weakly, is_simulated, not_simulated, reserve, spawn, too_much, unseen,
    unsupported, waits,
};
pub use calls::{choose, step};
pub use known::current;
pub(crate) use known::{
    alive, bit, comes_before, epoch, has_emptied, is_watched, is_world, lane_number,
    lanes_are_short, last_step, limits, limits_of_the_plan, look_at_clock, looks_at_locks,
    looks_at_sockets, lowers, may_still_run, memory_is_used_up, next_id, next_number,
    not_seen_ended, now, own_share, releases_are_steps, see_end, sockets_are_steps, stack_end,
    steps, unwatched, uses, watch,
};
use lane::{Lane, Undivided};
pub(crate) use memory::Memory;
use order::Order;
pub(crate) use order::{Shared, Use};
use own::Own;
use stack::{Stack, Stacks};
pub(crate) use told::{
    is_panicking, number_for_timeline, record, stops_unwinding, tell_caught, tell_panic, unwinds,
    value_with_name,
};
pub use told::{row, value};
use trace::{Action, Trace};
pub use value::Value;
use world::Processes;
pub(crate) use world::{
    Common, MINUTE, Outward, announces, common, end_peer, is_peer, kill, main_thread,
    number_in_process, outward, process, process_called, reads, start,
};

/// In how many writes an execution may print what it may print: more than the
/// longest output of an honest program (the numbers up to a million), and so few
/// that the record of a replay, where the text stands twice and every write has a
/// few hundred bytes around it, is a line that the grader takes.
const MOST_WRITES: usize = 1_200_000;
/// Seconds since 1970 at which an execution begins where its scenario does not
/// say otherwise: 2025-01-01 12:00.
const EPOCH: u64 = 1_735_732_800;

type Fiber = Coroutine<(), (), (), Stack>;

/// The kernel of this process, once there is one. It lives on the system's
/// heap, out of reach of [`crate::image`].
static KERNEL: AtomicPtr<Kernel> = AtomicPtr::new(std::ptr::null_mut());

pub(crate) struct Kernel {
    pub(crate) plan: Plan,
    /// What is a step of its own.
    pub(crate) grain: Grain,
    /// What must become one: releases, where the submission was seen to look at a
    /// lock without waiting for it.
    pub(crate) wanted: Grain,
    /// What every execution of the plan tells first.
    settled: Vec<Event>,
    stacks: Stacks,
    pub(crate) run: Run,
}

/// The state of an execution.
pub(crate) struct Run {
    pub(crate) threads: Vec<Thread>,
    /// Its processes, where it has several.
    pub(crate) processes: Option<Processes>,
    /// Whether a time may come while somebody can run.
    late: bool,
    /// Whether this execution has found its folders empty.
    pub(crate) emptied: bool,
    /// Whether the files that a scenario gives were written.
    given: bool,
    /// The date at its beginning, where that is of interest.
    pub(crate) began: u128,
    /// How many threads of each process are alive.
    living: Vec<u64>,
    /// The lanes of threads whose spawners have none left.
    undivided: Undivided,
    pub(crate) current: usize,
    pub(crate) events: Vec<Event>,
    pub(crate) ending: Option<Ending>,
    pub(crate) choices: Vec<u8>,
    pub(crate) points: Vec<Point>,
    /// What was about to be done at each of them.
    pub(crate) sites: Vec<Site>,
    pub(crate) deviations: u32,
    pub(crate) steps: u64,
    /// Bytes that were printed, and in how many writes.
    printed: (usize, usize),
    /// Files and folders that were made and not removed.
    pub(crate) files: u64,
    /// Bytes that were written to files.
    pub(crate) written: u64,
    /// The numbers that they are said to have.
    pub(crate) numbers: crate::host::Numbers,
    /// Virtual nanoseconds since the execution began.
    pub(crate) clock: u64,
    /// A choice did not fit the choice point: the schedule is of another program.
    pub(crate) misfit: bool,
    limits: Search,
    chooser: Box<dyn Chooser>,
    held_up: Option<pick::HeldUp>,
    next: Next,
    /// Steps that the current thread took in a row.
    burst: u32,
    /// After how many of them it lets others run.
    quantum: u32,
    /// For how many more of them it does not offer to let others run.
    persists: u32,
    /// Steps that were taken so. They do not count as those of an endless loop.
    persisted: u64,
    /// How often a lone thread used up its turn, so that time goes on for it.
    lone: u32,
    /// How often the clock was looked at since it was last moved on.
    clock_looks: u32,
    /// The step at which a thread's time last came, or at which none waited
    /// for a time.
    time_came: u64,
    spurious_left: u32,
    weak_left: u32,
    ring: pick::Ring,
    /// All steps, as thread and place, where somebody wants to know.
    pub(crate) taken: Option<Vec<(u32, &'static Location<'static>)>>,
    trace: Option<Trace>,
    /// What happened before what, where the search wants to know.
    order: Option<Order>,
    /// Which prefixes were seen before, in the same searches.
    pub(crate) seen: Option<Seen>,
    /// Which ways were gone before, where that is remembered.
    pub(crate) memory: Option<Memory>,
    /// The execution was ended since all that can follow was run before, or
    /// will be run again.
    pub(crate) known: bool,
    /// Fairness had a say in which thread comes first.
    pub(crate) fair: bool,
    /// There were more options than a choice can have.
    pub(crate) truncated: bool,
    /// Which threads (a bit each) have taken a count down, by its address.
    lowered: HashMap<usize, u64, BuildHasherDefault<order::Digest>>,
    /// A primitive of the simulation itself is at work on what is instrumented.
    unwatched: bool,
    /// The running thread evaluates the condition of its step.
    looking: bool,
    scratch: pick::Scratch,
    /// What is between the processes.
    pub(crate) network: Network,
}

/// The prefixes of executions that were seen in a search.
#[derive(Default)]
pub(crate) struct Seen {
    /// Digests of the order and of the state of the scheduler, with the fewest
    /// deviations that led there.
    pub(crate) digests: HashMap<u64, u32, BuildHasherDefault<order::Digest>>,
    /// Choices before this one are those of an execution that was run.
    pub(crate) from: usize,
    /// Whether fairness may have a say, so that prefixes must agree in who ran
    /// when, too.
    pub(crate) exactly: bool,
}

pub(crate) struct Thread {
    pub(crate) name: Option<String>,
    pub(crate) spawned: Option<&'static Location<'static>>,
    /// The thread that has started it.
    spawner: Option<u32>,
    /// Which process it belongs to, and its number there.
    pub(crate) process: u32,
    pub(crate) local: u32,
    alive: bool,
    /// What it is known by (its `ThreadId`), and how many threads it has tried to spawn.
    id: u64,
    tried: u64,
    /// Its own until it has ended and another one has seen that.
    lane: Option<Lane>,
    /// The lane's number, and its window of memory.
    lane_number: u32,
    window: arena::Used,
    /// Whether the program has seen it end: it was joined, its scope was left,
    /// or `is_finished` said so.
    seen_ended: bool,
    /// The step that it is about to take; null before the first one.
    pending: *const Op<'static>,
    woken: Woken,
    /// Whether that can be taken, as it was when its process ran last.
    state: Option<(State, bool)>,
    /// What to return to at its first step.
    eager: Option<Eager>,
    /// How it waits, where it is a peer.
    patience: Patience,
    pub(crate) steps: u64,
    last_run: u64,
    /// Panics that are under way in it.
    panics: Vec<Panic>,
    /// Whether nobody sees its steps, so that it is not interrupted.
    unseen: bool,
    yielder: *const Yielder<(), ()>,
    fiber: Option<Box<Fiber>>,
    /// The lowest address of its stack that it may use.
    stack_end: usize,
}

/// What goes on when a thread that was just started takes its first step.
#[derive(Debug, Clone, Copy)]
enum Eager {
    /// Its spawner.
    Spawner(usize),
    /// The start of processes; after that, what would have gone on after a
    /// step of this thread.
    Begin(usize),
}

/// What a thread is started with.
struct Started {
    name: Option<String>,
    spawned: Option<&'static Location<'static>>,
    eager: Option<Eager>,
    /// The thread whose doing it is.
    after: Option<usize>,
    process: usize,
    id: u64,
    lane: Lane,
}

/// A panic, by the event that tells of it: `None` where none does, as of one
/// that `resume_unwind` began without a hook.
pub(crate) type Panic = Option<usize>;

/// What the main loop does next.
#[derive(Debug, Clone, Copy)]
enum Next {
    /// The execution has ended.
    End,
    /// This thread runs.
    Run(usize),
    /// A process is to be started.
    Begin,
}

impl Run {
    pub(crate) fn new(limits: &Search, chooser: Box<dyn Chooser>) -> Run {
        Run {
            threads: Vec::new(),
            processes: None,
            late: true,
            emptied: false,
            files: 0,
            written: 0,
            numbers: crate::host::Numbers::default(),
            given: false,
            began: 0,
            living: Vec::new(),
            undivided: Undivided::ALL,
            current: 0,
            events: Vec::new(),
            ending: None,
            choices: Vec::new(),
            points: Vec::new(),
            sites: Vec::new(),
            deviations: 0,
            steps: 0,
            printed: (0, 0),
            clock: 0,
            misfit: false,
            limits: limits.clone(),
            chooser,
            held_up: None,
            next: Next::End,
            burst: 0,
            quantum: pick::QUANTUM,
            persists: 0,
            persisted: 0,
            lone: 0,
            clock_looks: 0,
            time_came: 0,
            spurious_left: u32::from(limits.spurious),
            weak_left: u32::from(limits.spurious),
            ring: pick::Ring::default(),
            taken: None,
            trace: None,
            order: None,
            seen: None,
            memory: None,
            known: false,
            fair: false,
            truncated: false,
            lowered: HashMap::default(),
            unwatched: false,
            looking: false,
            scratch: pick::Scratch::default(),
            network: Network::default(),
        }
    }

    /// Records every step.
    pub(crate) fn traced(mut self) -> Run {
        self.trace = Some(Trace::default());
        self
    }

    /// Notes which thread took each step, and where.
    pub(crate) fn noting_steps(mut self) -> Run {
        self.taken = Some(Vec::new());
        self
    }

    /// Whether it ended with threads that wait for what has a name, which
    /// somebody will ask for.
    pub(crate) fn ends_waiting(&self) -> bool {
        let gave_up = |event: &Event| {
            matches!(
                &event.what,
                What::Peer {
                    did: Did::GaveUp,
                    ..
                }
            )
        };
        match &self.ending {
            Some(Ending::Deadlock { .. }) => true,
            Some(Ending::Over { waits }) => !waits.is_empty() && self.events.iter().any(gave_up),
            _ => false,
        }
    }

    /// Ends the execution at the first choice, from the `from`-th on, before
    /// which the same has happened as in an execution before.
    pub(crate) fn unlike(mut self, seen: Seen) -> Run {
        self.order = Some(Order::default());
        self.seen = Some(seen);
        self
    }

    /// Remembers which ways it goes.
    pub(crate) fn remembering(mut self, memory: Memory) -> Run {
        self.order.get_or_insert_default();
        self.memory = Some(memory);
        self
    }

    /// The running thread looks at which threads of its process have ended;
    /// gives the process.
    fn looks_at_ends(&mut self) -> u32 {
        let process = self.process_of(self.current);
        let ends = self.thing_of(process, Shared::Ends);
        self.uses(self.current, ends, Use::LOOK);
        process as u32
    }

    /// The step of a thread as it is taken: a peer waits patiently.
    fn patiently<'a>(&mut self, thread: usize, op: Op<'a>) -> Op<'a> {
        if op.enabled.is_none() || op.patience.is_some() || !self.is_peer(thread) {
            return op;
        }
        self.uses(thread, Shared::Clock as usize, Use::LOOK);
        let deadline = op.deadline.unwrap_or(self.clock.saturating_add(MINUTE));
        let late_if = op.late_if;
        op.until(Some(deadline), late_if)
            .patient(self.threads[thread].patience)
    }

    /// See [`may_still_run`].
    fn may_still_run(&self, threads: u64) -> bool {
        let others = self.threads.iter().enumerate();
        others
            .filter(|(number, thread)| *number != self.current && !thread.seen_ended)
            .any(|(number, _)| threads & bit(number) != 0)
    }

    /// A step's object is used.
    fn uses_object(&mut self, thread: usize, op: &Op<'_>) {
        let thing = match (op.object.kind, op.object.id) {
            (Kind::Thread, number) => number_of(number),
            (Kind::File, 0) => Shared::Files as usize,
            (_, 0) => return,
            // The standard streams have no address.
            (Kind::Stream, _) => self.thing_of(self.process_of(thread), Shared::Streams),
            (_, address) => address,
        };
        let class = if op.looks { Use::LOOK } else { Use::ALONE };
        self.uses(thread, thing, class);
    }

    /// A thread uses something that threads share.
    fn uses(&mut self, thread: usize, thing: usize, class: Use) {
        if let Some(order) = &mut self.order {
            order.uses(thread, thing, class);
        }
    }

    /// Holds a thread up before the step with this number (of its own).
    pub(crate) fn holding_up(mut self, thread: usize, step: u64) -> Run {
        self.held_up = Some(pick::HeldUp::new(thread, step));
        self
    }

    pub(crate) fn place_of(location: &'static Location<'static>) -> Option<Place> {
        let file = location.file();
        let shown = file.starts_with("src/") || file.starts_with("check/");
        shown.then(|| Place {
            file: file.to_owned(),
            line: location.line(),
            column: location.column(),
        })
    }

    fn end(&mut self, ending: Ending) -> Next {
        self.ending.get_or_insert(ending);
        Next::End
    }

    /// A thread is no longer.
    fn dies(&mut self, thread: usize) {
        let thread = &mut self.threads[thread];
        thread.alive = false;
        self.living[thread.process as usize] -= 1;
    }

    /// How many threads of a process are alive.
    fn living(&self, process: usize) -> u64 {
        self.living.get(process).copied().unwrap_or_default()
    }

    /// The lane of a thread that has ended goes to one that has seen it.
    fn hand_back(&mut self, ended: usize, to: usize) {
        if ended == to || self.threads[ended].alive {
            return;
        }
        let lane = self.threads[ended].lane.take();
        if let (Some(lane), Some(own)) = (lane, &mut self.threads[to].lane) {
            own.take_back(lane);
        }
    }

    /// What goes on where the current thread comes to its first step or has
    /// ended.
    fn next_of(&mut self, thread: usize) -> Next {
        match self.threads[thread].eager.take() {
            Some(Eager::Spawner(spawner)) => Next::Run(spawner),
            Some(Eager::Begin(before)) => {
                self.current = before;
                Next::Begin
            }
            None => self.pick(),
        }
    }
}

impl Kernel {
    /// How the program of the running thread was started.
    pub(crate) fn program(&self) -> Option<&verdict::Program> {
        let process = self.run.process_of(self.run.current);
        self.plan.world.programs.get(process)
    }

    /// The arguments of the program of the running thread.
    pub(crate) fn args(&self) -> &[String] {
        let process = self.run.process_of(self.run.current);
        match &self.run.processes {
            Some(processes) => &processes.all[process].args,
            None => self.program().map_or(&[], |program| &program.args),
        }
    }

    /// Makes the kernel of this process and its memory ready.
    pub(crate) fn install(plan: Plan) -> &'static mut Kernel {
        arena::make();
        let limits = Search::default();
        let kernel = Box::new(Kernel {
            plan,
            grain: Grain::default(),
            wanted: Grain::default(),
            settled: Vec::new(),
            stacks: Stacks::default(),
            run: Run::new(&limits, Box::new(crate::search::Default)),
        });
        let kernel = Box::leak(kernel);
        KERNEL.store(kernel, Ordering::Relaxed);
        kernel
    }

    /// Takes up a plan.
    pub(crate) fn begin(&mut self, mut plan: Plan) {
        self.settled = given::settle(&mut plan.world);
        arena::limit(plan.world.limits.memory_mib);
        self.plan = plan;
    }

    /// Runs one execution to its end. `fresh` is the static memory of now.
    ///
    /// # Safety
    /// Only one execution at a time, on the thread that installed the kernel.
    pub(crate) unsafe fn execute(
        kernel: *mut Kernel,
        run: Run,
        fresh: &Image,
        main: &dyn Fn() -> i32,
    ) {
        // SAFETY: the kernel outlives the process; this is the only thread
        // that uses it, and no reference to it is held across a switch.
        let this = || unsafe { &mut *kernel };
        crate::crash::begin_execution();
        this().run = run;
        let world = &this().plan.world;
        this().run.network = Network::new(&world.network);
        this().run.late = world.network.late;
        if !world.is_alone() || world.date.is_some() {
            this().run.began = u128::from(world.date.unwrap_or(EPOCH)) * 1_000_000_000;
        }
        // SAFETY: the fibers are finished or abandoned before this function
        // returns, so the borrow of `main` outlives them.
        let main: &'static dyn Fn() -> i32 = unsafe { std::mem::transmute(main) };
        this().run.events.clone_from(&this().settled);
        this().begin_processes(fresh, main);
        this().run.next = match &this().run.processes {
            Some(_) => Next::Begin,
            None => {
                this().give_files();
                let lane = Lane::of_process(0, 1);
                let stack = this().stacks.take_for_process(lane.number(), world::MAIN);
                let alone = Started {
                    name: None,
                    spawned: None,
                    eager: None,
                    after: None,
                    process: 0,
                    id: lane::FIRST_ID,
                    lane,
                };
                this().add_thread(alone, stack, Box::new(move || run_main(main)));
                Next::Run(0)
            }
        };
        loop {
            let thread = match this().run.next {
                Next::Run(thread) => thread,
                Next::Begin => {
                    this().run.next = match this().next_process() {
                        Some(thread) => Next::Run(thread),
                        None => this().run.pick(),
                    };
                    continue;
                }
                Next::End => break,
            };
            this().run.next = Next::End;
            this().run.current = thread;
            this().run.load_memory_of(thread);
            arena::takes_turn(this().run.threads[thread].window);
            let fiber: *mut Fiber = match &mut this().run.threads[thread].fiber {
                Some(fiber) => &raw mut **fiber,
                None => unreachable!("a thread that has ended is never picked"),
            };
            // SAFETY: the box of a live fiber stays where it is until the
            // fiber has returned, and nobody else resumes it.
            if let CoroutineResult::Return(()) = unsafe { (*fiber).resume(()) } {
                this().recycle(thread);
            }
        }
        for thread in 0..this().run.threads.len() {
            this().recycle(thread);
        }
    }

    /// Takes the stack of a thread that has ended or is abandoned.
    fn recycle(&mut self, thread: usize) {
        let Some(mut fiber) = self.run.threads[thread].fiber.take() else {
            return;
        };
        if !fiber.done() {
            // SAFETY: what lives on the stack is abandoned, as at the end of a
            // real process: its memory is the arena's, which is emptied, and
            // nothing outside refers to it once the execution has ended.
            unsafe { fiber.force_reset() };
        }
        self.stacks.put_back(fiber.into_stack());
    }

    fn add_thread(&mut self, started: Started, stack: Stack, body: Box<dyn FnOnce()>) {
        let Started {
            name,
            spawned,
            eager,
            after,
            process,
            id,
            lane,
        } = started;
        let number = self.run.threads.len();
        let stack_end = stack.guard_end();
        let fiber = Fiber::with_stack(stack, move |yielder, ()| {
            // SAFETY: see `kernel`.
            unsafe { kernel() }.run.threads[number].yielder = yielder;
            Own::NEW.put_back();
            arena::set_inside(true);
            body();
            arena::set_inside(false);
            // SAFETY: see `kernel`.
            unsafe { kernel() }.finish(number);
        });
        if let Some(order) = &mut self.run.order {
            if let Some(spawner) = after {
                order.uses(spawner, Shared::Numbers as usize, Use::ALONE);
            }
            order.begins(after);
        }
        let local = match &mut self.run.processes {
            None => number as u32,
            Some(processes) => {
                let of = &mut processes.all[process];
                of.threads += 1;
                of.threads - 1
            }
        };
        if self.run.living.len() <= process {
            self.run.living.resize(process + 1, 0);
        }
        self.run.living[process] += 1;
        self.run.threads.push(Thread {
            name,
            spawned,
            spawner: after.map(|spawner| spawner as u32),
            process: process as u32,
            local,
            alive: true,
            id,
            tried: 0,
            lane_number: lane.number(),
            window: arena::window(lane.number()),
            lane: Some(lane),
            seen_ended: false,
            pending: std::ptr::null(),
            woken: Woken::Ready,
            state: None,
            eager,
            patience: Patience::Waiting,
            steps: 0,
            last_run: 0,
            panics: Vec::new(),
            unseen: false,
            yielder: std::ptr::null(),
            fiber: Some(Box::new(fiber)),
            stack_end,
        });
    }

    /// A thread's body has returned.
    fn finish(&mut self, number: usize) {
        self.run.dies(number);
        self.run.uses(number, number_of(number), Use::ALONE);
        let ends = self.run.thing_of(self.run.process_of(number), Shared::Ends);
        self.run.uses(number, ends, Use::COUNT);
        self.run.trace_row(number, Action::Ends, None);
        self.run.next = self.run.next_of(number);
    }

    /// Leaves the current thread for whatever `run.next` says.
    ///
    /// # Safety
    /// Must be called on the stack of the current thread, and no reference to
    /// the kernel may be used after it.
    unsafe fn suspend(yielder: *const Yielder<(), ()>) {
        let own = Own::of_this();
        // SAFETY: the yielder lives as long as its fiber, on whose stack this
        // call is.
        unsafe { (*yielder).suspend(()) }
        own.put_back();
    }
}

/// The kernel, for as long as nobody else uses it.
///
/// # Safety
/// There must be one, this must be the thread that simulates, and the
/// reference must not live across a switch of threads or a call of anything
/// that gets the kernel too. Conditions of steps never do.
unsafe fn kernel() -> &'static mut Kernel {
    // SAFETY: the caller's promise; the kernel is never freed.
    unsafe { &mut *KERNEL.load(Ordering::Relaxed) }
}

/// The network of the execution that is under way.
pub(crate) fn network() -> *mut Network {
    // SAFETY: there is a kernel, since an execution is under way; no reference
    // to it is made.
    unsafe { &raw mut (*KERNEL.load(Ordering::Relaxed)).run.network }
}

/// Does something with the kernel on behalf of the running simulated thread;
/// `None` when no simulated thread runs. The code of `f` is the simulation's
/// own: it must not call what takes a step.
pub(crate) fn with<R>(f: impl FnOnce(&mut Kernel) -> R) -> Option<R> {
    arena::is_inside().then(|| {
        let _outside = Outside::enter();
        // SAFETY: a simulated thread runs, so there is a kernel and this is its
        // thread; `f` neither switches nor keeps the reference.
        f(unsafe { kernel() })
    })
}

/// What the main thread of a program does.
fn run_main(main: &'static dyn Fn() -> i32) {
    let code = catch_unwind(AssertUnwindSafe(main)).unwrap_or(101);
    crate::thread::drop_locals();
    if alive() > 1 || is_world() {
        // The others may get on before the process is gone.
        step(&Op::new("main", "returns and ends the process", Object::NONE).at(Location::caller()));
    }
    crate::io::flush_at_exit();
    exit(code)
}

/// What stands for a thread's end among the things that threads share: its
/// number is not the address of anything.
fn number_of(thread: usize) -> usize {
    thread + 0x100
}
