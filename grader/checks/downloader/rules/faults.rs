//! Fetches that fail or panic.

use judge::{Fault, FindingKind};

use crate::asked::{Asked, End};
use crate::rules::results;
use crate::run::Run;

/// They fail their own download, and nothing else.
pub(crate) fn alone(asked: &Asked, run: &Run) -> Result<(), Fault> {
    for url in asked.failing() {
        if run.download(url)?.result.is_ok() {
            let (did, sentence) = match url.end {
                End::Panics => ("panicked", "C8"),
                _ => ("failed", "C7"),
            };
            let message = format!("the fetch of {} {did}, but its result is Ok", url.url);
            return Err(Fault::new(FindingKind::WrongResult, message).sentence(sentence));
        }
    }
    results::saved(asked, run).map_err(|fault| Fault {
        sentence: None,
        ..fault
    })
}

/// They leave no file behind, neither a finished nor a temporary one.
pub(crate) fn leaves_nothing(asked: &Asked, run: &Run) -> Result<(), Fault> {
    run.all_saved(asked)?;
    match unaccounted(asked, run).next() {
        None => Ok(()),
        Some((name, contents)) => {
            let failed: Vec<&str> = run
                .downloads
                .iter()
                .filter(|download| download.result.is_err())
                .map(|download| download.url.as_str())
                .collect();
            let after = match failed.as_slice() {
                [] => "after the call".to_owned(),
                failed => format!("after the failed download of {}", failed.join(", ")),
            };
            let held = results::brief(contents);
            let message = format!("{after}, a file `{name}` is left that holds {held}");
            Err(Fault::new(FindingKind::WrongFile, message).sentence("C10"))
        }
    }
}

/// Files in the folder that are no download that succeeded, and were not put
/// there by the scenario.
pub(crate) fn unaccounted<'a>(
    asked: &'a Asked,
    run: &'a Run,
) -> impl Iterator<Item = (&'a str, &'a str)> {
    run.files
        .iter()
        .map(|(name, contents)| (name.as_str(), contents.as_str()))
        .filter(|(name, _)| {
            let known = asked.before.contains_key(*name) || run.planted.contains_key(*name);
            let stale = run.stale.iter().any(|stale| stale == name);
            !known && !stale && !run.names().iter().any(|(_, saved)| saved == name)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ask, body, err, file, ok, returned, run};
    use judge::{Value, What};

    const URLS: [&str; 2] = ["http://h/a", "http://h/b"];

    fn fault_in_first(end: End) -> Asked {
        let mut asked = ask(2, &URLS);
        asked.urls[0].end = end;
        asked
    }

    fn events(first: Value, others: Vec<What>) -> Vec<What> {
        let second = body(URLS[1]);
        let mut events = returned(vec![first, ok(URLS[1], "b", second.len() as u64)]);
        events.push(file("b", &second));
        events.extend(others);
        events
    }

    #[test]
    fn a_fault_must_be_told_and_the_others_must_be_saved() {
        let asked = fault_in_first(End::Panics);
        let told = events(err(URLS[0], "Other"), vec![]);
        assert_eq!(alone(&asked, &run(&asked, told)), Ok(()));
        let hidden = events(ok(URLS[0], "a", 1), vec![]);
        assert_eq!(
            alone(&asked, &run(&asked, hidden))
                .unwrap_err()
                .sentence
                .as_deref(),
            Some("C8")
        );
        let lost = returned(vec![err(URLS[0], "Other"), err(URLS[1], "Other")]);
        assert_eq!(
            alone(&asked, &run(&asked, lost)).unwrap_err().kind,
            FindingKind::WrongResult
        );
    }

    #[test]
    fn nothing_may_be_left_of_a_failed_download() {
        let asked = fault_in_first(End::Fails);
        let clean = events(err(URLS[0], "Other"), vec![]);
        assert_eq!(leaves_nothing(&asked, &run(&asked, clean)), Ok(()));
        for name in ["a", ".a.part", ".tmp/0"] {
            let left = events(err(URLS[0], "Other"), vec![file(name, "half")]);
            let fault = leaves_nothing(&asked, &run(&asked, left)).unwrap_err();
            assert_eq!(fault.kind, FindingKind::WrongFile);
            assert!(fault.message.contains(name), "{}", fault.message);
        }
        let mut asked = asked;
        asked.before.insert("old".into(), "o".into());
        let old = events(err(URLS[0], "Other"), vec![file("old", "o")]);
        assert_eq!(leaves_nothing(&asked, &run(&asked, old)), Ok(()));
    }
}
