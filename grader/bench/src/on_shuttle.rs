//! How many executions shuttle takes to find a bug.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use shuttle::scheduler::{PctScheduler, RandomScheduler, UrwRandomScheduler};
use shuttle::{Config, FailurePersistence, Runner};

/// One of shuttle's randomized schedulers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheduler {
    /// Every thread that can go on is as likely as every other.
    Random,
    /// Probabilistic concurrency testing with this depth.
    Pct(usize),
    /// Uniform random walk.
    Urw,
}

impl Scheduler {
    /// All that are compared with.
    pub(crate) const ALL: &[Scheduler] = &[
        Scheduler::Random,
        Scheduler::Pct(2),
        Scheduler::Pct(3),
        Scheduler::Urw,
    ];

    /// Its name, as it stands above a column.
    pub(crate) fn name(self) -> String {
        match self {
            Scheduler::Random => "random".to_owned(),
            Scheduler::Pct(depth) => format!("PCT {depth}"),
            Scheduler::Urw => "walk".to_owned(),
        }
    }

    fn run(self, seed: u64, executions: usize, program: impl Fn() + Send + Sync + 'static) {
        let mut config = Config::new();
        config.failure_persistence = FailurePersistence::None;
        config.silence_warnings = true;
        match self {
            Scheduler::Random => {
                let scheduler = RandomScheduler::new_from_seed(seed, executions);
                Runner::new(scheduler, config).run(program);
            }
            Scheduler::Pct(depth) => {
                let scheduler = PctScheduler::new_from_seed(seed, depth, executions);
                Runner::new(scheduler, config).run(program);
            }
            Scheduler::Urw => {
                let scheduler = UrwRandomScheduler::new_from_seed(seed, executions);
                Runner::new(scheduler, config).run(program);
            }
        }
    }
}

/// With which execution a program first fails, for each seed; `None` where it
/// never does.
pub(crate) fn until_found(
    scheduler: Scheduler,
    program: fn(),
    seeds: u32,
    cap: u32,
) -> Vec<Option<u32>> {
    let next = AtomicU32::new(1);
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let mut found = std::thread::scope(|scope| {
        let work = || {
            let seeds = std::iter::from_fn(|| {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                (seed <= seeds).then_some(seed)
            });
            seeds
                .map(|seed| (seed, once(scheduler, program, seed, cap)))
                .collect::<Vec<_>>()
        };
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let mut found = Vec::new();
        for worker in workers {
            match worker.join() {
                Ok(some) => found.extend(some),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        found
    });
    found.sort_by_key(|(seed, _)| *seed);
    found.into_iter().map(|(_, until)| until).collect()
}

fn once(scheduler: Scheduler, program: fn(), seed: u32, cap: u32) -> Option<u32> {
    let executions = Arc::new(AtomicU32::new(0));
    let counted = {
        let executions = Arc::clone(&executions);
        move || {
            executions.fetch_add(1, Ordering::Relaxed);
            program();
        }
    };
    let run = AssertUnwindSafe(|| scheduler.run(u64::from(seed), cap as usize, counted));
    let failed = catch_unwind(run).is_err();
    failed.then(|| executions.load(Ordering::Relaxed))
}
