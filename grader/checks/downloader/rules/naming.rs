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
    // That there is one for each URL given, be it given twice, is for the rule of
    // the order.
    let mut again = asked.succeeding().filter(|url| url.nth > 0);
    if again.any(|url| run.download(url).is_err()) {
        return Ok(());
    }
    let mut names = BTreeSet::new();
    for url in asked.succeeding() {
        let (name, _) = run.saved(url)?;
        if !names.insert(name) {
            let mut same = asked.urls.iter().filter(|other| other.url == url.url);
            let (message, sentence) = if same.nth(1).is_some() {
                let message = format!(
                    "{} was given twice, and both of its downloads were saved as `{name}`: each must have a file \
                     of its own",
                    url.url
                );
                (message, "C15")
            } else {
                let message =
                    format!("two downloads were saved as `{name}`: one has overwritten the other");
                (message, "C16")
            };
            return Err(Fault::new(FindingKind::WrongFile, message).sentence(sentence));
        }
    }
    results::saved(asked, run)?;
    self::names(asked, run)
}

/// URLs whose last segment leads elsewhere are refused, the others are not.
pub(crate) fn refused(asked: &Asked, run: &Run) -> Result<(), Fault> {
    for url in &asked.urls {
        let result = &run.download(url)?.result;
        if let Some(bases) = names::of(&url.url) {
            if let Err(kind) = result {
                let name = bases.get(1).or(bases.first());
                let message = format!(
                    "{} must not be refused: its last segment, percent-decoded once, is `{}`, which leads nowhere else; \
                     but its result is an error of the kind {kind}",
                    url.url,
                    name.map(String::as_str).unwrap_or_default()
                );
                return Err(Fault::new(FindingKind::WrongResult, message));
            }
            run.saved(url)?;
            continue;
        }
        let got = match result {
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
        let number = names::numbered(base, 1);
        let decoded = bases.get(1).map_or(String::new(), |decoded| {
            format!(" (or `{decoded}`, with its escapes decoded)")
        });
        return fault(format!(
            "the file for {} is called `{name}`; it should be `{base}`{decoded} or, where that is taken, `{number}` and \
             so on",
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
    fn downloads_of_one_url_have_a_file_each() {
        let asked = ask(2, &["http://h/a", "http://h/a"]);
        assert_eq!(distinct(&asked, &saved(&asked, &["a", "a-1"])), Ok(()));
        let fault = distinct(&asked, &saved(&asked, &["a", "a"])).unwrap_err();
        assert_eq!(fault.sentence.as_deref(), Some("C15"));
        let one = run(&asked, returned(vec![ok("http://h/a", "a", 1)]));
        assert_eq!(distinct(&asked, &one), Ok(()), "another rule's business");
        assert!(crate::rules::results::in_order(&asked, &one).is_err());
    }

    #[test]
    fn a_segment_is_decoded_once_and_as_bytes() {
        let asked = ask(1, &["http://h/%E2%82%AC%2525"]);
        for name in ["%E2%82%AC%2525", "€%25", "€%2525", "%E2%82%AC%25"] {
            assert_eq!(names(&asked, &saved(&asked, &[name])), Ok(()), "{name}");
        }
        for name in ["€%", "â\u{82}¬%25"] {
            let fault = names(&asked, &saved(&asked, &[name])).unwrap_err();
            let both = "`%E2%82%AC%2525` (or `€%25`, with its escapes decoded)";
            assert!(fault.message.contains(both), "{}", fault.message);
        }
        let asked = ask(1, &["http://h/%252e%252e"]);
        let refused = refused(
            &asked,
            &run(
                &asked,
                returned(vec![err("http://h/%252e%252e", "InvalidInput")]),
            ),
        );
        assert!(refused.unwrap_err().message.contains("is `%2e%2e`"));
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
