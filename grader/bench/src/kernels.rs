//! How many executions it takes to find known bugs, beside shuttle's three
//! randomized schedulers on the same programs.
//!
//! The programs restate bugs of the literature on finding concurrency bugs
//! (SCTBench: Thomson, Donaldson and Betts, "Concurrency testing using
//! controlled schedulers: an empirical study", 2016), and a few that every
//! textbook has. A bug is found by the first execution that panics or
//! deadlocks. Executions are counted, and not time, so the figures are the same
//! on every machine. How many there are at most is each kernel's to say, since
//! one of a hundred threads takes a thousand times as long as one of two.

#![expect(clippy::unwrap_used, reason = "the kernels panic where a bug shows")]

use std::collections::HashMap;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use crate::course::{Asked, Course};
use crate::grader::{Grader, verdicts};
use crate::on_shuttle::{self, Scheduler};
use crate::report::{Goal, Line, Side};
use crate::samples::Samples;

/// Executions of the bounded search before the randomized schedulers: as many
/// as a check has that does not say.
const BOUNDED: u32 = 3_000;

/// A program with a bug.
pub(crate) struct Kernel {
    /// Its name.
    name: &'static str,
    /// Executions after which nobody goes on.
    cap: u32,
    /// The call that runs it, as a text.
    call: &'static str,
    /// The same, on shuttle.
    on_shuttle: fn(),
}

macro_rules! kernels {
    (
        mod { $($module:ident in $file:literal;)* }
        $($name:ident: $of:ident :: run($($size:literal)?), at most $cap:literal;)*
    ) => {
        $(
            #[path = $file]
            mod $module;
        )*

        /// The texts of their modules.
        const MODULES: &[(&str, &str)] = &[
            $((stringify!($module), include_str!($file)),)*
        ];

        /// All of them.
        const KERNELS: &[Kernel] = &[$(Kernel {
            name: stringify!($name),
            cap: $cap,
            call: concat!(stringify!($of), "::run(", $(stringify!($size),)? ")"),
            on_shuttle: || $of::run($($size)?),
        }),*];
    };
}

kernels! {
    mod {
        aba in "../kernels/aba.rs";
        account in "../kernels/account.rs";
        bluetooth in "../kernels/bluetooth.rs";
        carter in "../kernels/carter.rs";
        circular_buffer in "../kernels/circular_buffer.rs";
        deadlock in "../kernels/deadlock.rs";
        double_checked in "../kernels/double_checked.rs";
        lazy in "../kernels/lazy.rs";
        lost_signal in "../kernels/lost_signal.rs";
        phase in "../kernels/phase.rs";
        philosophers in "../kernels/philosophers.rs";
        progression in "../kernels/progression.rs";
        queue in "../kernels/queue.rs";
        reorder in "../kernels/reorder.rs";
        stack in "../kernels/stack.rs";
        string_buffer in "../kernels/string_buffer.rs";
        sync in "../kernels/sync.rs";
        sync_two in "../kernels/sync_two.rs";
        token_ring in "../kernels/token_ring.rs";
        twostage in "../kernels/twostage.rs";
        work_stealing_queue in "../kernels/work_stealing_queue.rs";
        wrong_lock in "../kernels/wrong_lock.rs";
    }
    reorder_3: reorder::run(3), at most 10_000;
    reorder_4: reorder::run(4), at most 10_000;
    reorder_5: reorder::run(5), at most 10_000;
    reorder_10: reorder::run(10), at most 10_000;
    reorder_20: reorder::run(20), at most 5_000;
    twostage: twostage::run(2), at most 10_000;
    twostage_20: twostage::run(20), at most 5_000;
    twostage_50: twostage::run(50), at most 2_000;
    twostage_100: twostage::run(100), at most 1_000;
    bluetooth_driver: bluetooth::run(), at most 10_000;
    work_stealing_queue: work_stealing_queue::run(), at most 10_000;
    account: account::run(), at most 10_000;
    lazy01: lazy::run(), at most 10_000;
    carter01: carter::run(), at most 10_000;
    circular_buffer: circular_buffer::run(7), at most 10_000;
    deadlock01: deadlock::run(), at most 10_000;
    token_ring: token_ring::run(), at most 10_000;
    wronglock: wrong_lock::run(7), at most 10_000;
    wronglock_3: wrong_lock::run(3), at most 10_000;
    queue: queue::run(20), at most 10_000;
    stack: stack::run(5), at most 10_000;
    phase01: phase::run(), at most 10_000;
    sync01: sync::run(), at most 10_000;
    sync02: sync_two::run(3), at most 10_000;
    arithmetic_prog: progression::run(10), at most 10_000;
    stringbuffer: string_buffer::run(), at most 10_000;
    philosophers_3: philosophers::run(3), at most 10_000;
    philosophers_5: philosophers::run(5), at most 10_000;
    philosophers_7: philosophers::run(7), at most 10_000;
    lost_signal: lost_signal::run(), at most 10_000;
    aba: aba::run(), at most 10_000;
    double_checked: double_checked::run(2), at most 10_000;
    double_checked_8: double_checked::run(8), at most 10_000;
}

