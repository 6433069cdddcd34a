//! Makes a program from a seed.
//!
//! A program is about a few things only, so that its threads meet often.
//! Deadlocks are allowed: they are an outcome like any other. What is left out
//! is what the real std leaves open to the machine: atomics are sequentially
//! consistent, and nobody reads the time.

use crate::program::{Channel, End, Op, Program, Thread};
use crate::random::Random;

/// What a program can be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    Atomics,
    Mutex,
    TwoLocks,
    RwLock,
    Condvar,
    Channel,
    Barrier,
    OnceLock,
    Once,
    Park,
    Counts,
    Threads,
    Time,
}

const ABOUT: &[About] = &[
    About::Atomics,
    About::Mutex,
    About::Mutex,
    About::TwoLocks,
    About::RwLock,
    About::RwLock,
    About::Condvar,
    About::Condvar,
    About::Channel,
    About::Channel,
    About::Channel,
    About::Barrier,
    About::OnceLock,
    About::Once,
    About::Park,
    About::Counts,
    About::Threads,
    About::Time,
];

/// The program of a seed.
pub(crate) fn program(seed: u64) -> Program {
    let mut random = Random::new(seed);
    let mut about: Vec<About> = Vec::new();
    for _ in 0..1 + random.below(3) {
        about.push(ABOUT[random.below(ABOUT.len())]);
    }
    if about.iter().all(|about| *about == About::Time) {
        about.push(About::Channel);
    }
    let count = 2 + random.below(2);
    let receiver = random.below(count);
    let bound = random.below(4);
    let mut maker = Maker {
        about,
        value: 0,
        bounded: bound < 3,
        threads: count,
        panics: random.one_in(3),
        random,
    };
    let has_channel = maker.about.contains(&About::Channel);
    let threads = (0..count)
        .map(|number| {
            // The main thread need not send.
            let sends = number != 0 || maker.random.one_in(2);
            let end = match has_channel {
                true if number == receiver => Some(End::Receiver),
                true if sends => Some(End::Sender),
                _ => None,
            };
            maker.thread(number, end)
        })
        .collect();
    Program {
        seed,
        scoped: maker.random.one_in(2),
        channel: has_channel.then_some(match maker.bounded {
            true => Channel::Bounded(bound),
            false => Channel::Endless,
        }),
        barrier: 1 + maker.random.below(count),
        counted: maker.about.contains(&About::Counts),
        threads,
    }
}

struct Maker {
    random: Random,
    about: Vec<About>,
    /// The last value that was sent or stored, so that each is told apart.
    value: u32,
    /// Whether the channel has a bound.
    bounded: bool,
    threads: usize,
    /// Whether threads panic.
    panics: bool,
}

/// Where an operation stands.
#[derive(Debug, Clone, Copy)]
struct At {
    thread: usize,
    end: Option<End>,
    depth: usize,
    /// In a thread that another one has started within it: it cannot use what
    /// its parent owns.
    nested: bool,
}

impl Maker {
    fn thread(&mut self, number: usize, end: Option<End>) -> Thread {
        let most = if self.threads == 2 { 5 } else { 4 };
        let least = if number == 0 { 0 } else { 2 };
        let at = At {
            thread: number,
            end,
            depth: 0,
            nested: false,
        };
        let wanted = least + self.random.below(most - least);
        let mut ops: Vec<Op> = (0..wanted).map(|_| self.op(at)).collect();
        if self.panics && self.random.one_in(4) {
            ops.push(self.panic());
        }
        Thread { end, ops }
    }

    fn op(&mut self, at: At) -> Op {
        loop {
            let about = self.about[self.random.below(self.about.len())];
            if let Some(op) = self.op_about(about, at) {
                return op;
            }
            // What the program is about may be beyond this thread.
            if self.random.one_in(4) {
                return self.atomics();
            }
        }
    }

