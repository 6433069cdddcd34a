//! Tests of the comparison, on the course's own fixtures and solutions.

use std::fs;
use std::path::{Path, PathBuf};

use ra_ap_rustc_lexer::{FrontmatterAllowed, LiteralKind, TokenKind, tokenize};

use super::*;

/// Fixtures that were written from one another.
const RELATED: [&str; 3] = [
    "right-ledgers-in-a-static",
    "right-one-lock",
    "right-total-may-panic",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

/// The sources of a crate.
fn sources(folder: &Path) -> Files {
    let walk = walkdir::WalkDir::new(folder.join("src"));
    let files = walk.into_iter().map(Result::unwrap);
    files
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let name = entry.path().strip_prefix(folder).unwrap();
            let text = fs::read_to_string(entry.path()).unwrap();
            (name.to_str().unwrap().to_owned(), text)
        })
        .collect()
}

/// An exercise: its starter, and right submissions in different styles.
struct Exercise {
    starter: Files,
    right: Vec<(String, Files)>,
}

fn exercises() -> Vec<Exercise> {
    let exercise = |starter: PathBuf| {
        let name = starter.file_name().unwrap();
        let fixtures = root().join("fixtures/submissions").join(name);
        let solution = root().join("solutions").join(name);
        let named = |folder: PathBuf| {
            let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
            (name, sources(&folder))
        };
        let fixtures = folders(&fixtures).into_iter().map(named);
        let mut right: Vec<_> = fixtures
            .filter(|(name, _)| name.starts_with("right-"))
            .collect();
        right.push(("the solution".to_owned(), sources(&solution)));
        let starter = sources(&starter);
        Exercise { starter, right }
    };
    let exercises = folders(&root().join("exercises"));
    exercises.into_iter().map(exercise).collect()
}

fn class<'a>(class: &[&'a Files], starter: Option<&'a Files>) -> Submissions<'a> {
    Submissions {
        class: class.to_vec(),
        starter,
        ..Submissions::default()
    }
}

/// A copy with other names, other numbers, other comments and another order.
fn disguised(text: &str) -> String {
    // Whatever stands at the beginning of a line after an empty one.
    let mut pieces = vec![String::new()];
    for line in text.lines() {
        let begins_new = pieces.last().is_some_and(|piece| piece.ends_with("\n\n"));
        if begins_new && !line.is_empty() && !line.starts_with([' ', '}']) {
            pieces.push(String::new());
        }
        let piece = pieces.last_mut().unwrap();
        *piece += line;
        *piece += "\n";
    }
    pieces.reverse();
    let turned = pieces.concat();
    let mut copy = String::new();
    let mut at = 0;
    for token in tokenize(&turned, FrontmatterAllowed::No) {
        let words = &turned[at..at + token.len as usize];
        at += words.len();
        match token.kind {
            TokenKind::LineComment { .. } => copy += "// Mine.",
            TokenKind::Ident if tokens::tokens(words, 0) == tokens::tokens("name", 0) => {
                copy += &format!("my_{words}");
            }
            TokenKind::Literal {
                kind: LiteralKind::Int { .. },
                ..
            } => copy += "17",
            _ => copy += words,
        }
        if token.kind == TokenKind::OpenBrace {
            copy += " /* I wrote this. */\n\n";
        }
    }
    copy
}

#[test]
fn a_copy_with_other_names_and_comments_in_another_order_is_found() {
    for Exercise { starter, right } in exercises() {
        for (name, files) in &right {
            let copy = files
                .iter()
                .map(|(name, text)| (name.replace("src/", "src/a_"), disguised(text)))
                .collect();
            let found = pairs(&class(&[files, &copy], Some(&starter)), THRESHOLD).pairs;
            let [pair] = &found[..] else {
                panic!("{name}: {found:?}");
            };
            assert_eq!((pair.one, pair.other), (0, Other::Class(1)));
            assert!(pair.percent() >= 90, "{name}: {pair:?}");
            assert!(pair.regions.iter().all(|[one, other]| {
                files.contains_key(&one.file) && copy.contains_key(&other.file)
            }));
        }
    }
}