/// Executions until a bug was found, for each seed; the cap where it was not.
struct Found {
    executions: Vec<f64>,
    seeds: usize,
}

impl Found {
    fn new(until: &[Option<u32>], cap: u32) -> Found {
        let until = until.iter();
        Found {
            seeds: until.clone().flatten().count(),
            executions: until.map(|until| f64::from(until.unwrap_or(cap))).collect(),
        }
    }

    fn samples(&self) -> Samples {
        Samples::new(self.executions.clone())
    }

    fn everywhere(&self) -> bool {
        self.seeds == self.executions.len()
    }

    fn side(&self, name: String) -> Side {
        Side::new(name, "", &self.samples()).found(self.seeds, self.executions.len())
    }
}

/// Runs everything; `told` is given each line when it is known.
pub(crate) fn measure(
    grader: &Grader,
    only: &str,
    seeds: u32,
    mut told: impl FnMut(&Line),
) -> Result<Vec<Line>> {
    let kernels = KERNELS.iter().filter(|kernel| kernel.name.contains(only));
    let kernels: Vec<_> = kernels.collect();
    ensure!(!kernels.is_empty(), "no kernel has `{only}` in its name");
    let mut lines = Vec::new();
    for kernel in kernels {
        let ours = ours(grader, kernel, seeds)?;
        let theirs = theirs(kernel, seeds)?;
        let line = compare(kernel, seeds, &ours, &theirs)?;
        told(&line);
        lines.push(line);
    }
    Ok(lines)
}

/// With which execution a bug was found, for each seed.
type Until = Vec<Option<u32>>;

/// What a kernel's checks found, by their ids.
type Ours = HashMap<String, Option<u32>>;

fn compare(kernel: &Kernel, seeds: u32, ours: &Ours, theirs: &[Until]) -> Result<Line> {
    let of = |id: String| {
        let found = ours.get(&id);
        found
            .copied()
            .with_context(|| format!("the grader told nothing of the check {id}"))
    };
    let by_seed = |search| -> Result<Found> {
        let until = (1..=seeds).map(|seed| of(id(kernel, search, seed)));
        let until = until.collect::<Result<Until>>()?;
        Ok(Found::new(&until, kernel.cap))
    };
    let search = by_seed(Search::Interleaved)?;
    let in_order = Found::new(&[of(id(kernel, Search::InOrder, 0))?], kernel.cap);
    let mut sides = vec![
        search.side("ours".to_owned()),
        by_seed(Search::Randomized)?.side("randomized".to_owned()),
        in_order.side("in order".to_owned()),
    ];
    let mut best = f64::INFINITY;
    for (scheduler, until) in Scheduler::ALL.iter().zip(theirs) {
        let found = Found::new(until, kernel.cap);
        best = best.min(found.samples().median());
        sides.push(found.side(scheduler.name()));
    }
    let value = search.samples().median() / best;
    let line = Line::new(
        format!("kernels/{}", kernel.name),
        (value, ""),
        Goal::AtMost(1.0),
        seeds as usize,
        sides,
    );
    // To be as good as the best, and to miss it with no seed.
    Ok(line.only_if(search.everywhere()))
}

/// What shuttle's schedulers take, each in its turn. They tell of every failure
/// on standard error, and thousands are looked for, so they have a process of
/// their own, which is this program.
fn theirs(kernel: &Kernel, seeds: u32) -> Result<Vec<Until>> {
    let program = std::env::current_exe().context("cannot find this program")?;
    let output = Command::new(program)
        .args(["--on-shuttle", kernel.name, "--seeds", &seeds.to_string()])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .context("cannot start this program for shuttle's part")?;
    ensure!(
        output.status.success(),
        "shuttle's part of the kernel {} failed: {}",
        kernel.name,
        output.status
    );
    serde_json::from_slice(&output.stdout).context("cannot read what shuttle's part told")
}

