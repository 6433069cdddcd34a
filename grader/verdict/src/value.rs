//! Arguments and results of recorded calls.

use serde::{Deserialize, Serialize};

/// An argument or a result of a call, as plain data.
///
/// In JSON it is the plain value: `null`, `true`, `7`, `"text"`, `[...]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// Nothing, as `()`.
    Unit,
    /// A truth value.
    Bool(bool),
    /// A whole number that is not negative.
    Number(u64),
    /// A text.
    Text(String),
    /// Several values. A variant with fields is written as a list that begins
    /// with its name: `["InsufficientFunds", 40, 60]`.
    List(Vec<Value>),
}

impl Value {
    /// The number, if this is one.
    pub fn as_number(&self) -> Option<u64> {
        match self {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The text, if this is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The items, if this is a list.
    pub fn as_list(&self) -> Option<&[Value]> {
        match self {
            Value::List(items) => Some(items),
            _ => None,
        }
    }
}

/// Most bytes of a file that are recorded as they are.
const RECORDED: usize = 4096;

/// What a file holds, as it is recorded: a text where it is a short one, and
/// else `[length, digest]`. Judges compare it with that of what they expect.
pub fn contents(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) if bytes.len() <= RECORDED => text.into(),
        _ => vec![Value::from(bytes.len()), Value::from(digest(bytes))].into(),
    }
}

/// What stands where the contents of a file would, for something that is none
/// or may not be read: what it is instead, as `a symbolic link`.
pub fn refused(what: &str) -> Value {
    vec![Value::from(what)].into()
}

/// What something is that was [`refused`], if it was.
pub fn is_refused(held: &Value) -> Option<&str> {
    match held.as_list()? {
        [what] => what.as_text(),
        _ => None,
    }
}

/// A file's name as it is recorded. Where it has bytes that are not UTF-8, or
/// characters that are not printed, those are escaped, and backslashes, too.
pub fn name(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.chars().any(hides) => text.to_owned(),
        _ => bytes.utf8_chunks().fold(String::new(), |mut name, chunk| {
            for char in chunk.valid().chars() {
                match char == '\\' || hides(char) {
                    true => name.extend(char.escape_default()),
                    false => name.push(char),
                }
            }
            for byte in chunk.invalid() {
                name.push_str(&format!("\\x{byte:02x}"));
            }
            name
        }),
    }
}

/// Whether a character changes how what is around it looks.
fn hides(char: char) -> bool {
    let turns = matches!(char, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2028}'..='\u{2029}' | '\u{2066}'..='\u{2069}');
    turns || char.is_control()
}

/// FNV-1a, which needs no library and tells files apart that nobody has made to
/// look alike.
fn digest(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

impl From<()> for Value {
    fn from((): ()) -> Self {
        Value::Unit
    }
}
impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Bool(value)
    }
}
impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Value::Number(value)
    }
}
impl From<usize> for Value {
    fn from(value: usize) -> Self {
        Value::Number(value as u64)
    }
}
impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Value::Text(value.to_owned())
    }
}
impl From<String> for Value {
    fn from(value: String) -> Self {
        Value::Text(value)
    }
}
impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        Value::List(items.into_iter().map(Into::into).collect())
    }
}

/// As a person would write it: `withdraw(60)` has the argument `60`, a variant
/// with fields reads `InsufficientFunds(40, 60)`.
impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Value::Unit => f.write_str("()"),
            Value::Bool(value) => write!(f, "{value}"),
            Value::Number(value) => write!(f, "{value}"),
            Value::Text(text) if is_name(text) => f.write_str(text),
            Value::Text(text) => write!(f, "{text:?}"),
            Value::List(items) => match items.as_slice() {
                [Value::Text(name), fields @ ..] if is_name(name) && !fields.is_empty() => {
                    f.write_str(name)?;
                    write_list(f, fields, '(', ')')
                }
                items => write_list(f, items, '[', ']'),
            },
        }
    }
}

/// Whether a text is a variant's name (`Ok`, `Overflow`) and not just text.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.chars().all(|c| c.is_ascii_alphanumeric())
}

fn write_list(
    f: &mut std::fmt::Formatter<'_>,
    items: &[Value],
    open: char,
    close: char,
) -> std::fmt::Result {
    write!(f, "{open}")?;
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            f.write_str(", ")?;
        }
        write!(f, "{item}")?;
    }
    write!(f, "{close}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_as_a_person_would_write_them() {
        let refused = Value::List(vec![
            "Err".into(),
            Value::List(vec!["InsufficientFunds".into(), 40u64.into(), 60u64.into()]),
        ]);
        assert_eq!(refused.to_string(), "Err(InsufficientFunds(40, 60))");
        assert_eq!(Value::from("a b").to_string(), "\"a b\"");
        assert_eq!(Value::Unit.to_string(), "()");
    }

    #[test]
    fn long_files_and_such_that_are_no_text_are_a_length_and_a_digest() {
        assert_eq!(contents(b"hello\n"), Value::from("hello\n"));
        // The empty input and "a" are vectors of FNV's authors.
        assert_eq!(digest(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(digest(b"a"), 0xaf63_dc4c_8601_ec8c);
        let long = vec![b'x'; RECORDED + 1];
        let expected = vec![Value::from(long.len()), Value::from(digest(&long))];
        assert_eq!(contents(&long), expected.into());
        let one = vec![Value::from(1usize), Value::from(digest(b"\xff"))];
        assert_eq!(contents(b"\xff"), one.into());
    }

    #[test]
    fn what_was_refused_is_told_from_every_content() {
        let link = refused("a symbolic link");
        assert_eq!(is_refused(&link), Some("a symbolic link"));
        for bytes in [&b"a symbolic link"[..], b"\xff", b""] {
            assert_eq!(is_refused(&contents(bytes)), None);
        }
        assert_eq!(is_refused(&Value::Unit), None);
    }

    #[test]
    fn names_are_escaped_where_they_would_mislead() {
        let table: [(&[u8], &str); 5] = [
            (b"a/b-1.ext", "a/b-1.ext"),
            ("gr\u{fc}n \\n".as_bytes(), "gr\u{fc}n \\n"),
            (b"a\nb\x1b[31m", "a\\nb\\u{1b}[31m"),
            (b"\xff\\x", "\\xff\\\\x"),
            ("\u{202e}fdp".as_bytes(), "\\u{202e}fdp"),
        ];
        for (bytes, expected) in table {
            assert_eq!(name(bytes), expected);
        }
    }

    #[test]
    fn values_are_plain_json() {
        let value = Value::List(vec!["Ok".into(), Value::Unit, 7u64.into(), true.into()]);
        let json = serde_json::to_string(&value).unwrap();
        assert_eq!(json, r#"["Ok",null,7,true]"#);
        assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), value);
    }
}
