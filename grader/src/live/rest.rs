//! When a run has come to rest.
//!
//! That nothing was heard for a while would be luck: on a loaded machine, a
//! program that is about to answer may not get its turn for longer. So a program
//! is at rest only while each of its threads waits in the system, and has not
//! run in between, which Linux tells of every thread. On other systems there is
//! only the while.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use super::board::Board;

/// How often is looked.
pub(super) const LOOK: Duration = Duration::from_millis(10);

/// Looks, again and again, whether anything goes on.
#[derive(Debug)]
pub(super) struct Quiet<'a> {
    board: &'a Board,
    looked: Instant,
    still: Duration,
    before: Option<Snapshot>,
}

/// What a run looks like as long as it is at rest.
#[derive(Debug, PartialEq, Eq)]
struct Snapshot {
    /// How many there were, and how many bytes were printed.
    events: (usize, usize),
    /// Of each thread of each program, how often it has stopped running.
    threads: Vec<(String, String)>,
}

impl<'a> Quiet<'a> {
    pub(super) fn new(board: &'a Board) -> Quiet<'a> {
        Quiet {
            board,
            looked: Instant::now(),
            still: Duration::ZERO,
            before: None,
        }
    }

    /// Whether nothing has gone on for a while. To be asked every [`LOOK`].
    pub(super) fn is_long_enough(&mut self) -> bool {
        // No more than was looked at: after the machine stood still, what is about to wake
        // sleeps as before for a moment.
        let passed = self.looked.elapsed().min(2 * LOOK);
        self.looked = Instant::now();
        self.still += passed;
        let (pids, events) = {
            let state = self.board.state();
            let pids = state.programs.iter().filter_map(|status| status.pid);
            let events = (state.events.len(), state.printed);
            (pids.collect::<Vec<_>>(), events)
        };
        let threads = waiting(&pids);
        let snapshot = threads.map(|threads| Snapshot { events, threads });
        if snapshot.is_none() || snapshot != self.before {
            self.before = snapshot;
            self.still = Duration::ZERO;
        }
        self.still >= self.board.patience().quiet
    }
}

/// Every thread of these processes with how often it has stopped running;
/// `None` where one of them runs or could run.
fn waiting(pids: &[u32]) -> Option<Vec<(String, String)>> {
    let mut all = Vec::new();
    for pid in pids {
        let folder = format!("/proc/{pid}/task");
        // A process that is gone goes on with nothing. A system that has no
        // such folder tells nothing.
        let Ok(tasks) = fs::read_dir(Path::new(&folder)) else {
            continue;
        };
        for task in tasks.flatten() {
            let Ok(status) = fs::read_to_string(task.path().join("status")) else {
                continue;
            };
            let field = |name: &str| {
                let line = status.lines().find_map(|line| line.strip_prefix(name));
                line.map(str::trim).unwrap_or_default()
            };
            if !field("State:").starts_with(['S', 'Z', 'X']) {
                return None;
            }
            let stops = [
                field("voluntary_ctxt_switches:"),
                field("nonvoluntary_ctxt_switches:"),
            ];
            let name = task.file_name().to_string_lossy().into_owned();
            all.push((name, stops.join(" ")));
        }
    }
    all.sort();
    Some(all)
}