    fn op_about(&mut self, about: About, at: At) -> Option<Op> {
        Some(match about {
            About::Atomics => self.atomics(),
            About::Mutex => self.mutex("m", at),
            About::TwoLocks => {
                let which = self.random.pick(&["m", "n"]);
                self.mutex(which, at)
            }
            About::RwLock => self.rwlock(at),
            About::Condvar => self.condvar(at),
            About::Channel => return self.channel(at),
            About::Barrier => plain("log.put(s.bar.wait().is_leader());"),
            About::OnceLock => self.once_lock(at),
            About::Once => self.once(at),
            About::Park => return self.park(at),
            About::Counts => return self.counts(at),
            About::Threads => return self.handles(at),
            About::Time => self.time(),
        })
    }

    fn fresh(&mut self) -> u32 {
        self.value += 1;
        self.value
    }

    fn panic(&mut self) -> Op {
        plain(self.random.pick(&["boom();", "quiet_boom();"]))
    }

    /// Operations within another.
    fn body(&mut self, at: At) -> Vec<Op> {
        if at.depth >= 2 {
            return Vec::new();
        }
        let at = At {
            depth: at.depth + 1,
            ..at
        };
        let count = [0, 0, 1, 1, 2][self.random.below(5)];
        let mut body: Vec<Op> = (0..count).map(|_| self.op(at)).collect();
        if self.panics && self.random.one_in(4) {
            body.push(self.panic());
        }
        body
    }

    fn around(&mut self, at: At, open: impl Into<String>, close: impl Into<String>) -> Op {
        let body = self.body(at);
        let op = Op::Around {
            open: open.into(),
            body,
            close: close.into(),
        };
        if self.panics && self.random.one_in(3) {
            return Op::Around {
                open: "log.caught(|log| {".to_owned(),
                body: vec![op],
                close: "});".to_owned(),
            };
        }
        op
    }

    fn atomics(&mut self) -> Op {
        let x = self.random.pick(&["a", "a", "b"]);
        let value = self.fresh();
        let old = self.random.below(3);
        plain(match self.random.below(9) {
            0..=2 => format!("log.put(s.{x}.load(SeqCst));"),
            3 | 4 => format!("s.{x}.store({value}, SeqCst);"),
            5 => format!("log.put(s.{x}.fetch_add(1, SeqCst));"),
            6 => format!("log.put(s.{x}.swap({value}, SeqCst));"),
            7 => format!("log.swapped(s.{x}.compare_exchange({old}, {value}, SeqCst, SeqCst));"),
            _ => {
                format!("log.swapped(s.{x}.compare_exchange_weak({old}, {value}, SeqCst, SeqCst));")
            }
        })
    }

    fn mutex(&mut self, m: &str, at: At) -> Op {
        match self.random.below(12) {
            0..=5 => self.around(
                at,
                format!("{{ let mut g = log.guard(s.{m}.lock()); *g += 1;"),
                "log.put(*g); }",
            ),
            6..=8 => self.around(
                at,
                format!("if let Some(mut g) = log.tried(s.{m}.try_lock()) {{ *g += 10;"),
                "log.put(*g); }",
            ),
            9 => plain(format!("log.put(s.{m}.is_poisoned());")),
            10 if self.panics => plain(format!("s.{m}.clear_poison();")),
            _ => {
                let factor = self.random.below(3);
                plain(format!("*log.guard(s.{m}.lock()) *= {factor};"))
            }
        }
    }

    fn rwlock(&mut self, at: At) -> Op {
        match self.random.below(12) {
            0..=2 => self.around(
                at,
                "{ let g = log.guard(s.r.read()); log.put(*g);",
                "log.put(*g); }",
            ),
            3..=5 => self.around(
                at,
                "{ let mut g = log.guard(s.r.write()); *g += 1;",
                "log.put(*g); }",
            ),
            6 | 7 => self.around(
                at,
                "if let Some(g) = log.tried(s.r.try_read()) { log.put(*g);",
                "}",
            ),
            8 | 9 => self.around(
                at,
                "if let Some(mut g) = log.tried(s.r.try_write()) { *g += 10;",
                "log.put(*g); }",
            ),
            10 => plain("log.put(s.r.is_poisoned());"),
            _ => plain("{ let v = *log.guard(s.r.read()); log.put(v); }"),
        }
    }

