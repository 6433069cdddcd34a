//! What reads something that a submission or a student controls, each as a
//! function of bytes, for the fuzz targets in `grader/fuzz/readers/`. None may
//! panic, whatever the bytes; beyond that, each asserts what must hold.
//!
//! Nothing here is an interface for anybody else.

use std::io::Cursor;
use std::path::Path;

use crate::build::{fuzzed_messages, fuzzed_mir};
use crate::examine::{Line, Records};
use crate::report::{quoted, visible};
use crate::similarity::{self, Files, Submissions};
use crate::{class, command, submission};

/// A target: its name, and what it is.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: [Target; 9] = [
    ("record", record),
    ("manifest", manifest),
    ("archive", archive),
    ("class", class),
    ("arguments", arguments),
    ("messages", messages),
    ("mir", mir),
    ("shown", shown),
    ("alike", alike),
];

/// The nonce that a record that is made up would have to have.
const NONCE: &str = "n";

/// The stream of records of an examined process: it is whole only if it begins
/// and ends as it should, and what is added to it or taken from it is found out.
pub fn record(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let mut records = Records::new(NONCE.to_owned());
    let (mut heads, mut ends, mut executions) = (0, 0, 0);
    for line in text.split_inclusive('\n') {
        match records.line(line) {
            Ok(Line::Head) => heads += 1,
            Ok(Line::Execution(_)) => executions += 1,
            Ok(Line::End) => ends += 1,
            Err(why) => {
                assert!(!why.is_empty());
                break;
            }
        }
        assert!(heads == 1 && ends <= 1, "{text:?}");
        assert_eq!(records.whole().is_some(), ends == 1, "{text:?}");
    }
    assert!(ends == 0 || text.contains(&format!("\"told\":{executions}")) || text.contains('\\'));
}

/// The manifest of a crate, of which the package's name is read.
pub fn manifest(bytes: &[u8]) {
    if let Err(why) = submission::package_in(bytes) {
        assert!(!why.contains('\n'), "{why:?}");
    }
}

/// An archive: nothing of it lies outside of the folder that it is unpacked to.
pub fn archive(bytes: &[u8]) {
    let files = match submission::files_in_archive(Cursor::new(bytes)) {
        Ok(files) => files,
        Err(refusal) => return assert!(!refusal.to_string().is_empty()),
    };
    for name in files.keys() {
        let mut parts = Path::new(name).components();
        let inside = parts.all(|part| matches!(part, std::path::Component::Normal(_)));
        assert!(inside && !name.contains(char::is_control), "{name:?}");
    }
}

/// A roster, and the names of files that students have handed in, one a line.
pub fn class(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    text.lines().for_each(class::fuzzed_name);
    let Ok(roster) = class::Roster::parse(&text) else {
        return;
    };
    for person in &roster.people {
        assert!(!person.name.is_empty() && !person.id.is_empty(), "{text:?}");
    }
    let names = roster.people.iter().map(|person| person.name.as_str());
    let known: Vec<_> = names.map(|name| (vec![name], vec![name])).collect();
    let matched = roster.matched(&known);
    let found = matched.people.iter().flatten().count();
    assert_eq!(
        found + matched.others(&roster).len(),
        known.len(),
        "{text:?}"
    );
}

/// The arguments of the grader, each after a zero byte.
pub fn arguments(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let words: Vec<&str> = text.split('\0').collect();
    command::parses(&words);
    for word in words {
        let word = quoted(word);
        assert!(!visible(&word).contains('\x1b'), "{word:?}");
    }
}

/// What the compiler says of a submission, in lines of JSON that quote it.
pub fn messages(bytes: &[u8]) {
    fuzzed_messages(&String::from_utf8_lossy(bytes));
}

/// What the compiler makes of a submission, in its own language.
pub fn mir(bytes: &[u8]) {
    fuzzed_mir(bytes);
}

/// A text of a submission's own, as it is shown: on as many lines as it has, with
/// nothing in it that moves the cursor or colours the terminal.
pub fn shown(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let shown = visible(&text);
    assert_eq!(text.matches('\n').count(), shown.matches('\n').count());
    assert!(
        !shown.contains(|c: char| c.is_control() && c != '\n'),
        "{shown:?}"
    );
    assert_eq!(visible(&shown), shown);
}

/// Sources that are compared with each other, each after a zero byte, the first one
/// the starter: whatever is said to be alike is there, in both.
pub fn alike(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let file = |text: &str| Files::from([("src/lib.rs".to_owned(), text.to_owned())]);
    let sources: Vec<Files> = text.split('\0').map(file).collect();
    let submissions = Submissions {
        class: sources.iter().skip(1).collect(),
        past: sources.iter().skip(1).take(1).collect(),
        starter: sources.first(),
        given: Vec::new(),
    };
    for pair in similarity::pairs(&submissions, 1).pairs {
        assert!((1..=100).contains(&pair.percent()), "{pair:?}");
        let longest = sources.iter().flat_map(Files::values);
        let longest = longest.map(|text| text.lines().count()).max();
        for region in pair.regions.iter().flatten() {
            let (first, last) = region.lines;
            let is_there = 1 <= first && first <= last && Some(last as usize) <= longest;
            assert!(is_there, "{pair:?}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::TARGETS;

    /// What a fuzzer starts from, and what it has found before.
    #[test]
    fn no_reader_falls_over_what_was_found_before() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/readers/seeds");
        for (name, target) in TARGETS {
            let mut count = 0;
            for seed in std::fs::read_dir(folder.join(name)).unwrap() {
                let bytes = std::fs::read(seed.unwrap().path()).unwrap();
                target(&bytes);
                for cut in [1, bytes.len() / 2] {
                    target(&bytes[..bytes.len().saturating_sub(cut)]);
                }
                count += 1;
            }
            assert!(count > 0, "{name} has no seed");
        }
    }
}
