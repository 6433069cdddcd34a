//! What `download_all` returns, and what the files hold.

use judge::{Fault, FindingKind};

use crate::asked::Asked;
use crate::run::{Run, counted};

/// One `Download` for each URL, in the order given.
pub(crate) fn in_order(asked: &Asked, run: &Run) -> Result<(), Fault> {
    let given: Vec<&str> = asked.urls.iter().map(|url| url.url.as_str()).collect();
    let returned: Vec<&str> = run
        .downloads
        .iter()
        .map(|download| download.url.as_str())
        .collect();
    if given == returned {
        return Ok(());
    }
    let message = format!(
        "the URLs were given in the order [{}], and the Downloads returned are for [{}]",
        given.join(", "),
        returned.join(", ")
    );
    Err(Fault::new(FindingKind::WrongResult, message))
}

/// Each file holds what was fetched for its URL, and `bytes` is its length.
pub(crate) fn saved(asked: &Asked, run: &Run) -> Result<(), Fault> {
    for url in asked.succeeding() {
        let (name, saved) = run.saved(url)?;
        let contents = &run.files[name];
        if *contents != url.body {
            let message = format!(
                "`{name}`, the file for {}, holds {}, but the fetch wrote {}",
                url.url,
                brief(contents),
                brief(&url.body)
            );
            return Err(Fault::new(FindingKind::WrongFile, message));
        }
        // Each char stands for one byte.
        let length = url.body.chars().count() as u64;
        if saved.bytes != length {
            let message = format!(
                "the fetch of {} wrote {}, but `bytes` says {}",
                url.url,
                counted(url.body.chars().count(), "byte"),
                saved.bytes
            );
            return Err(Fault::new(FindingKind::WrongResult, message));
        }
    }
    Ok(())
}

/// Contents as a person wants to read them, with the length of long ones.
pub(crate) fn brief(contents: &str) -> String {
    const LONGEST: usize = 40;
    match contents.chars().count() {
        0 => "nothing".to_owned(),
        length if length > LONGEST => {
            let start: String = contents.chars().take(LONGEST).collect();
            format!("{length} bytes ({start:?} ...)")
        }
        _ => format!("{contents:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ask, body, file, ok, returned, run, saved as saved_as};

    const URLS: [&str; 2] = ["http://h/a", "http://h/b"];

    #[test]
    fn the_order_of_the_urls_is_the_order_of_the_results() {
        let asked = ask(2, &URLS);
        assert_eq!(in_order(&asked, &saved_as(&asked, &["a", "b"])), Ok(()));
        let swapped = run(
            &asked,
            returned(vec![ok(URLS[1], "b", 1), ok(URLS[0], "a", 1)]),
        );
        assert!(
            in_order(&asked, &swapped)
                .unwrap_err()
                .message
                .contains("for [http://h/b, http://h/a]")
        );
        let fewer = run(&asked, returned(vec![ok(URLS[0], "a", 1)]));
        assert!(in_order(&asked, &fewer).is_err());
        let none = ask(2, &[]);
        assert_eq!(in_order(&none, &run(&none, returned(vec![]))), Ok(()));
    }

    #[test]
    fn contents_and_lengths_are_those_that_the_fetch_wrote() {
        let asked = ask(2, &URLS[..1]);
        assert_eq!(saved(&asked, &saved_as(&asked, &["a"])), Ok(()));
        let with = |contents: &str, bytes: u64| {
            let mut events = returned(vec![ok(URLS[0], "a", bytes)]);
            events.push(file("a", contents));
            saved(&asked, &run(&asked, events)).unwrap_err()
        };
        assert_eq!(with("bytes of", 8).kind, FindingKind::WrongFile);
        assert_eq!(with(&body(URLS[0]), 7).kind, FindingKind::WrongResult);
        assert!(with("", 0).message.contains("holds nothing"));
    }

    #[test]
    fn a_result_without_its_file_is_a_fault() {
        let asked = ask(2, &URLS[..1]);
        let fault = saved(&asked, &run(&asked, returned(vec![ok(URLS[0], "a", 1)]))).unwrap_err();
        assert_eq!(fault.sentence.as_deref(), Some("C3"));
        assert!(
            fault.message.contains("where no such file is"),
            "{}",
            fault.message
        );
        assert!(
            saved(&asked, &run(&asked, returned(vec![])))
                .unwrap_err()
                .message
                .contains("none for http://h/a")
        );
    }
}
