//! Who does what, and when.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Does `work` for each item, for `jobs` of them at once (0 counts as 1), and
/// returns the results in the order of the items.
///
/// Each thread takes the next item as soon as it is free, so a slow item holds
/// up no other.
pub(crate) fn map<T: Sync, R: Send>(
    items: &[T],
    jobs: usize,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            match items.get(index) {
                Some(item) => done.push((index, work(item))),
                None => return done,
            }
        }
    };
    let mut results = Vec::with_capacity(items.len());
    thread::scope(|scope| {
        let workers: Vec<_> = (0..jobs.max(1).min(items.len()))
            .map(|_| scope.spawn(worker))
            .collect();
        for worker in workers {
            results.extend(worker.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
    });
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_the_order_of_the_items() {
        let items: Vec<usize> = (0..100).collect();
        for jobs in [0, 1, 7, 1000] {
            assert_eq!(
                map(&items, jobs, |item| item * 2),
                (0..200).step_by(2).collect::<Vec<_>>()
            );
        }
        assert!(map(&[], 3, |item: &u8| *item).is_empty());
    }
}
