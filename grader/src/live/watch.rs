//! Keeps the programs of a run to the limits that the system does not keep by
//! itself: how many threads and open descriptors a program has, how many files
//! lie in the folder of all, how much is in them, and how much is sent to peers and
//! sites. Whoever passes one ends the run.
//!
//! A file that was removed and is still open is on the disk as before, so it counts as
//! long as it is open.
//!
//! This looks from time to time. What passes a limit and goes back within
//! moments may not be seen; what stays is.
//!
//! Descriptors are the system's to bound: nobody has more than the limit. Who has
//! as many, gets no other and goes on, or ends, does what the program does; when
//! this looks must not tell. Who waits then, would for ever, and is told of the limit.
//!
//! And it sees for how long the machine has kept the programs, or the grader itself,
//! from running: nobody's patience is used up by that.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use verdict::{Limit, World};

use super::board::Board;
use super::folder::{self, Held};
use super::turns::Turns;
use crate::process::Ender;

/// How often is looked.
const LOOK: Duration = Duration::from_millis(50);
/// How often in a row a program that has all its descriptors must be seen asleep to
/// be one that waits: it also sleeps for moments, as while the grader binds for it.
const ASLEEP: u32 = 10;

/// Looks after a run until it is over.
pub(super) fn watch(board: &Board, folder: &Path, world: &World, given: Held) -> Result<()> {
    let mut asleep = HashMap::new();
    let mut turns = Turns::default();
    let mut since = Instant::now();
    loop {
        if board.is_over_within(LOOK) {
            return Ok(());
        }
        // With the time that the last look took: it may have been kept from running, too.
        let late = since.elapsed().saturating_sub(2 * LOOK);
        since = Instant::now();
        board.forgives(late.max(turns.waited(&running(board))));
        let Some((program, limit)) = look(board, folder, world, given, &mut asleep)? else {
            continue;
        };
        let enders = board.change(|state| {
            state.passed.get_or_insert((program, limit));
            let programs = state.programs.iter();
            programs
                .filter_map(|status| status.ender.clone())
                .collect::<Vec<_>>()
        });
        enders.iter().for_each(Ender::stop);
    }
}

/// The processes of the programs that run now.
fn running(board: &Board) -> Vec<u32> {
    let state = board.state();
    let programs = state.programs.iter();
    programs.filter_map(|status| status.pid).collect()
}

/// The limit that is passed now, and by which program. `asleep` are those that had
/// all their descriptors and slept, with how often in a row.
fn look(
    board: &Board,
    folder: &Path,
    world: &World,
    given: Held,
    asleep: &mut HashMap<u32, u32>,
) -> Result<Option<(u32, Limit)>> {
    let limits = &world.limits;
    let running: Vec<(u32, u32)> = {
        let state = board.state();
        if state.is_flooded() {
            return Ok(Some((0, Limit::Output)));
        }
        let programs = (0..).zip(&state.programs);
        programs
            .filter_map(|(number, status)| Some((number, status.pid?)))
            .collect()
    };
    for (number, pid) in &running {
        if threads(*pid).is_some_and(|threads| threads > limits.processes) {
            return Ok(Some((*number, Limit::Processes)));
        }
        let has_all = descriptors(*pid).is_some_and(|open| open >= limits.open_files);
        let times = asleep.entry(*pid).or_default();
        *times = if has_all && sleeps(*pid) {
            *times + 1
        } else {
            0
        };
        if *times >= ASLEEP {
            return Ok(Some((*number, Limit::OpenFiles)));
        }
    }
    let Some((first, _)) = running.first() else {
        return Ok(None);
    };
    // First of all, so that what loses its name meanwhile is not counted twice.
    let mut nameless: Vec<_> = running
        .iter()
        .flat_map(|(_, pid)| without_names(*pid))
        .collect();
    nameless.sort_unstable();
    nameless.dedup();
    // Nobody can tell which of several programs has made what lies there.
    let mut held = folder::held(folder, limits, given)?;
    held.and_nameless(&nameless);
    Ok(held.passes(limits, given).map(|limit| (*first, limit)))
}

/// How many threads a process has, while it is there.
fn threads(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("Threads:"))?;
    line.trim().parse().ok()
}

/// Whether all threads of a process sleep until something happens.
fn sleeps(pid: u32) -> bool {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return false;
    };
    threads.flatten().all(|thread| {
        // The state follows the name, which is in parentheses and may have some.
        let stat = fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
        let state = stat
            .rsplit_once(") ")
            .map(|(_, rest)| rest.starts_with('S'));
        state.unwrap_or(false)
    })
}

/// The files that a process has open and nobody has a name for any more, each with its
/// device, its number and its bytes on the disk.
fn without_names(pid: u32) -> Vec<(u64, u64, u64)> {
    let Ok(open) = fs::read_dir(format!("/proc/{pid}/fd")) else {
        return Vec::new();
    };
    // What a descriptor leads to is looked at, and not opened.
    let files = open
        .flatten()
        .filter_map(|entry| entry.path().metadata().ok());
    files
        .filter(|file| file.is_file() && file.nlink() == 0)
        .map(|file| (file.dev(), file.ino(), 512 * file.blocks()))
        .collect()
}

/// How many descriptors a process has open, where that is told to us.
fn descriptors(pid: u32) -> Option<u64> {
    let open = fs::read_dir(format!("/proc/{pid}/fd")).ok()?;
    Some(open.count() as u64)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn files_that_have_no_name_any_more_are_counted_by_their_blocks() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, [7; 100_000]).unwrap();
        let file = fs::File::open(&path).unwrap();
        let own = std::process::id();
        let number = file.metadata().unwrap().ino();
        let here = || {
            without_names(own)
                .into_iter()
                .find(|(_, of, _)| *of == number)
        };
        assert_eq!(here(), None);
        fs::remove_file(&path).unwrap();
        let (_, _, bytes) = here().unwrap();
        assert!(bytes >= 100_000, "{bytes}");
        drop(file);
        assert_eq!(here(), None);
    }

    #[test]
    fn threads_and_descriptors_of_a_process_are_counted() {
        let own = std::process::id();
        let waits = std::sync::Barrier::new(2);
        std::thread::scope(|scope| {
            scope.spawn(|| waits.wait());
            assert!(threads(own).unwrap() >= 2);
            waits.wait();
        });
        assert!(descriptors(own).unwrap() >= 3);
        assert_eq!(threads(u32::MAX), None);
    }
}
