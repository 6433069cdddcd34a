//! What the sandbox adds to the start of a process, and what each part of it
//! takes: the same program is started without layers and in each set that this
//! machine has, by turns.

use std::time::Instant;

use ::sandbox::{Job, Keep, Neighbours, Network, Scratch, preflight};
use anyhow::{Context as _, Result};

use crate::report::{Goal, Line, Side};
use crate::samples::Samples;

/// A program that does nothing.
const NOTHING: &str = "/bin/true";
/// The most that the layers may add, in milliseconds.
const MOST: f64 = 6.0;

pub(crate) fn measure(repetitions: u32) -> Result<Vec<Line>> {
    let folder = tempfile::tempdir().context("cannot make a folder")?;
    let job = |layers| {
        let mut job = Job::new(NOTHING, folder.path());
        job.policy.layers = layers;
        job.policy.scratch = Some(Scratch {
            folder: folder.path().to_owned(),
            keep: Keep::Nothing { bytes: 1 << 20 },
            at: None,
        });
        job
    };
    let plain = Job::new(NOTHING, "/");
    let mut lines = Vec::new();
    for set in preflight().sets.iter().filter(|set| set.fault().is_none()) {
        let simulated = job(set.layers);
        let mut real = job(set.layers);
        real.policy.network = Network::SharedLoopback(Neighbours::default());
        let mut compiler = job(set.layers);
        compiler.policy.starts_programs = true;
        for (what, job) in [
            ("simulated", simulated),
            ("real", real),
            ("compiler", compiler),
        ] {
            lines.push(one(
                &format!("sandbox/{}, {what}", set.layers),
                &plain,
                &job,
                repetitions,
            )?);
        }
    }
    anyhow::ensure!(!lines.is_empty(), "this machine has no layers that hold");
    Ok(lines)
}

fn one(name: &str, plain: &Job, layered: &Job, repetitions: u32) -> Result<Line> {
    let (mut without, mut within) = (Vec::new(), Vec::new());
    // The names of the parts, each with its times.
    let mut parts: Vec<(&'static str, Vec<f64>)> = Vec::new();
    for _ in 0..repetitions {
        without.push(milliseconds(plain)?);
        within.push(milliseconds(layered)?);
        for (number, (part, time)) in ::sandbox::times(layered)?.into_iter().enumerate() {
            if number == parts.len() {
                parts.push((part, Vec::new()));
            }
            parts[number].1.push(time.as_secs_f64() * 1000.0);
        }
    }
    let (without, within) = (Samples::new(without), Samples::new(within));
    let added = within.median() - without.median();
    let mut sides = vec![
        Side::new("without", "ms", &without),
        Side::new("within", "ms", &within),
    ];
    sides.extend(
        parts
            .into_iter()
            .map(|(part, times)| Side::new(part, "ms", &Samples::new(times))),
    );
    Ok(Line::new(
        name,
        (added, "ms"),
        Goal::AtMost(MOST),
        within.count(),
        sides,
    ))
}

/// From the start of a process to its end.
fn milliseconds(job: &Job) -> Result<f64> {
    let began = Instant::now();
    ::sandbox::run(job, b"")?;
    Ok(began.elapsed().as_secs_f64() * 1000.0)
}
