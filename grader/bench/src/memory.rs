//! The most memory that the grader and the programs that it examines have had.
//!
//! The system keeps the peak of every process (`VmHWM`) as long as it lives;
//! it is read again and again until the process has ended. A process that ends
//! between two looks is seen by its last look only, which is why this is
//! repeated.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use crate::grader::{Grader, expect_full_marks, verdicts};
use crate::report::{Goal, Line, Side};
use crate::samples::Samples;
use crate::submissions::solution;

const EXERCISES: [&str; 2] = ["bank-account", "downloader"];
/// What the names begin with that the grader gives to what it examines.
const EXAMINED: &str = "examined";
/// Time between two looks.
const PAUSE: Duration = Duration::from_millis(1);
const MIB: f64 = (1 << 10) as f64;

pub(crate) fn measure(grader: &Grader, repetitions: u32) -> Result<Vec<Line>> {
    ensure!(
        Path::new("/proc/self/status").is_file(),
        "memory is measured where there is /proc, which means on Linux"
    );
    let mut lines = Vec::new();
    for exercise in EXERCISES {
        let (mut of_grader, mut of_examined) = (Vec::new(), Vec::new());
        for _ in 0..repetitions {
            let peaks = grade(grader, exercise)?;
            of_grader.push(peaks.grader / MIB);
            of_examined.push(peaks.examined / MIB);
        }
        for (who, peaks, most) in [
            ("grader", of_grader, 300.0),
            ("examined process", of_examined, 512.0),
        ] {
            let peaks = Samples::new(peaks);
            lines.push(Line::new(
                format!("memory/{exercise}, {who}"),
                (peaks.max(), "MiB"),
                Goal::AtMost(most),
                peaks.count(),
                vec![Side::new("peak of each run", "MiB", &peaks)],
            ));
        }
    }
    Ok(lines)
}

/// The peaks of one grading, in KiB.
struct Peaks {
    grader: f64,
    /// The largest of all examined processes.
    examined: f64,
}

fn grade(grader: &Grader, exercise: &str) -> Result<Peaks> {
    let mut call = grader.grade(&solution(exercise));
    let mut child = call
        .args(["--exercise", exercise])
        .spawn()
        .context("cannot start the grader")?;
    let first = child.id();
    // Its peak and its name, of every process that was seen.
    let mut seen: BTreeMap<u32, (String, u64)> = BTreeMap::new();
    while child
        .try_wait()
        .context("cannot wait for the grader")?
        .is_none()
    {
        for process in tree(first) {
            if let Some((name, peak)) = look(process) {
                // The last look counts: a peak never falls, and before a
                // process becomes another program it is not yet its own.
                seen.insert(process, (name, peak));
            }
        }
        std::thread::sleep(PAUSE);
    }
    // The verdict of one submission fits into the pipe, so that the grader
    // never waited for somebody to read it.
    let output = child
        .wait_with_output()
        .context("cannot read the verdict")?;
    expect_full_marks(&verdicts(&output)?)?;

    let examined = seen
        .values()
        .filter(|(name, _)| name.starts_with(EXAMINED))
        .map(|(_, peak)| *peak)
        .max();
    let examined = examined.context("no examined process was seen; is it called otherwise now?")?;
    let (_, grader) = seen.get(&first).context("the grader was not seen")?;
    Ok(Peaks {
        grader: *grader as f64,
        examined: examined as f64,
    })
}

/// A process and all that it has started, whatever started that.
fn tree(first: u32) -> Vec<u32> {
    let mut found = vec![first];
    let mut next = 0;
    while let Some(&process) = found.get(next) {
        next += 1;
        // Each thread has children of its own. Whatever ends meanwhile is gone.
        let Ok(threads) = std::fs::read_dir(format!("/proc/{process}/task")) else {
            continue;
        };
        for thread in threads.flatten() {
            let children = std::fs::read_to_string(thread.path().join("children"));
            let children = children.unwrap_or_default();
            found.extend(
                children
                    .split_whitespace()
                    .filter_map(|child| child.parse::<u32>().ok()),
            );
        }
    }
    found
}

/// The name of a process and its peak in KiB, if it is still there.
fn look(process: u32) -> Option<(String, u64)> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let field = |name: &str| {
        status
            .lines()
            .find_map(|line| Some(line.strip_prefix(name)?.strip_prefix(':')?.trim()))
    };
    let peak = field("VmHWM")?.strip_suffix(" kB")?.parse().ok()?;
    Some((field("Name")?.to_owned(), peak))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_a_name_and_a_peak() {
        let (name, peak) = look(std::process::id()).unwrap();
        assert!(!name.is_empty() && peak > 100, "{name} {peak}");
        assert_eq!(look(u32::MAX), None);
    }

    #[test]
    fn a_process_is_in_the_tree_of_what_started_it() {
        let mut child = std::process::Command::new("sleep")
            .arg("100")
            .spawn()
            .unwrap();
        let tree = tree(std::process::id());
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(tree.contains(&child.id()), "{tree:?}");
    }
}
