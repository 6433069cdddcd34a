//! A submission as another student could have written it: local names, comments and
//! the order of what stands in a file are others. What it does stays as it is.

use std::collections::{BTreeMap, BTreeSet};

use ra_ap_rustc_lexer::{FrontmatterAllowed, TokenKind, tokenize};

use crate::random::Random;

/// Words that comments are made of.
const WORDS: [&str; 12] = [
    "checks", "keeps", "the", "next", "one", "waits", "for", "it", "then", "gives", "back", "all",
];

/// Sources, by the files' names.
pub(crate) type Files = BTreeMap<String, String>;

/// A token and its text.
type Piece<'a> = (TokenKind, &'a str);

/// The same program in other words: what they are follows from the seed.
pub(crate) fn variant(files: &Files, seed: u64) -> Files {
    let mut random = Random::new(seed);
    let locals = locals(files);
    let names: BTreeMap<&str, String> = locals
        .iter()
        .map(|name| (*name, format!("{name}_{:x}", random.below(0x1000))))
        .collect();
    files
        .iter()
        .map(|(file, text)| (file.clone(), told(text, &names, &mut random)))
        .collect()
}

/// A file in other words.
fn told(text: &str, names: &BTreeMap<&str, String>, random: &mut Random) -> String {
    let mut items = items(text);
    // What comes first may be about the whole file, and macros stand before their use.
    if items.len() > 2 && !text.contains("macro_rules!") {
        random.shuffle(&mut items[1..]);
    }
    let mut told = String::new();
    for (number, item) in items.iter().enumerate() {
        if number > 0 {
            told.push_str(&format!("\n\n// {}.", sentence(random)));
        }
        for (kind, piece) in item {
            let is_doc = ["///", "//!"].iter().any(|doc| piece.starts_with(doc));
            match (kind, names.get(piece)) {
                (TokenKind::Ident, Some(name)) => told.push_str(name),
                (TokenKind::LineComment { .. }, _) if !is_doc => {
                    told.push_str(&format!("// {}.", sentence(random)));
                }
                _ => told.push_str(piece),
            }
        }
    }
    told.push_str(&format!("\n// {:x}\n", random.next()));
    told
}

fn sentence(random: &mut Random) -> String {
    let words: Vec<&str> = (0..4).map(|_| WORDS[random.below(WORDS.len())]).collect();
    words.join(" ")
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut at = 0;
    tokenize(text, FrontmatterAllowed::No)
        .map(|token| {
            let from = at;
            at += token.len as usize;
            (token.kind, &text[from..at])
        })
        .collect()
}

fn is_code((kind, _): &Piece<'_>) -> bool {
    !matches!(
        kind,
        TokenKind::Whitespace | TokenKind::LineComment { .. } | TokenKind::BlockComment { .. }
    )
}

/// What stands in a file, one thing after the other, each with what is said before
/// it.
fn items(text: &str) -> Vec<Vec<Piece<'_>>> {
    let mut items = vec![Vec::new()];
    let (mut depth, mut is_value) = (0u32, false);
    for piece in pieces(text) {
        let (kind, words) = piece;
        if let Some(item) = items.last_mut() {
            item.push(piece);
        }
        match kind {
            TokenKind::OpenBrace | TokenKind::OpenParen | TokenKind::OpenBracket => depth += 1,
            TokenKind::CloseBrace | TokenKind::CloseParen | TokenKind::CloseBracket => {
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
        // What is declared with a value, or is used, ends with its semicolon only.
        is_value |= depth == 0 && matches!(words, "=" | "use");
        let ends = match kind {
            TokenKind::Semi => true,
            TokenKind::CloseBrace => !is_value,
            _ => false,
        };
        if depth == 0 && ends {
            items.push(Vec::new());
            is_value = false;
        }
    }
    items.retain(|item| !item.is_empty());
    items
}

/// Names that are declared by `let`, and that are nothing else anywhere: no field,
/// no parameter, no part of a path, and not named in a string.
fn locals(files: &Files) -> BTreeSet<&str> {
    let (mut declared, mut others) = (BTreeSet::new(), BTreeSet::new());
    let mut strings = String::new();
    for text in files.values() {
        let pieces: Vec<Piece<'_>> = pieces(text).into_iter().filter(is_code).collect();
        let word = |at: usize| pieces.get(at).map_or("", |(_, words)| *words);
        for (at, (kind, words)) in pieces.iter().enumerate() {
            if matches!(kind, TokenKind::Literal { .. }) {
                strings.push_str(words);
            }
            if *kind != TokenKind::Ident {
                continue;
            }
            let before = word(at.wrapping_sub(1));
            let (next, after) = (word(at + 1), word(at + 2));
            let two_before = word(at.wrapping_sub(2));
            if before == "let" || before == "mut" && two_before == "let" {
                declared.insert(*words);
            }
            // In `a..b` it is no field.
            let is_field = before == "." && two_before != ".";
            let is_path = before == ":" && two_before == ":" || next == ":" && after == ":";
            let may_be_short = matches!(before, "{" | ",") && matches!(next, "," | "}");
            let is_declared = ["fn", "mod", "struct", "const", "static", "type", "$", "'"];
            let is_named = next == ":" || next == "!" && after != "=";
            if is_field || is_path || may_be_short || is_named || is_declared.contains(&before) {
                others.insert(*words);
            }
        }
    }
    declared.retain(|name| {
        let is_plain = name.starts_with(|c: char| c.is_ascii_lowercase());
        is_plain && !others.contains(name) && !strings.contains(&format!("{{{name}"))
    });
    // Words of the language, as in `let mut`.
    for word in ["mut", "ref", "box"] {
        declared.remove(word);
    }
    declared
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "//! Doc.\n\nuse a::b;\n\nconst C: [u8; 2] = [1, 2];\n\n/// Says.\nfn say(who: u8) -> u8 {\n    // Now.\n    let told = who + 1;\n    let mut kept = P { told, kept: 1 };\n    let range = told..9;\n    println!(\"{range:?}\");\n    let twice = told * 2;\n    kept.kept = twice;\n    twice\n}\n\nstruct P {\n    told: u8,\n}\n";

    #[test]
    fn only_names_that_are_nothing_else_are_others() {
        let files = Files::from([("src/lib.rs".to_owned(), TEXT.to_owned())]);
        assert_eq!(locals(&files), BTreeSet::from(["twice"]));
    }

    #[test]
    fn a_variant_has_the_same_things_in_another_order_and_follows_from_its_seed() {
        let files = Files::from([("src/lib.rs".to_owned(), TEXT.to_owned())]);
        let texts: Vec<String> = (0..20)
            .map(|seed| variant(&files, seed)["src/lib.rs"].clone())
            .collect();
        assert_eq!(variant(&files, 7)["src/lib.rs"], texts[7]);
        let distinct: BTreeSet<&String> = texts.iter().collect();
        assert_eq!(distinct.len(), texts.len());
        let code = |text: &str| {
            let mut code: Vec<String> = pieces(text)
                .into_iter()
                .filter(is_code)
                .map(|(_, words)| words.split('_').next().unwrap_or(words).to_owned())
                .collect();
            code.sort();
            code
        };
        for text in &texts {
            assert!(text.starts_with("//! Doc."));
            assert_eq!(code(text), code(TEXT), "{text}");
        }
        let place = |text: &String| text.find("fn say") < text.find("struct P");
        assert!(texts.iter().any(place) && !texts.iter().all(place));
    }
}
