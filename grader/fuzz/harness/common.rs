//! What every generated program stands on. With `--cfg real` it is run many
//! times, with delays between its operations; without, it is explored.

#![allow(warnings)]

use std::fmt::{Display, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicU32, AtomicU64};
use std::sync::mpsc::{self, RecvTimeoutError, TryRecvError, TrySendError};
use std::sync::*;
use std::thread::{self, Thread};
use std::time::Duration;

/// What the threads of a program share.
pub struct Shared {
    a: AtomicU32,
    b: AtomicU32,
    m: Mutex<u32>,
    n: Mutex<u32>,
    r: RwLock<u32>,
    cv: Condvar,
    bar: Barrier,
    cell: OnceLock<u32>,
    once: Once,
    lazy: LazyLock<u32>,
}

impl Shared {
    fn new(barrier: usize) -> Arc<Shared> {
        Arc::new(Shared {
            a: AtomicU32::new(0),
            b: AtomicU32::new(0),
            m: Mutex::new(0),
            n: Mutex::new(0),
            r: RwLock::new(0),
            cv: Condvar::new(),
            bar: Barrier::new(barrier),
            cell: OnceLock::new(),
            once: Once::new(),
            lazy: LazyLock::new(|| {
                noise();
                7
            }),
        })
    }
}

/// What a thread has observed.
#[derive(Default)]
pub struct Log(String);

impl Log {
    fn put(&mut self, what: impl Display) {
        let _ = write!(self.0, "{what} ");
    }

    /// A guard, and whether its lock was poisoned.
    fn guard<G>(&mut self, result: LockResult<G>) -> G {
        result.unwrap_or_else(|error| {
            self.put("poisoned");
            error.into_inner()
        })
    }

    fn tried<G>(&mut self, result: TryLockResult<G>) -> Option<G> {
        match result {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(error)) => {
                self.put("poisoned");
                Some(error.into_inner())
            }
            Err(TryLockError::WouldBlock) => {
                self.put("held");
                None
            }
        }
    }

    fn swapped(&mut self, result: Result<u32, u32>) {
        match result {
            Ok(old) => self.put(format_args!("was{old}")),
            Err(now) => self.put(format_args!("not{now}")),
        }
    }

    fn caught(&mut self, f: impl FnOnce(&mut Log)) {
        if catch_unwind(AssertUnwindSafe(|| f(self))).is_err() {
            self.put("caught");
        }
    }
}

/// A thread's log; that of a thread that panics is what it panics with.
fn thread_of(f: impl FnOnce(&mut Log)) -> String {
    let mut log = Log::default();
    noise();
    if catch_unwind(AssertUnwindSafe(|| f(&mut log))).is_err() {
        log.put("panicked");
        resume_unwind(Box::new(log.0));
    }
    log.0
}

/// The same for the main thread, which goes on.
fn main_of(f: impl FnOnce(&mut Log)) -> String {
    let mut log = Log::default();
    noise();
    if catch_unwind(AssertUnwindSafe(|| f(&mut log))).is_err() {
        log.put("panicked");
    }
    log.0
}

fn joined(result: thread::Result<String>) -> String {
    match result {
        Ok(log) => log,
        Err(payload) => match payload.downcast::<String>() {
            Ok(log) => *log,
            Err(_) => "lost".to_owned(),
        },
    }
}

fn boom() {
    panic!("boom");
}

fn quiet_boom() {
    resume_unwind(Box::new("boom"));
}

/// Does something in the last moment of its thread.
struct AtEnd(std::cell::RefCell<Option<Arc<Shared>>>);

impl Drop for AtEnd {
    fn drop(&mut self) {
        if let Some(s) = self.0.borrow_mut().take() {
            noise();
            s.b.fetch_add(10, SeqCst);
        }
    }
}

thread_local! {
    static AT_END: AtEnd = AtEnd(Default::default());
}

#[cfg(not(real))]
#[inline(always)]
fn noise() {}

#[cfg(not(real))]
fn main() {
    std::panic::set_hook(Box::new(|_| {}));
    let index = std::env::args().nth(1).unwrap().parse().unwrap();
    print!("{}", run(index));
}

/// The next number of the delays, and how rough they are in this run.
#[cfg(real)]
static NEXT: AtomicU64 = AtomicU64::new(0);
#[cfg(real)]
static ROUGH: AtomicU64 = AtomicU64::new(0);

#[cfg(real)]
fn mixed(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(real)]
fn noise() {
    let drawn = mixed(NEXT.fetch_add(0x9e37_79b9_7f4a_7c15, SeqCst));
    let (kind, amount) = (drawn % 8, drawn >> 8);
    match (ROUGH.load(SeqCst), kind) {
        (0, _) | (_, 0 | 1) => {}
        (_, 2) | (1, 3..=7) => thread::yield_now(),
        (2, _) | (_, 3 | 4) => {
            for _ in 0..amount % 3_000 {
                std::hint::spin_loop();
            }
        }
        (3, _) | (_, 5) => thread::sleep(Duration::from_micros(amount % 120)),
        _ => thread::sleep(Duration::from_micros(amount % 600)),
    }
}

/// `SEED RUNS INDEX:MILLISECONDS...`: runs these programs so many times each,
/// and takes one that has not ended after so long for stuck.
#[cfg(real)]
fn main() {
    std::panic::set_hook(Box::new(|_| {}));
    let args: Vec<String> = std::env::args().skip(1).collect();
    let seed: u64 = args[0].parse().unwrap();
    let runs: u64 = args[1].parse().unwrap();
    for arg in &args[2..] {
        let (index, limit) = arg.split_once(':').unwrap();
        let index: usize = index.parse().unwrap();
        let limit = Duration::from_millis(limit.parse().unwrap());
        let mut counts = std::collections::BTreeMap::<String, u64>::new();
        for number in 0..runs {
            let drawn = mixed(mixed(seed ^ (index as u64) << 32).wrapping_add(number));
            NEXT.store(drawn, SeqCst);
            ROUGH.store(drawn % 5, SeqCst);
            let (done, result) = mpsc::channel();
            thread::spawn(move || done.send(run(index)));
            let outcome = match result.recv_timeout(limit) {
                Ok(outcome) => outcome,
                Err(RecvTimeoutError::Timeout) => "deadlock".to_owned(),
                Err(RecvTimeoutError::Disconnected) => "lost".to_owned(),
            };
            let count = counts.entry(outcome).or_default();
            *count += 1;
            // Their threads stay, so there must not be many.
            if counts.get("deadlock").is_some_and(|stuck| *stuck >= 2) {
                break;
            }
        }
        for (outcome, count) in counts {
            println!("{index}\t{count}\t{outcome}");
        }
    }
}
