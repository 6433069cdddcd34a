//! Attributes that are unsafe (`#[unsafe(naked)]`), which a submission may not have.
//!
//! `-F unsafe_code` refuses most of them, but not all at all places: in Rust 1.95
//! `naked` is not refused anywhere, and `link_section` not at methods. By the one a
//! submission could have machine code of its own run, which no step tells of, and by
//! the other its bytes be called before `main`.
//!
//! From the edition of 2024 on each of them has the word `unsafe` before it. Where
//! that word is in no source, no macro can make it. Where it is in one, it may mean
//! nothing (a comment, a type, a macro's word, a part that is not compiled); so what
//! counts is the crate after all macros, as rustc writes it (`-Zunpretty=expanded`).
//! In that no parenthesis can follow the word but an attribute's.

use ra_ap_rustc_lexer::{FrontmatterAllowed, TokenKind, strip_shebang, tokenize};

/// Most bytes that a crate may have when its macros are expanded.
pub(super) const LIMIT: u64 = 64 << 20;

/// Whether the word `unsafe` may be in a source.
pub(super) fn may_be_in(source: &str) -> bool {
    source.contains("unsafe")
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
    // rustc writes a source's first line as it stands, where that names an interpreter.
    let text = &expanded[strip_shebang(&expanded).unwrap_or(0)..];
    let mut tokens = tokens(text).peekable();
    while let Some((_, words)) = tokens.next() {
        if words != "unsafe"
            || tokens
                .peek()
                .is_none_or(|next| next.0 != TokenKind::OpenParen)
        {
            continue;
        }
        let name = tokens.nth(1).map_or("", |(_, words)| words);
        return Some(format!(
            "unsafe code is not allowed in a submission (the attribute `unsafe({name})`); \
             everything here can be written in safe Rust"
        ));
    }
    None
}

/// The tokens of a text with their words, without comments and blanks.
fn tokens(text: &str) -> impl Iterator<Item = (TokenKind, &str)> {
    let mut at = 0;
    tokenize(text, FrontmatterAllowed::No)
        .map(move |token| {
            let words = &text[at..at + token.len as usize];
            at += words.len();
            (token.kind, words)
        })
        .filter(|(kind, _)| {
            !matches!(
                kind,
                TokenKind::Whitespace
                    | TokenKind::LineComment { .. }
                    | TokenKind::BlockComment { .. }
            )
        })
}

#[cfg(test)]
mod tests {
    use super::refusal;

    #[test]
    fn an_attribute_is_told_from_a_block_a_type_and_words() {
        let naked = refusal(b"#[unsafe /* so */ (naked)]\nfn f() {}").expect("refused");
        assert!(naked.contains("`unsafe(naked)`"), "{naked}");
        let right = [
            "type F = unsafe fn(u8); const Q: u8 = unsafe { 1 };",
            "const TEXT: &str = \"unsafe(naked)\"; // unsafe(naked)",
            "fn r#unsafe() {} fn unsafely() { r#unsafe() }",
            "unsafe",
        ];
        for text in right {
            assert_eq!(refusal(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_first_line_hides_nothing() {
        let hidden = b"#!/bin/sh \"\n#[unsafe(naked)] fn f() {} // \"";
        assert!(refusal(hidden).is_some());
    }
}
