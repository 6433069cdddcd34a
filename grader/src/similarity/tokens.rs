//! A source as tokens of which only the kind is left, with the lines that they are
//! in. Any text has tokens, even one that is no Rust.

use ra_ap_rustc_lexer::{FrontmatterAllowed, LiteralKind, TokenKind, tokenize};

/// A token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    /// Equal for tokens that differ in a name or in a value only.
    pub(super) kind: u8,
    /// The line that it begins in, from 1.
    pub(super) line: u32,
    /// The file that it is in, by its number.
    pub(super) file: u16,
}

/// Words that are no names. What is a keyword at some places only is none here.
const KEYWORDS: [&str; 39] = [
    "Self", "as", "async", "await", "box", "break", "const", "continue", "crate", "dyn", "else",
    "enum", "extern", "false", "fn", "for", "if", "impl", "in", "let", "loop", "match", "mod",
    "move", "mut", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true",
    "type", "unsafe", "use", "where", "while",
];
/// The kind of the first keyword; those of the others follow.
const FIRST_KEYWORD: u8 = 100;

/// The tokens of a file. Declarations of what is used tell of names only, and are
/// left out, as comments and blanks are.
pub(super) fn tokens(text: &str, file: u16) -> Vec<Token> {
    let mut tokens = Vec::new();
    let (mut at, mut line) = (0, 1);
    let mut in_use = false;
    for token in tokenize(text, FrontmatterAllowed::No) {
        let words = &text[at..at + token.len as usize];
        let began = line;
        at += words.len();
        line += words.bytes().filter(|byte| *byte == b'\n').count() as u32;
        let Some(kind) = kind(token.kind, words) else {
            continue;
        };
        if words == "use" {
            in_use = true;
        }
        if in_use {
            in_use = is_of_use(token.kind, words);
            // The semicolon is the last of it; what cannot be in it is none.
            if in_use || token.kind == TokenKind::Semi {
                continue;
            }
        }
        tokens.push(Token {
            kind,
            line: began,
            file,
        });
    }
    tokens
}

/// Whether a declaration of what is used goes on with this.
fn is_of_use(kind: TokenKind, words: &str) -> bool {
    match kind {
        TokenKind::Ident => {
            let names = ["use", "as", "crate", "self", "super"];
            names.contains(&words) || !KEYWORDS.contains(&words)
        }
        TokenKind::RawIdent
        | TokenKind::Colon
        | TokenKind::Comma
        | TokenKind::Star
        | TokenKind::OpenBrace
        | TokenKind::CloseBrace => true,
        _ => false,
    }
}

/// The kind as a number; none of what makes no difference.
fn kind(kind: TokenKind, words: &str) -> Option<u8> {
    let number = match kind {
        TokenKind::LineComment { .. }
        | TokenKind::BlockComment { .. }
        | TokenKind::Whitespace
        | TokenKind::Frontmatter { .. }
        | TokenKind::Eof => return None,
        TokenKind::Ident => match KEYWORDS.binary_search(&words) {
            // There are few of them.
            Ok(place) => FIRST_KEYWORD + place as u8,
            Err(_) => 1,
        },
        TokenKind::RawIdent | TokenKind::InvalidIdent | TokenKind::ForcedKeywordIdent => 1,
        TokenKind::UnknownPrefix | TokenKind::GuardedStrPrefix | TokenKind::Unknown => 2,
        TokenKind::Lifetime { .. } | TokenKind::RawLifetime | TokenKind::UnknownPrefixLifetime => 3,
        TokenKind::Literal { kind, .. } => match kind {
            LiteralKind::Int { .. } | LiteralKind::Float { .. } => 4,
            LiteralKind::Char { .. } | LiteralKind::Byte { .. } => 5,
            LiteralKind::Str { .. }
            | LiteralKind::ByteStr { .. }
            | LiteralKind::CStr { .. }
            | LiteralKind::RawStr { .. }
            | LiteralKind::RawByteStr { .. }
            | LiteralKind::RawCStr { .. } => 6,
        },
        TokenKind::Semi => 10,
        TokenKind::Comma => 11,
        TokenKind::Dot => 12,
        TokenKind::OpenParen => 13,
        TokenKind::CloseParen => 14,
        TokenKind::OpenBrace => 15,
        TokenKind::CloseBrace => 16,
        TokenKind::OpenBracket => 17,
        TokenKind::CloseBracket => 18,
        TokenKind::At => 19,
        TokenKind::Pound => 20,
        TokenKind::Tilde => 21,
        TokenKind::Question => 22,
        TokenKind::Colon => 23,
        TokenKind::Dollar => 24,
        TokenKind::Eq => 25,
        TokenKind::Bang => 26,
        TokenKind::Lt => 27,
        TokenKind::Gt => 28,
        TokenKind::Minus => 29,
        TokenKind::And => 30,
        TokenKind::Or => 31,
        TokenKind::Plus => 32,
        TokenKind::Star => 33,
        TokenKind::Slash => 34,
        TokenKind::Caret => 35,
        TokenKind::Percent => 36,
    };
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<u8> {
        tokens(text, 0).iter().map(|token| token.kind).collect()
    }

    #[test]
    fn names_values_comments_and_blanks_make_no_difference() {
        assert!(KEYWORDS.is_sorted());
        let one = "fn add(&self) -> u64 { /* now */ self.total.lock().unwrap() + 17 }";
        let other = "// Adds.\nfn r#fn( & self)->usize{\nself .x.y( ).z()+ 0x1_u8 } // end";
        assert_eq!(kinds(one), kinds(other));
        assert_ne!(kinds(one), kinds(&one.replace("fn", "const")));
        assert_ne!(kinds(one), kinds(&one.replace("17", "\"17\"")));
    }

    #[test]
    fn lines_are_told_and_what_is_used_is_not() {
        let text = "use std::{fmt, io::*};\npub use a as b;\n\nfn x(\n) {}";
        let lines: Vec<u32> = tokens(text, 0).iter().map(|token| token.line).collect();
        // What is before `use` is left.
        assert_eq!(lines, [2, 4, 4, 4, 5, 5, 5]);
        assert_eq!(kinds("+ use<'a>"), kinds("+ <'b>"));
    }

    #[test]
    fn any_text_has_tokens() {
        for text in [
            "",
            "\u{0}\u{202e}",
            "\"open",
            "/* open",
            "r#\"",
            "'",
            "#!/bin/sh\n--- é 0x",
        ] {
            let _ = tokens(text, 0);
        }
        assert!(tokens("fn x( \"open\nand on", 0).len() >= 4);
    }
}
