//! Files that others made.

use judge::{Fault, FindingKind};

use crate::asked::Asked;
use crate::rules::results::brief;
use crate::run::Run;

/// Those that were there before, and those that came while downloads were
/// under way, are there afterwards and unchanged.
pub(crate) fn kept(asked: &Asked, run: &Run) -> Result<(), Fault> {
    let before = asked
        .before
        .iter()
        .map(|file| (file, "was there before the call"));
    let planted = run
        .planted
        .iter()
        .map(|file| (file, "was made by somebody else during the call"));
    for ((name, contents), when) in before.chain(planted) {
        let now = match run.files.get(name) {
            Some(now) if now == contents => continue,
            Some(now) => format!("now it holds {}", brief(now)),
            None => "now it is gone".to_owned(),
        };
        let message = format!("a file `{name}` {when} and held {}; {now}", brief(contents));
        return Err(Fault::new(FindingKind::WrongFile, message));
    }
    run.all_saved(asked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ask, saved};

    #[test]
    fn files_of_others_stay_as_they_are() {
        let mut asked = ask(1, &["http://h/a"]);
        asked.before.insert("a".into(), "old".into());
        let mut run = saved(&asked, &["a-2"]);
        run.planted.insert("a-1".into(), "planted".into());
        run.files.insert("a".into(), "old".into());
        run.files.insert("a-1".into(), "planted".into());
        assert_eq!(kept(&asked, &run), Ok(()));

        let mut changed = run.clone();
        changed.files.insert("a-1".into(), "mine".into());
        let fault = kept(&asked, &changed).unwrap_err();
        assert!(
            fault
                .message
                .contains("during the call and held \"planted\"; now it holds \"mine\"")
        );
        run.files.remove("a");
        assert!(
            kept(&asked, &run)
                .unwrap_err()
                .message
                .ends_with("now it is gone")
        );
    }
}
