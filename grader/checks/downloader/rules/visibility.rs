//! What can be seen of a download that is not yet complete.

use judge::{Fault, FindingKind};

use crate::asked::Asked;
use crate::names;
use crate::rules::results::brief;
use crate::run::Run;

/// Whatever file was seen under a name that a download may have in the end was
/// a complete one. Files of other names are for another rule.
pub(crate) fn complete(asked: &Asked, run: &Run) -> Result<(), Fault> {
    for (name, contents) in &run.seen {
        // Where a file of others has gone for a moment is for another rule, too.
        let before = asked.before.get(name);
        if before.is_some_and(|before| contents.as_ref().is_none_or(|now| now == before)) {
            continue;
        }
        let owners: Vec<_> = asked
            .urls
            .iter()
            .filter(|url| names::may_have(&url.url, name))
            .collect();
        let whole = owners
            .iter()
            .any(|url| Some(&url.body) == contents.as_ref());
        if whole || owners.is_empty() {
            continue;
        }
        let held = match contents {
            Some(contents) => format!("held {}", brief(contents)),
            None => "was removed again".to_owned(),
        };
        let message = format!(
            "while downloads were under way, a file `{name}` was in the folder and {held}, but the complete \
             one holds {}",
            owners
                .iter()
                .map(|url| brief(&url.body))
                .collect::<Vec<_>>()
                .join(" or ")
        );
        return Err(Fault::new(FindingKind::WrongFile, message));
    }
    run.all_saved(asked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ask, body, file, mark, ok, returned, run};
    use judge::Value;

    const URL: &str = "http://h/a.txt";

    fn seen(name: &str, contents: impl Into<Value>) -> Result<(), Fault> {
        let mut asked = ask(2, &[URL]);
        asked.before.insert("old".into(), "o".into());
        let mut events = vec![mark("seen", vec![name.into(), contents.into()])];
        events.extend(returned(vec![ok(URL, "a.txt", 1)]));
        events.push(file("a.txt", &body(URL)));
        complete(&asked, &run(&asked, events))
    }

    #[test]
    fn a_file_under_a_final_name_is_complete() {
        assert_eq!(seen("a.txt", body(URL).as_str()), Ok(()));
        assert_eq!(seen("a-1.txt", body(URL).as_str()), Ok(()));
        assert_eq!(seen("old", "o"), Ok(()));
        assert_eq!(seen("old", ()), Ok(()), "another rule's business");
        assert_eq!(
            seen("a.txt.part", "half"),
            Ok(()),
            "another rule's business"
        );
        for (name, contents) in [("a.txt", ""), ("a.txt", "bytes"), ("a-3.txt", "bytes")] {
            let fault = seen(name, contents).unwrap_err();
            assert_eq!(fault.kind, FindingKind::WrongFile);
            assert!(fault.message.contains(name), "{}", fault.message);
        }
        assert!(
            seen("a.txt", ())
                .unwrap_err()
                .message
                .contains("was removed again")
        );
    }
}
