//! The sources of one, as tokens.

use super::Files;
use super::fingerprints::{GRAM, gram};
use super::tokens::{Token, tokens};

/// Most tokens that are compared. What anybody writes by hand is far less.
const MOST: usize = 60_000;

/// Lines of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Region {
    /// The file's name.
    pub(crate) file: String,
    /// The first line and the last one, from 1.
    pub(crate) lines: (u32, u32),
}

/// The tokens of somebody's sources, file by file.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) tokens: Vec<Token>,
    /// For each place the gram that begins there; none where the file ends before.
    pub(super) grams: Vec<Option<u64>>,
    files: Vec<String>,
}

impl Document {
    pub(super) fn read(files: &Files) -> Document {
        let mut all = Vec::new();
        // A submission has far fewer files.
        for (number, text) in (0..=u16::MAX).zip(files.values()) {
            all.extend(tokens(text, number));
        }
        all.truncate(MOST);
        Document {
            grams: grams(&all),
            tokens: all,
            files: files.keys().cloned().collect(),
        }
    }

    /// The lines of some tokens of one file.
    pub(super) fn region(&self, from: usize, count: usize) -> Region {
        let (first, last) = (self.tokens[from], self.tokens[from + count - 1]);
        Region {
            file: self.files[usize::from(first.file)].clone(),
            lines: (first.line, last.line),
        }
    }
}

fn grams(tokens: &[Token]) -> Vec<Option<u64>> {
    let gram_at = |place: usize| {
        let gram_at = tokens.get(place..place + GRAM)?;
        let is_whole = gram_at[0].file == gram_at[GRAM - 1].file;
        is_whole.then(|| gram(gram_at.iter().map(|token| token.kind)))
    };
    (0..tokens.len()).map(gram_at).collect()
}
