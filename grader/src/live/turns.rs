//! How long programs wanted to run and did not get to.
//!
//! A program that others keep from running is as slow as the machine, and no fault
//! of its own: what is waited for it in vain must not count that time. Linux tells of
//! every thread how long it has waited for its turn. On other systems, and where a
//! kernel does not tell, nothing is known and nothing left out.

use std::collections::HashMap;
use std::fs;
use std::time::Duration;

/// How long the threads of programs had waited for their turns when this was last
/// asked, in nanoseconds, by their numbers.
#[derive(Debug, Default)]
pub(super) struct Turns {
    waited: HashMap<u32, u64>,
}

impl Turns {
    /// How long the thread of these processes that waited longest has waited for its
    /// turn since this was last asked.
    pub(super) fn waited(&mut self, processes: &[u32]) -> Duration {
        let now: HashMap<u32, u64> = processes.iter().flat_map(|pid| threads(*pid)).collect();
        let longer = now.iter().map(|(thread, waited)| {
            let before = self.waited.get(thread).copied().unwrap_or_default();
            waited.saturating_sub(before)
        });
        let longest = longer.max().unwrap_or_default();
        self.waited = now;
        Duration::from_nanos(longest)
    }
}

/// The threads of a process, with how long each has waited for its turn.
fn threads(pid: u32) -> Vec<(u32, u64)> {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return Vec::new();
    };
    let told = threads.flatten().filter_map(|thread| {
        let number = thread.file_name().to_str()?.parse().ok()?;
        // The time on a processor, the time until it got there, and how often it did.
        let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        let waited = text.split_whitespace().nth(1)?.parse().ok()?;
        Some((number, waited))
    });
    told.collect()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Instant;

    use super::*;

    #[test]
    fn who_has_to_share_a_processor_waits_for_turns() {
        let own = std::process::id();
        if threads(own).is_empty() {
            return;
        }
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let over = AtomicBool::new(false);
        let mut turns = Turns::default();
        turns.waited(&[own]);
        std::thread::scope(|scope| {
            for _ in 0..=2 * cores {
                scope.spawn(|| {
                    while !over.load(Ordering::Relaxed) {
                        std::hint::spin_loop();
                    }
                });
            }
            let began = Instant::now();
            let mut waited = Duration::ZERO;
            // Three share a core, so this comes soon, on whatever machine.
            while waited.is_zero() && began.elapsed() < Duration::from_secs(60) {
                std::thread::yield_now();
                waited = turns.waited(&[own]);
            }
            over.store(true, Ordering::Relaxed);
            assert!(!waited.is_zero());
            assert!(waited <= began.elapsed() + Duration::from_secs(60));
        });
        assert_eq!(turns.waited(&[]), Duration::ZERO);
        assert_eq!(turns.waited(&[u32::MAX]), Duration::ZERO);
    }
}
