//! Bytes that went over a connection, through a terminal or into a file.

use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bytes, most of which are text.
///
/// In JSON they are a text where they are UTF-8, and a list of numbers where
/// they are not; shown (`Display`), a text in quotes with escapes for what
/// cannot be printed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Bytes(pub Vec<u8>);

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        Bytes(bytes.to_vec())
    }
}

impl From<&str> for Bytes {
    fn from(text: &str) -> Self {
        Bytes(text.as_bytes().to_vec())
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(&self.0) {
            Ok(text) => serializer.serialize_str(text),
            Err(_) => self.0.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Text(String),
            Numbers(Vec<u8>),
        }
        Ok(Bytes(match Form::deserialize(deserializer)? {
            Form::Text(text) => text.into_bytes(),
            Form::Numbers(bytes) => bytes,
        }))
    }
}

/// Bytes that are shown before the rest is counted.
const SHOWN: usize = 60;

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = &self.0[..];
        if self.0.len() > SHOWN + 20 {
            shown = &self.0[..SHOWN];
            // A character that would be cut is left to the rest.
            if let Err(error) = std::str::from_utf8(shown)
                && error.error_len().is_none()
            {
                shown = &shown[..error.valid_up_to()];
            }
        }
        f.write_str("\"")?;
        for chunk in shown.utf8_chunks() {
            write!(f, "{}", chunk.valid().escape_debug())?;
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        f.write_str("\"")?;
        match self.0.len() - shown.len() {
            0 => Ok(()),
            rest => write!(f, " and {rest} more bytes"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_text_in_json_and_other_bytes_are_numbers() {
        for (bytes, json) in [(&b"h\xc3\xa4\n"[..], "\"hä\\n\""), (b"a\xff", "[97,255]")] {
            let bytes = Bytes::from(bytes);
            assert_eq!(serde_json::to_string(&bytes).unwrap(), json);
            assert_eq!(serde_json::from_str::<Bytes>(json).unwrap(), bytes);
        }
    }

    #[test]
    fn what_cannot_be_printed_is_escaped_and_what_is_long_is_cut() {
        assert_eq!(
            Bytes::from(&b"a\r\n\xffb\0"[..]).to_string(),
            r#""a\r\n\xffb\0""#
        );
        let long = Bytes(b"x".repeat(100)).to_string();
        assert!(long.ends_with("x\" and 40 more bytes"), "{long}");
    }
}