/// Shuttle's part, as JSON.
pub(crate) fn on_shuttle(name: &str, seeds: u32) -> Result<String> {
    let kernel = KERNELS.iter().find(|kernel| kernel.name == name);
    let kernel = kernel.with_context(|| format!("there is no kernel {name}"))?;
    let until = |scheduler: &Scheduler| {
        on_shuttle::until_found(*scheduler, kernel.on_shuttle, seeds, kernel.cap)
    };
    let until: Vec<Until> = Scheduler::ALL.iter().map(until).collect();
    serde_json::to_string(&until).context("cannot write what was found as JSON")
}

/// What of ours is asked for the bugs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Search {
    /// The bounded search and the randomized schedulers by turns.
    Interleaved,
    /// The randomized schedulers alone, after the one execution that they take
    /// their estimates from.
    Randomized,
    /// The bounded search first. There is nothing random in it as far as that
    /// goes.
    InOrder,
}

impl Search {
    fn name(self) -> &'static str {
        match self {
            Search::Interleaved => "interleaved",
            Search::Randomized => "randomized",
            Search::InOrder => "in-order",
        }
    }

    /// As in a rubric; `random` executions of the randomized schedulers.
    fn limits(self, random: u32) -> String {
        let (bounded, interleaved) = match self {
            Search::Interleaved => (BOUNDED, true),
            Search::Randomized => (1, false),
            Search::InOrder => (BOUNDED, false),
        };
        format!("executions = {bounded}, random = {random}, interleaved = {interleaved}")
    }
}

/// The id of a check.
fn id(kernel: &Kernel, search: Search, seed: u32) -> String {
    let name = kernel.name.replace('_', "-");
    format!("{name}-{}-{seed}", search.name())
}

/// Has the grader look for a kernel's bug.
fn ours(grader: &Grader, kernel: &Kernel, seeds: u32) -> Result<Ours> {
    let check = |search: Search, seed| Asked {
        id: id(kernel, search, seed),
        rule: "sound",
        args: vec![kernel.name.to_owned()],
        search: format!("{}, seed = {seed}", search.limits(kernel.cap)),
    };
    let mut checks = vec![check(Search::InOrder, 0)];
    for seed in 1..=seeds {
        checks.push(check(Search::Interleaved, seed));
        checks.push(check(Search::Randomized, seed));
    }
    let course = Course::new(&checks)?;
    let (main, names) = (main(), MODULES.iter().map(|(name, _)| format!("{name}.rs")));
    let names: Vec<_> = names.collect();
    let mut files = vec![("main.rs", main.as_str())];
    let texts = MODULES.iter().map(|(_, text)| *text);
    files.extend(names.iter().map(String::as_str).zip(texts));
    let submission = course.submission("kernels", &files)?;

    let output = course.grade(grader, &submission).output();
    let verdicts = verdicts(&output.context("cannot start the grader")?)?;
    let verdict = verdicts.first().context("the grader gave no verdict")?;
    ensure!(
        verdict.checks.len() == checks.len(),
        "the kernels were not run: {}",
        verdict.message
    );
    let found = verdict.checks.iter().map(|check| {
        let until = match &check.finding {
            None => None,
            Some(finding) => Some(number(&finding.message)?),
        };
        Ok((check.id.clone(), until))
    });
    found.collect()
}

/// The number of the execution, which the judge has put in front.
fn number(message: &str) -> Result<u32> {
    message
        .split_once(':')
        .and_then(|(number, _)| number.parse().ok())
        .with_context(|| format!("a kernel went wrong in another way than its own: {message}"))
}

/// The root of a submission that runs the kernel whose name it is given.
fn main() -> String {
    let mut main = "mod model {\n    pub use std::{sync, thread};\n}\n".to_owned();
    for (name, _) in MODULES {
        main.push_str(&format!("mod {name};\n"));
    }
    main.push_str("\nfn main() {\n    match std::env::args().nth(1).as_deref() {\n");
    for Kernel { name, call, .. } in KERNELS {
        main.push_str(&format!("        Some(\"{name}\") => {call},\n"));
    }
    main.push_str("        _ => panic!(\"there is no such kernel\"),\n    }\n}\n");
    main
}
