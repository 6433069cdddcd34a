//! Attributes that are unsafe (`#[unsafe(naked)]`), which a submission may not have.
//!
//! `-F unsafe_code` refuses most of them, but not all at all places: in Rust 1.95
//! `naked` is not refused anywhere, and `link_section` not at methods. By the one a
//! submission could have machine code of its own run, which no step tells of, and by
//! the other its bytes be called before `main`.
//!
//! From the edition of 2024 on each of them has the word `unsafe` before it. Where
//! that word is in no source, no macro can make it. Where it is in one, it may mean
//! nothing (a type, a macro's word, a part that is not compiled); so what counts is
//! the crate after all macros, as rustc writes it (`-Zunpretty=expanded`). That is
//! not read as Rust: what rustc writes of a macro's tokens may read as others, such
//! as the beginning of a comment. But each attribute that is unsafe begins alike. In a
//! crate that has the word, a comment or a text that tells of one counts as one.
//!
//! And the lint does not look into what the macros of another crate make. Those of a
//! submission's library are another crate's in its program.

use std::collections::BTreeMap;

use ra_ap_rustc_lexer::{FrontmatterAllowed, TokenKind, strip_shebang, tokenize};

/// How rustc writes the beginning of an attribute that is unsafe, inner or not.
const UNSAFE: &str = "[unsafe(";

/// Most bytes that a crate may have when its macros are expanded.
pub(super) const LIMIT: u64 = 64 << 20;

/// Whether the word `unsafe` is in one of these sources, and no comment's or text's.
pub(super) fn may_be_in(sources: &BTreeMap<String, String>) -> bool {
    sources.values().any(|source| has(source, &["unsafe"]))
}

/// Why a crate of a library and a program may not be graded for the macros that the
/// one has for the other, if it may not, from its sources.
pub(super) fn macros_refused(sources: &BTreeMap<String, String>) -> Option<String> {
    let in_one = |words: &[&str]| sources.values().any(|source| has(source, words));
    let refused = in_one(&["macro_export"]) && in_one(&["unsafe", "global_asm"]);
    refused.then(|| {
        "this crate exports macros (`macro_export`) and has the word `unsafe` or `global_asm`: \
         the compiler does not look for unsafe code in what the macros of a library make of a \
         program; leave one of them out"
            .to_owned()
    })
}

/// Whether a source has one of these words, outside of comments and texts.
fn has(source: &str, words: &[&str]) -> bool {
    let is_there = |text: &str| tokens(text).any(|word| words.contains(&word));
    words.iter().any(|word| source.contains(word)) && readings(source).any(is_there)
}

/// What of a source is Rust: a first line that names an interpreter is none, where a file
/// of a crate begins with it; where it is included, it may be.
pub(super) fn readings(source: &str) -> impl Iterator<Item = &str> {
    let source = source.strip_prefix('\u{feff}').unwrap_or(source);
    let behind_the_first_line = strip_shebang(source).map(|length| &source[length..]);
    [Some(source), behind_the_first_line].into_iter().flatten()
}

/// Why a crate may not be graded, if it may not, from what its macros have made it.
pub(super) fn refusal(expanded: &[u8]) -> Option<String> {
    if expanded.len() as u64 > LIMIT {
        return Some(
            "the macros of this crate make more of it than any exercise needs, too much to look \
             through"
                .to_owned(),
        );
    }
    let expanded = String::from_utf8_lossy(expanded);
    let (_, after) = expanded.split_once(UNSAFE)?;
    let name = tokens(after).next().unwrap_or_default();
    Some(format!(
        "unsafe code is not allowed in a submission (the attribute `unsafe({name})`, which no \
         comment may have either); everything here can be written in safe Rust"
    ))
}

/// The names and keywords of a text; `r#name` is the same name.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let is_name = |kind| matches!(kind, TokenKind::Ident | TokenKind::RawIdent);
    words(text).filter_map(move |(kind, word)| is_name(kind).then_some(word))
}

/// What a text is made of but for spaces and comments, with its kind; `r#name` is told as
/// the name.
pub(super) fn words(text: &str) -> impl Iterator<Item = (TokenKind, &str)> {
    let mut at = 0;
    tokenize(text, FrontmatterAllowed::No).filter_map(move |token| {
        let word = &text[at..at + token.len as usize];
        at += word.len();
        match token.kind {
            TokenKind::Whitespace
            | TokenKind::LineComment { .. }
            | TokenKind::BlockComment { .. } => None,
            TokenKind::RawIdent => Some((token.kind, word.strip_prefix("r#").unwrap_or(word))),
            kind => Some((kind, word)),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(texts: &[&str]) -> BTreeMap<String, String> {
        let named = texts.iter().enumerate();
        named
            .map(|(number, text)| (format!("src/{number}.rs"), (*text).to_owned()))
            .collect()
    }

    #[test]
    fn attributes_are_found_whatever_the_text_around_them_reads_like() {
        for text in [
            "#[unsafe(naked)]\nfn f() {}",
            "#![unsafe(naked)]",
            "#!/bin/sh \"\n#[unsafe(naked)] fn f() {}",
            "#[rustfmt::skip(/*)] fn g() {} #[unsafe(naked)] fn f() {}",
        ] {
            let why = refusal(text.as_bytes()).expect("it is refused");
            assert!(why.contains("`unsafe(naked)`"), "{why}");
        }
        for text in [
            "type F = unsafe fn(u8); const Q: u8 = unsafe { 1 };",
            "macro_rules! kind { (unsafe ($t:tt)) => {} }",
        ] {
            assert_eq!(refusal(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn the_word_is_found_where_it_is_one() {
        for text in [
            "m!(unsafe);",
            "#!/bin/sh \"\nunsafe",
            "\u{feff}#!/bin/sh '\nunsafe",
        ] {
            assert!(may_be_in(&sources(&["", text])), "{text}");
        }
        let other =
            "// unsafe\n/* unsafe */ const TEXT: &str = \"unsafe\"; const R: &str = r#\"unsafe\"#;";
        assert!(!may_be_in(&sources(&[other, "fn unsafely() {}"])));
    }

    #[test]
    fn a_program_has_no_macro_of_a_library_that_could_be_unsafe() {
        let exports = "#[macro_export] macro_rules! m { ($u:tt) => { $u {} } }";
        assert!(macros_refused(&sources(&[exports, "m!(unsafe);"])).is_some());
        assert!(macros_refused(&sources(&[exports, "m!(global_asm);"])).is_some());
        let raw = "#[r#macro_export] macro_rules! m { () => { core::arch::r#global_asm!(\"\"); } }";
        assert!(macros_refused(&sources(&[raw])).is_some());
        assert_eq!(
            macros_refused(&sources(&[exports, "m!(loop); // unsafe"])),
            None
        );
        assert_eq!(macros_refused(&sources(&["type F = unsafe fn();"])), None);
    }
}
