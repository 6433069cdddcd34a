//! How many fetches are under way at once.

use judge::{Fault, FindingKind};

use crate::asked::Asked;
use crate::run::{Fetching, Run};

/// Never more than `jobs`, where 0 counts as 1.
pub(crate) fn at_most(asked: &Asked, run: &Run) -> Result<(), Fault> {
    let mut under_way: Vec<&str> = Vec::new();
    for fetching in &run.fetches {
        match fetching {
            Fetching::Begins(url) => under_way.push(url),
            Fetching::Ends(url) => under_way.retain(|other| other != url),
        }
        if under_way.len() > asked.at_once() {
            let message = format!(
                "{} fetches were under way at the same time ({}), although jobs is {}",
                under_way.len(),
                under_way.join(", "),
                asked.jobs
            );
            return Err(Fault::new(FindingKind::WrongConcurrency, message));
        }
    }
    // Who fetches nothing never fetches too much.
    run.all_saved(asked)
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
    use crate::testing::{ask, begin, end, file, ok, returned, run};
    use judge::What;

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
    fn to_fetch_nothing_is_no_way_to_keep_the_limit() {
        let asked = ask(2, &URLS);
        assert!(at_most(&asked, &run(&asked, returned(vec![]))).is_err());
        assert!(at_once(&asked, &run(&asked, returned(vec![]))).is_err());
    }
}
