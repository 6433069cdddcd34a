//! What may be somebody's name.

use std::fmt;
use std::sync::Arc;

/// A name that keeps the rules; names are ordered by their bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name(Arc<str>);

impl Name {
    const LONGEST: usize = 20;

    /// What is wrong with a text that is no name.
    pub(crate) const RULE: &str = "a name is 1 to 20 of A-Z a-z 0-9 _ -";

    pub(crate) fn parse(text: &str) -> Option<Name> {
        let fits = (1..=Self::LONGEST).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
        fits.then(|| Name(text.into()))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_are_kept_to_the_letter() {
        for good in ["a", "Z_9-", "abcdefghijklmnopqrst"] {
            assert!(Name::parse(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "abcdefghijklmnopqrstu",
            "a b",
            "a.b",
            "zoë",
            "a\n",
            "/who",
        ] {
            assert!(Name::parse(bad).is_none(), "{bad}");
        }
    }
}