    fn condvar(&mut self, at: At) -> Op {
        let value = 1 + self.random.below(2);
        let wait =
            |how: &str| format!("{{ let mut g = log.guard(s.m.lock()); {how} log.put(*g); }}");
        let limit = self.duration();
        match self.random.below(14) {
            0 => plain("s.cv.notify_one();"),
            1 => plain("s.cv.notify_all();"),
            2 | 3 => plain("*log.guard(s.m.lock()) += 1; s.cv.notify_one();"),
            4 => plain("*log.guard(s.m.lock()) += 1; noise(); s.cv.notify_all();"),
            5 | 6 => {
                let notify = self.random.pick(&["one", "all"]);
                let open = "{ let mut g = log.guard(s.m.lock()); *g += 1;";
                self.around(at, open, format!("s.cv.notify_{notify}(); noise(); }}"))
            }
            7 | 8 => plain(wait(&format!(
                "while *g < {value} {{ noise(); g = log.guard(s.cv.wait(g)); }}"
            ))),
            9 => plain(wait(&format!(
                "g = log.guard(s.cv.wait_while(g, |v| *v < {value}));"
            ))),
            10 => plain(wait("noise(); g = log.guard(s.cv.wait(g));")),
            11 | 12 => plain(wait(&format!(
                "noise(); let (h, late) = log.guard(s.cv.wait_timeout(g, {limit})); g = h; \
                 log.put(late.timed_out());"
            ))),
            _ => plain(wait(&format!(
                "let (h, late) = log.guard(s.cv.wait_timeout_while(g, {limit}, |v| *v < {value})); \
                 g = h; log.put(late.timed_out());"
            ))),
        }
    }

    fn channel(&mut self, at: At) -> Option<Op> {
        if at.nested {
            return None;
        }
        let value = self.fresh();
        let limit = self.duration();
        Some(match at.end? {
            End::Sender => plain(match self.random.below(8) {
                0..=4 => format!(
                    "if let Some(tx) = &tx {{ log.put(if tx.send({value}).is_ok() {{ \"sent\" }} \
                     else {{ \"gone\" }}); }}"
                ),
                5 | 6 if self.bounded => format!(
                    "if let Some(tx) = &tx {{ log.put(match tx.try_send({value}) {{ Ok(()) => \
                     \"sent\", Err(TrySendError::Full(_)) => \"full\", \
                     Err(TrySendError::Disconnected(_)) => \"gone\" }}); }}"
                ),
                _ => "drop(tx.take());".to_owned(),
            }),
            End::Receiver => match self.random.below(12) {
                0..=3 => plain(
                    "if let Some(rx) = &rx { match rx.recv() { Ok(v) => log.put(v), Err(_) => \
                     log.put(\"end\") } }",
                ),
                4..=6 => plain(
                    "if let Some(rx) = &rx { match rx.try_recv() { Ok(v) => log.put(v), \
                     Err(TryRecvError::Empty) => log.put(\"none\"), \
                     Err(TryRecvError::Disconnected) => log.put(\"end\") } }",
                ),
                7 | 8 => plain(format!(
                    "if let Some(rx) = &rx {{ match rx.recv_timeout({limit}) {{ Ok(v) => \
                     log.put(v), Err(RecvTimeoutError::Timeout) => log.put(\"late\"), \
                     Err(RecvTimeoutError::Disconnected) => log.put(\"end\") }} }}"
                )),
                9 => plain("if let Some(rx) = &rx { for v in rx.try_iter() { log.put(v); } }"),
                10 => plain("if let Some(rx) = rx.take() { for v in rx { noise(); log.put(v); } }"),
                _ => plain("drop(rx.take());"),
            },
        })
    }

    fn once_lock(&mut self, at: At) -> Op {
        let value = self.fresh();
        match self.random.below(6) {
            0 | 1 => self.around(
                at,
                "{ let v = *s.cell.get_or_init(|| { log.put(\"makes\");",
                format!("{value} }}); log.put(v); }}"),
            ),
            2 => plain(format!(
                "log.swapped(s.cell.set({value}).map(|()| {value}));"
            )),
            3 => plain("log.put(*s.lazy);"),
            _ => plain("log.put(s.cell.get().copied().unwrap_or(0));"),
        }
    }

