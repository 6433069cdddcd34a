//! Words that several messages share.

use verdict::{Execution, Place};

/// A thread as it is shown: `main`, `T1`, `T2 "writer"`; with several
/// processes `server`, `server T1 "writer"`.
pub fn thread_name(execution: &Execution, thread: u32) -> String {
    let short = execution.label(thread);
    let own = usize::try_from(thread)
        .ok()
        .and_then(|index| execution.threads.get(index)?.name.as_deref());
    match own {
        // The main thread is called main already, or as its process.
        Some(own) if own != short => format!("{short} {own:?}"),
        _ => short,
    }
}

/// A thread by its number alone.
pub(crate) fn short_name(thread: u32) -> String {
    verdict::record::label(None, thread)
}

/// `one`, `one and two`, `one, two and three`.
pub(crate) fn and<T: AsRef<str>>(items: &[T]) -> String {
    let items: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
    match items.as_slice() {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// ` at src/lib.rs:12:5`, or nothing where the place is not known.
pub(crate) fn at(place: Option<&Place>) -> String {
    place
        .map(|place| format!(" at {place}"))
        .unwrap_or_default()
}

/// The first line of a text, of at most 200 characters: what a program printed
/// or panicked with may be of any length.
pub(crate) fn brief(text: &str) -> String {
    const LONGEST: usize = 200;
    let line = text.lines().next().unwrap_or_default();
    let mut brief: String = line.chars().take(LONGEST).collect();
    if brief.len() < text.trim_end().len() {
        brief.push_str(" ...");
    }
    brief
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Ending;
    use crate::testing::execution;

    #[test]
    fn a_thread_is_shown_by_its_number_and_its_own_name() {
        let mut execution = execution(Ending::Exited { code: 0 }, vec![]);
        execution.threads = [Some("main"), Some("writer"), None]
            .map(|name| crate::Thread {
                name: name.map(Into::into),
                spawned: None,
                process: 0,
            })
            .to_vec();
        let names: Vec<String> = (0..4)
            .map(|thread| thread_name(&execution, thread))
            .collect();
        assert_eq!(names, ["main", "T1 \"writer\"", "T2", "T3"]);
    }

    #[test]
    fn lists_read_as_a_person_would_write_them() {
        assert_eq!(and::<&str>(&[]), "");
        assert_eq!(and(&["a"]), "a");
        assert_eq!(and(&["a", "b"]), "a and b");
        assert_eq!(and(&["a", "b", "c"]), "a, b and c");
    }

    #[test]
    fn long_texts_are_cut_off() {
        assert_eq!(brief("short\n"), "short");
        assert_eq!(brief("first\nsecond"), "first ...");
        assert_eq!(brief(&"ä".repeat(300)), "ä".repeat(200) + " ...");
        assert_eq!(brief(""), "");
    }
}