#[test]
fn what_was_written_independently_is_not() {
    let mut compared = 0;
    for Exercise { starter, right } in exercises() {
        let all: Vec<&Files> = right.iter().map(|(_, files)| files).collect();
        compared += all.len();
        for pair in pairs(&class(&all, Some(&starter)), THRESHOLD).pairs {
            let Other::Class(other) = pair.other else {
                panic!("{pair:?}");
            };
            for name in [&right[pair.one].0, &right[other].0] {
                assert!(RELATED.contains(&name.as_str()), "{name}: {pair:?}");
            }
        }
    }
    assert!(compared > 40, "{compared}");
}

#[test]
fn who_hands_in_the_starter_is_like_the_starter_and_like_nobody_else() {
    for Exercise { starter, .. } in exercises() {
        let mut begun = starter.clone();
        for text in begun.values_mut() {
            text.insert_str(0, "// I have begun!\n");
        }
        let found = pairs(&class(&[&starter, &begun], Some(&starter)), 1).pairs;
        assert_eq!(found.len(), 2, "{found:?}");
        for (place, pair) in found.iter().enumerate() {
            assert_eq!((pair.one, pair.other), (place, Other::Starter));
            assert_eq!(pair.percent(), 100);
        }
        // What else was given counts for nothing either.
        let given = Submissions {
            starter: None,
            given: vec![&starter],
            ..class(&[&starter, &begun], None)
        };
        assert_eq!(pairs(&given, 1), Found::default());
    }
}

#[test]
fn it_makes_no_difference_who_is_first_and_the_same_is_alike_in_all() {
    for Exercise { right, .. } in exercises() {
        for two in right.windows(2) {
            let (one, other) = (&two[0].1, &two[1].1);
            let [found, turned] =
                [[one, other], [other, one]].map(|two| pairs(&class(&two, None), 1).pairs.pop());
            let turned = turned.map(|mut pair| {
                pair.tokens.reverse();
                pair.of.reverse();
                for regions in &mut pair.regions {
                    regions.reverse();
                }
                pair.regions.sort();
                pair
            });
            assert_eq!(found, turned, "{} and {}", two[0].0, two[1].0);
            let same = &pairs(&class(&[one, one], None), 100).pairs[0];
            assert_eq!((same.tokens, same.shares()), (same.of, [100, 100]));
        }
    }
}

#[test]
fn past_years_are_compared_with_the_class_and_what_many_have_counts_for_nothing() {
    let exercise = exercises().remove(0);
    let one = &exercise.right[0].1;
    let past = Submissions {
        past: vec![one, one],
        ..class(&[one], None)
    };
    let others = pairs(&past, 100).pairs;
    let others: Vec<Other> = others.iter().map(|pair| pair.other).collect();
    assert_eq!(others, [Other::Past(0), Other::Past(1)]);
    let same = pairs(&class(&[one; COMMON], None), 100);
    assert_eq!((same.pairs.len(), same.not_compared), (15, 0));
    let common = pairs(&class(&[one; COMMON + 1], None), 100);
    assert_eq!(common, Found::default());
}

#[test]
fn what_does_not_lex_or_says_the_same_for_ever_is_compared_all_the_same() {
    let files = |text: String| Files::from([("src/lib.rs".to_owned(), text)]);
    let broken = files(format!(
        "{} \" é 'x {}",
        "a ( b ] ; ".repeat(30),
        "{ ".repeat(90)
    ));
    let endless = files("let x = x + 1;\n".repeat(4_000));
    for one in [&broken, &endless] {
        let found = pairs(&class(&[one, one], None), 100).pairs;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].regions[0][0].lines.0, 1);
    }
    let nothing = pairs(&class(&[&files(String::new()); 3], None), 1);
    assert_eq!(nothing, Found::default());
}

#[test]
fn how_many_more_there_are_than_are_compared_is_told() {
    let one = &exercises().remove(0).right[0].1;
    let nothing = Files::new();
    // As many copies as are not common in a class of this size.
    let (copies, others) = (33, 132);
    let mut all = vec![one; copies];
    all.resize(copies + others, &nothing);
    let found = pairs(&class(&all, None), 100);
    assert_eq!(found.pairs.len(), MOST);
    assert_eq!(found.not_compared, copies * (copies - 1) / 2 - MOST);
}