    fn once(&mut self, at: At) -> Op {
        match self.random.below(6) {
            0..=2 => self.around(at, "s.once.call_once(|| { log.put(\"once\");", "});"),
            3 => self.around(
                at,
                "s.once.call_once_force(|was| { log.put(was.is_poisoned());",
                "});",
            ),
            _ => plain("log.put(s.once.is_completed());"),
        }
    }

    fn park(&mut self, at: At) -> Option<Op> {
        let limit = self.duration();
        // A channel of the real std waits by parking, and may take a token that
        // was meant for the program; the simulation's never does.
        let has_channel = self.about.contains(&About::Channel);
        if !has_channel && self.random.one_in(3) {
            return Some(plain("thread::park(); log.put(\"woken\");"));
        }
        if self.random.one_in(4) {
            return Some(plain(format!("thread::park_timeout({limit});")));
        }
        // A thread knows those that were started before it, and the main
        // thread knows all.
        let known = if at.thread == 0 {
            self.threads
        } else {
            at.thread
        };
        let other = self.random.below(known);
        (other != at.thread || self.random.one_in(4)).then(|| plain(format!("t{other}.unpark();")))
    }

    fn counts(&mut self, at: At) -> Option<Op> {
        if at.nested {
            return None;
        }
        Some(plain(match self.random.below(9) {
            0 | 1 => "if let Some(arc) = &arc { log.put(Arc::strong_count(arc)); }",
            2..=4 => "drop(arc.take());",
            5 => {
                "if let Some(arc) = arc.take() { log.put(if Arc::try_unwrap(arc).is_ok() \
                 { \"last\" } else { \"shared\" }); }"
            }
            6 => {
                "if let Some(arc) = arc.take() { log.put(if Arc::into_inner(arc).is_some() \
                 { \"last\" } else { \"shared\" }); }"
            }
            7 => "if let Some(arc) = &mut arc { log.put(Arc::get_mut(arc).is_some()); }",
            _ => {
                "if let Some(one) = arc.take() { let weak = Arc::downgrade(&one); drop(one); \
                 noise(); arc = weak.upgrade(); log.put(arc.is_some()); }"
            }
        }))
    }

    fn handles(&mut self, at: At) -> Option<Op> {
        let choice = self.random.below(6);
        if choice == 0 && at.depth == 0 {
            let nested = At {
                depth: 1,
                nested: true,
                ..at
            };
            let (inner, outer) = (self.op(nested), self.op(nested));
            let outer = match outer {
                Op::Plain(line) => line,
                Op::Around { .. } => String::new(),
            };
            return Some(Op::Around {
                open: "thread::scope(|q| { let h = q.spawn(|| thread_of(|log| {".to_owned(),
                body: vec![inner],
                close: format!("}})); noise(); {outer} log.put(joined(h.join())); }});"),
            });
        }
        if choice == 1 && at.depth == 0 && !at.nested {
            return Some(plain(
                "AT_END.with(|at| *at.0.borrow_mut() = Some(s.clone()));",
            ));
        }
        if at.thread != 0 || at.nested || self.threads < 2 {
            return None;
        }
        let other = 1 + self.random.below(self.threads - 1);
        Some(plain(match choice {
            2 | 3 => format!("if let Some(h) = h{other}.take() {{ log.put(joined(h.join())); }}"),
            _ => format!("if let Some(h) = &h{other} {{ log.put(h.is_finished()); }}"),
        }))
    }

    fn time(&mut self) -> Op {
        let limit = self.duration();
        plain(match self.random.below(3) {
            0 => "thread::yield_now();".to_owned(),
            1 => "thread::sleep(Duration::ZERO);".to_owned(),
            _ => format!("thread::sleep({limit});"),
        })
    }

    /// Durations are multiples of one, so that some are the same.
    fn duration(&mut self) -> String {
        match self.random.below(4) {
            0 => "Duration::ZERO".to_owned(),
            times => format!("Duration::from_micros({})", 60 * times),
        }
    }
}

fn plain(line: impl Into<String>) -> Op {
    Op::Plain(line.into())
}
