//! What files are called.

use std::collections::BTreeSet;

use judge::{Fault, FindingKind};

use crate::asked::{Asked, Url};
use crate::names;
use crate::rules::results;
use crate::run::Run;

/// Each file has the name of its URL, or the first with a number that is free.
pub(crate) fn names(asked: &Asked, run: &Run) -> Result<(), Fault> {
    asked.succeeding().try_for_each(|url| name(asked, run, url))
}

/// The same for downloads that compete for a name; besides, none has taken the
/// place of another.
pub(crate) fn distinct(asked: &Asked, run: &Run) -> Result<(), Fault> {
    let mut names = BTreeSet::new();
    for url in asked.succeeding() {
        let (name, _) = run.saved(url)?;
        if !names.insert(name) {
            let message =
                format!("two downloads were saved as `{name}`: one has overwritten the other");
            return Err(Fault::new(FindingKind::WrongFile, message).sentence("C16"));
        }
    }
    results::saved(asked, run)?;
    self::names(asked, run)
}

/// URLs whose last segment leads elsewhere are refused, the others are not.
pub(crate) fn refused(asked: &Asked, run: &Run) -> Result<(), Fault> {
    for url in &asked.urls {
        if names::of(&url.url).is_some() {
            run.saved(url)?;
            continue;
        }
        let got = match &run.download(&url.url)?.result {
            Err(kind) if kind == "InvalidInput" => continue,
            Err(kind) => format!("it is an error of the kind {kind}"),
            Ok(saved) => format!(
                "it was saved as `{}`",
                saved.name.as_ref().unwrap_or_else(|name| name)
            ),
        };
        let message = format!(
            "{} must give an error of the kind InvalidInput, but {got}",
            url.url
        );
        return Err(Fault::new(FindingKind::WrongResult, message));
    }
    Ok(())
}

fn name(asked: &Asked, run: &Run, url: &Url) -> Result<(), Fault> {
    let (name, _) = run.saved(url)?;
    let bases = names::of(&url.url).unwrap_or_default();
    let fault = |message: String| Err(Fault::new(FindingKind::WrongFile, message));
    // Where more than one base leads to the name, the kindest reading counts.
    let readings = bases.iter().filter_map(|base| names::earlier(base, name));
    let free = readings.map(|earlier| {
        earlier
            .into_iter()
            .filter(|name| !taken(asked, run, name))
            .collect::<Vec<_>>()
    });
    let Some(free) = free.min_by_key(Vec::len) else {
        let base = bases.first().map(String::as_str).unwrap_or_default();
        let other = names::numbered(base, 1);
        return fault(format!(
            "the file for {} is called `{name}`; it should be `{base}` or, where that is taken, `{other}` and so on",
            url.url
        ));
    };
    // A download that failed may have had a name for a while.
    match free.first() {
        Some(first) if free.len() > asked.failing().count() => fault(format!(
            "the file for {} is called `{name}`, although `{first}` was free",
            url.url
        )),
        _ => Ok(()),
    }
}

fn taken(asked: &Asked, run: &Run, name: &str) -> bool {
    asked.before.contains_key(name)
        || run.planted.contains_key(name)
        || run.names().iter().any(|(_, other)| *other == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asked::End;
    use crate::testing::{ask, err, mark, ok, returned, run, saved};

    #[test]
    fn a_name_is_the_first_that_is_free() {
        let mut asked = ask(1, &["http://h/a.txt"]);
        assert_eq!(names(&asked, &saved(&asked, &["a.txt"])), Ok(()));
        let gap = names(&asked, &saved(&asked, &["a-1.txt"])).unwrap_err();
        assert!(gap.message.contains("`a.txt` was free"), "{}", gap.message);
        let wrong = names(&asked, &saved(&asked, &["a.txt-1"])).unwrap_err();
        assert!(
            wrong.message.contains("`a-1.txt` and so on"),
            "{}",
            wrong.message
        );
        asked.before.insert("a.txt".into(), "old".into());
        assert_eq!(names(&asked, &saved(&asked, &["a-1.txt"])), Ok(()));
        assert!(names(&asked, &saved(&asked, &["a-2.txt"])).is_err());
    }

    #[test]
    fn planted_files_and_other_downloads_take_names_and_failed_ones_may() {
        let mut asked = ask(2, &["http://h/a", "http://i/a"]);
        assert_eq!(distinct(&asked, &saved(&asked, &["a-1", "a"])), Ok(()));
        let mut planted = saved(&asked, &["a-2", "a-1"]);
        assert!(distinct(&asked, &planted).is_err());
        planted.planted.insert("a".into(), "planted".into());
        assert_eq!(distinct(&asked, &planted), Ok(()));

        asked.urls.extend(ask(1, &["http://j/a"]).urls);
        asked.urls[2].end = End::Fails;
        assert_eq!(distinct(&asked, &saved(&asked, &["a-1", "a-2"])), Ok(()));
        assert!(distinct(&asked, &saved(&asked, &["a-1", "a-3"])).is_err());
    }

    #[test]
    fn two_downloads_never_share_a_file() {
        let asked = ask(2, &["http://h/a", "http://i/a"]);
        let shared = saved(&asked, &["a", "a"]);
        assert_eq!(
            distinct(&asked, &shared).unwrap_err().sentence.as_deref(),
            Some("C16")
        );
        assert!(distinct(&asked, &run(&asked, vec![mark("threads", 1u64)])).is_err());
    }

    #[test]
    fn names_that_lead_elsewhere_are_invalid_input() {
        let asked = ask(1, &["http://h/.."]);
        let result = |value| refused(&asked, &run(&asked, returned(vec![value])));
        assert_eq!(result(err("http://h/..", "InvalidInput")), Ok(()));
        assert!(
            result(err("http://h/..", "Other"))
                .unwrap_err()
                .message
                .contains("the kind Other")
        );
        assert!(
            result(ok("http://h/..", "..", 1))
                .unwrap_err()
                .message
                .contains("saved as `..`")
        );
        let asked = ask(1, &["http://h/a%25"]);
        let result = |value| refused(&asked, &run(&asked, returned(vec![value])));
        assert!(result(err("http://h/a%25", "InvalidInput")).is_err());
    }
}
