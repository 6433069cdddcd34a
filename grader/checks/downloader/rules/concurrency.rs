//! How many fetches are under way at once.

use judge::{Execution, Fault, FindingKind};

use crate::asked::Asked;
use crate::run::{Fetching, Run};

/// More threads than any scenario needs.
const MANY_THREADS: usize = 100;

/// Whether there was to be a thread for each of as many jobs as can be. How many
/// a system has is the system's business and not the contract's, so how such a
/// call ends is let pass.
pub(crate) fn is_beyond_the_system(asked: &Asked, execution: &Execution) -> bool {
    asked.jobs == u64::MAX && execution.threads.len() > MANY_THREADS
}

/// Never more than `jobs`, where 0 counts as 1.
pub(crate) fn at_most(asked: &Asked, run: &Run) -> Result<(), Fault> {
    never_more(asked, &run.fetches)?;
    // Who fetches nothing never fetches too much.
    run.all_saved(asked)
}

/// The same, whatever becomes of the call: after a panic, that is for another
/// rule.
pub(crate) fn never_more(asked: &Asked, fetches: &[Fetching]) -> Result<(), Fault> {
    let mut under_way: Vec<&str> = Vec::new();
    for fetching in fetches {
        match fetching {
            Fetching::Begins(url) => under_way.push(url),
            Fetching::Ends(url) => {
                if let Some(place) = under_way.iter().position(|other| other == url) {
                    under_way.remove(place);
                }
            }
        }
        if under_way.len() > asked.at_once() {
            let message = format!(
                "{} fetches were under way at the same time ({}), although jobs is {}",
                under_way.len(),
                under_way.join(", "),
                asked.jobs
            );
            let sentence = if asked.jobs == 0 { "C6" } else { "C4" };
            return Err(Fault::new(FindingKind::WrongConcurrency, message).sentence(sentence));
        }
    }
    Ok(())
}

/// As many as `jobs` while so many are left. The fetches of such a scenario
/// wait for one another, so that a run in which too few are under way comes to
/// a standstill; that is found as the run is read.
pub(crate) fn at_once(asked: &Asked, run: &Run) -> Result<(), Fault> {
    run.all_saved(asked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ask, begin, end, ended, file, ok, returned, run};
    use judge::{Ending, What};

    const URLS: [&str; 3] = ["http://h/a", "http://h/b", "http://h/c"];

    fn judged(jobs: u64, mut events: Vec<What>) -> Result<(), Fault> {
        let asked = ask(jobs, &URLS);
        let names = ["a", "b", "c"];
        events.extend(returned(
            URLS.iter()
                .zip(names)
                .map(|(url, name)| ok(url, name, 1))
                .collect(),
        ));
        events.extend(names.map(|name| file(name, "x")));
        at_most(&asked, &run(&asked, events))
    }

    #[test]
    fn more_than_jobs_at_once_is_a_fault() {
        let [a, b, c] = URLS;
        let two = || vec![begin(a), begin(b), end(a), begin(c), end(b), end(c)];
        assert_eq!(judged(2, two()), Ok(()));
        for jobs in [0, 1] {
            let fault = judged(jobs, two()).unwrap_err();
            assert_eq!(fault.kind, FindingKind::WrongConcurrency);
            assert!(
                fault.message.starts_with("2 fetches were under way"),
                "{}",
                fault.message
            );
        }
        let one = vec![begin(a), end(a), begin(b), end(b), begin(c), end(c)];
        assert_eq!(judged(0, one), Ok(()));
    }

    #[test]
    fn fetches_of_one_url_are_counted_one_by_one() {
        let [a, ..] = URLS;
        let events = vec![begin(a), begin(a), end(a), begin(a), begin(a)];
        let fault = judged(2, events).unwrap_err();
        assert!(fault.message.starts_with("3 fetches"), "{}", fault.message);
    }

    #[test]
    fn only_the_largest_number_of_jobs_may_ask_for_too_many_threads() {
        let mut execution = ended(Ending::Exited { code: 101 }, vec![]);
        let thread = execution.threads[0].clone();
        let most = ask(u64::MAX, &URLS);
        assert!(!is_beyond_the_system(&most, &execution));
        execution.threads = vec![thread; MANY_THREADS + 1];
        assert!(is_beyond_the_system(&most, &execution));
        assert!(!is_beyond_the_system(&ask(5, &URLS), &execution));
    }

    #[test]
    fn to_fetch_nothing_is_no_way_to_keep_the_limit() {
        let asked = ask(2, &URLS);
        assert!(at_most(&asked, &run(&asked, returned(vec![]))).is_err());
        assert!(at_once(&asked, &run(&asked, returned(vec![]))).is_err());
    }
}
