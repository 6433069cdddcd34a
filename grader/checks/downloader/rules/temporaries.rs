//! Temporary files: what they are called, what becomes of them, and whom they
//! meet.

use judge::{Fault, FindingKind};

use crate::asked::Asked;
use crate::names;
use crate::rules::faults::unaccounted;
use crate::rules::results::brief;
use crate::run::Run;

/// Their names begin with a dot, and they are gone on return.
pub(crate) fn hidden_and_gone(asked: &Asked, run: &Run) -> Result<(), Fault> {
    let named = |name: &str| {
        asked.before.contains_key(name)
            || asked.urls.iter().any(|url| names::may_have(&url.url, name))
    };
    // The scenario looks for files whose names do not begin with a dot.
    if let Some((name, _)) = run.seen.iter().find(|(name, _)| !named(name)) {
        let message = format!(
            "while downloads were under way, the folder held a file `{name}`: no download is called so in the \
             end, and for a temporary file the name does not begin with a dot"
        );
        return Err(Fault::new(FindingKind::WrongFile, message).sentence("C11"));
    }
    if let Some((name, contents)) = unaccounted(asked, run).next() {
        let message = format!(
            "when download_all had returned, a file `{name}` was left that holds {} and is no download's",
            brief(contents)
        );
        return Err(Fault::new(FindingKind::WrongFile, message).sentence("C12"));
    }
    run.all_saved(asked)
}

/// A file that is there before, and by chance has the name of a temporary one,
/// is not written to.
///
/// That such a file is removed unchanged is let pass: the contract speaks of
/// overwriting.
pub(crate) fn stale(asked: &Asked, run: &Run) -> Result<(), Fault> {
    const CONTENTS: &str = "stale";
    let seen = run
        .seen
        .iter()
        .filter_map(|(name, contents)| Some((name, contents.as_ref()?)));
    let mut found = seen
        .chain(run.files.iter())
        .filter(|(name, _)| run.stale.contains(name));
    if let Some((name, contents)) = found.find(|(_, contents)| *contents != CONTENTS) {
        let message = format!(
            "a file `{name}` was there before the call and held {CONTENTS:?}; the call took that name for a \
             temporary file of its own, and then it held {}",
            brief(contents)
        );
        return Err(Fault::new(FindingKind::WrongFile, message).sentence("C16"));
    }
    run.all_saved(asked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ask, body, file, mark, ok, returned, run};
    use judge::What;

    const URL: &str = "http://h/a.txt";

    fn judged(rule: fn(&Asked, &Run) -> Result<(), Fault>, others: Vec<What>) -> Result<(), Fault> {
        let asked = ask(2, &[URL]);
        let mut events = returned(vec![ok(URL, "a.txt", 1)]);
        events.push(file("a.txt", &body(URL)));
        events.extend(others);
        rule(&asked, &run(&asked, events))
    }

    #[test]
    fn temporary_files_are_hidden_and_gone() {
        assert_eq!(judged(hidden_and_gone, vec![]), Ok(()));
        assert_eq!(
            judged(hidden_and_gone, vec![mark("seen", vec!["a-1.txt", "half"])]),
            Ok(())
        );
        let shown = judged(
            hidden_and_gone,
            vec![mark("seen", vec!["a.txt.part", "half"])],
        );
        assert_eq!(shown.unwrap_err().sentence.as_deref(), Some("C11"));
        let left = judged(hidden_and_gone, vec![file(".a.part", "half")]);
        assert_eq!(left.unwrap_err().sentence.as_deref(), Some("C12"));
    }

    #[test]
    fn a_stale_file_may_go_but_not_change() {
        let stale_is = |others: Vec<What>| {
            let mut events = vec![mark("stale", ".a.part")];
            events.extend(others);
            judged(stale, events)
        };
        assert_eq!(stale_is(vec![]), Ok(()));
        assert_eq!(stale_is(vec![file(".a.part", "stale")]), Ok(()));
        assert!(stale_is(vec![file(".a.part", "new")]).is_err());
        let emptied = stale_is(vec![mark("seen", vec![".a.part", ""])]);
        assert!(emptied.unwrap_err().message.ends_with("held nothing"));
    }
}
